"""Evaluate a network, format the report of an evaluation, and compare the reports of several runs."""

import json
import pathlib
import zlib

import numpy as np

from model.classifier import Classifier, load_classifier
from model.data.mnist import Mnist, Split
from model.data.not_digits import not_digits
from model.data.shapes import make_alphabet
from model.data.synthetic_photos import NUMBER_KINDS, PHOTO_KINDS, synthetic_photo
from model.errors import DigitPadError
from model.evaluation.labelled import accuracy, grouped, read_labelled
from model.evaluation.metrics import details, rejection_rate, score
from model.preparation.frame import Network, from_uint8

#: The columns of the table of recipes that come from the reports.
TABLE_HEAD = ("recipe", "parameters", "s/epoch", "epochs", "test accuracy", "test loss", "published")
#: Number and seed of the generated non-digits; no training run uses the seed.
NOT_DIGITS, NOT_DIGITS_SEED = 2_000, 10_007
#: Height and width of synthetic photos of one digit and of a number, in pixels.
PHOTO_SIZE, NUMBER_SIZE = (360, 480), (240, 640)
#: Seed of the synthetic photos and of the shapes written in them; no training run uses it.
SYNTHETIC_SEED = 10_009
#: Images that ``mnist_accuracy`` predicts at a time.
BATCH_SIZE = 500


class ReportError(DigitPadError):
    """The report of a training run cannot be read."""

    code = "invalid_data"


def evaluate(network: Network, data: Mnist) -> tuple[np.ndarray, dict]:
    """Evaluate a network on MNIST's splits, and on generated non-digits.

    Returns:
        The probabilities of the test images, (n, 10); and the report, ready for JSON: the ``score`` of each split, the
        ``details`` of the test split, and "not_digits_rejection_rate", 0..1.
    """
    answers = {name: network(from_uint8(split.images)) for name, split in data._asdict().items()}
    scores = {name: score(*answers[name], split.labels) for name, split in data._asdict().items()}
    others = not_digits(data.test, NOT_DIGITS, np.random.default_rng(NOT_DIGITS_SEED))
    _, not_digit = network(from_uint8(others.images))
    probabilities, _ = answers["test"]
    rejected = {"not_digits_rejection_rate": rejection_rate(not_digit)}
    return probabilities, scores | details(probabilities, data.test.labels) | rejected


def format_report(report: dict) -> str:
    """Format a report for the terminal: scores by split; precision, recall and F1 by digit; the confusion matrix."""
    lines = [f"{'':<12}accuracy   error      loss   rejection rate"]
    for name in Mnist._fields:
        split = report[name]
        figures = f"{split['accuracy']:8.2%}{split['error_percent']:7.2f} %{split['loss']:10.4f}"
        lines.append(f"{name:<12}{figures}{split['rejection_rate']:17.2%}")
    lines += [
        f"Expected calibration error on the test split: {report['expected_calibration_error']:.4f}",
        f"Rejection rate on generated non-digits: {report['not_digits_rejection_rate']:.2%}",
        "",
    ]
    lines += [f"{'':<14}precision    recall        F1   support"]
    for name, row in report["classification_report"].items():
        if isinstance(row, dict):
            figures = "".join(f"{row[key]:10.4f}" for key in ("precision", "recall", "f1-score"))
            lines.append(f"{name:<13}{figures}{row['support']:10.0f}")
    lines += ["", "Confusion matrix, a row per label and a column per answer, 0 to 9:"]
    for digit, row in enumerate(report["confusion_matrix"]):
        lines.append(f"{digit}  " + "".join(f"{count:6}" for count in row))
    return "\n".join(lines)


def synthetic_accuracy(classifier: Classifier, digits: Split, count: int) -> dict[str, float]:
    """Measure the accuracy on synthetic photos, of one digit or of a number in which all digits must be read.

    The photos depend on their kind's name and their index alone, not on the other kinds or on ``count``.

    Args:
        classifier: the classifier.
        digits: what the digits in the photos are made of, together with generated ones.
        count: the number of photos of each kind.

    Returns:
        For each of the PHOTO_KINDS and NUMBER_KINDS the accuracy, 0..1.
    """
    alphabet = make_alphabet(digits, np.random.default_rng(SYNTHETIC_SEED))
    accuracies = {}
    for kinds, size in ((PHOTO_KINDS, PHOTO_SIZE), (NUMBER_KINDS, NUMBER_SIZE)):
        for name, kind in kinds.items():
            correct = 0
            for index in range(count):
                rng = np.random.default_rng([SYNTHETIC_SEED, zlib.crc32(name.encode()), index])
                photo = synthetic_photo(alphabet, size, rng, kind)
                answer = [digit.digit for digit in classifier.predict(photo.pixels).digits]
                correct += answer == [character.label for character in photo.characters]
            accuracies[name] = correct / count
    return accuracies


def mnist_accuracy(classifier: Classifier, digits: Split) -> float:
    """Return the accuracy, 0..1, on images that are predicted as pictures; those without one digit are mistakes."""
    correct = 0
    for start in range(0, len(digits.labels), BATCH_SIZE):
        images, labels = (array[start : start + BATCH_SIZE] for array in digits)
        predictions = classifier.predict_many(images)
        correct += sum(prediction.digit == label for prediction, label in zip(predictions, labels, strict=True))
    return correct / len(digits.labels)


def recipes_table(runs: pathlib.Path, real: pathlib.Path | None = None) -> str:
    """Format a Markdown table of all runs in a folder, from their reports.

    Args:
        runs: a folder with a folder for each recipe, with its metrics.json and, if ``real`` is given, digits.keras.
        real: a folder of labelled real pictures; adds the accuracy on each kind of its digits and numbers.

    Raises:
        ReportError: a report cannot be read.
        LabelledError, NetworkError: the pictures or a network cannot be used.
    """
    rows, by_kind = [], {}
    # Ours first, then the others by name.
    for path in sorted(runs.glob("*/metrics.json"), key=lambda path: (path.parent.name != "default", path)):
        row = _table_row(path)
        if real:
            readings = read_labelled(real, load_classifier(path.with_name("digits.keras")))
            by_kind = grouped([reading for reading in readings if reading.label], "kind")
            row += [f"{accuracy(of_kind):.1%}" for of_kind in by_kind.values()]
        rows.append(row)
    if not rows:
        raise ReportError(f"{runs} holds no report of a training run.")
    head = [*TABLE_HEAD, *by_kind]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def _table_row(path: pathlib.Path) -> list[str]:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        return [
            f"`{report['recipe']}`",
            f"{report['parameters']:,}",
            f"{report['seconds_per_epoch']:.0f}",
            f"{report['epochs_run']}",
            f"{report['test']['accuracy']:.2%}",
            f"{report['test']['loss']:.4f}",
            report["published"],
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReportError(f"{path} is not the report of a training run.") from error
