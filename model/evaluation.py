"""How good a network is: on MNIST's splits, on labelled real pictures, and on generated ones.

python -m model.evaluation --real FOLDER          accuracy by folder and source, and a sheet of what went wrong
python -m model.evaluation --stress 100           accuracy on generated photos, that many in each condition
python -m model.evaluation --table runs           the README's table of recipes, from the reports of their runs
"""

import argparse
import json
import pathlib
import sys

import numpy as np
from sklearn.metrics import classification_report, confusion_matrix

from model import mnist
from model.classifier import SHIPPED, Classifier, NetworkError, load_classifier
from model.labelled import accuracy, accuracy_table, contact_sheet, read_labelled
from model.mnist import Mnist, Split
from model.network import Network
from model.stress import stress_pictures

CALIBRATION_BINS = 15


def evaluation(network: Network, data: Mnist) -> tuple[np.ndarray, dict]:
    """Measure a network on training, validation and test.

    Returns what it made of the test set, probabilities (n, 10), and the figures, ready for JSON: the score on each
    split, and the details of the test set.
    """
    probabilities = {name: network(split.images.astype(np.float32) / 255) for name, split in data._asdict().items()}
    scores = {name: score(probabilities[name], split.labels) for name, split in data._asdict().items()}
    return probabilities["test"], scores | details(probabilities["test"], data.test.labels)


def score(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Accuracy, error in percent, and loss: the mean cross-entropy in nats.

    Of probabilities (n, 10) and labels (n,), 0..9.
    """
    accuracy = float(np.mean(probabilities.argmax(axis=1) == labels))
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    loss = float(-np.log(of_label.clip(1e-7)).mean())  # as Keras clips it
    return {"accuracy": round(accuracy, 6), "error_percent": round(100 * (1 - accuracy), 4), "loss": round(loss, 6)}


def details(probabilities: np.ndarray, labels: np.ndarray) -> dict:
    """The confusion matrix (rows are the labels), precision, recall, F1 and support by digit, and calibration."""
    read, digits = probabilities.argmax(axis=1), list(range(10))
    return {
        "confusion_matrix": confusion_matrix(labels, read, labels=digits).tolist(),
        "classification_report": classification_report(labels, read, labels=digits, output_dict=True, zero_division=0),
        "expected_calibration_error": round(expected_calibration_error(probabilities, labels), 6),
    }


def calibration_bins(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """For equal bins of confidence: how many answers fell in, their mean confidence, and their accuracy; (bins, 3)."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    count = np.bincount(place, minlength=CALIBRATION_BINS)
    sums = [np.bincount(place, values, CALIBRATION_BINS) for values in (confidence, right)]
    return np.stack([count, *(total / np.maximum(count, 1) for total in sums)], axis=1)


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """How far confidence is from accuracy, on average over 15 bins (Guo et al. 2017, "On calibration")."""
    count, confidence, right = calibration_bins(probabilities, labels).T
    return float((count * np.abs(confidence - right)).sum() / count.sum())


def in_words(report: dict) -> str:
    """An evaluation for the terminal: the splits; precision, recall and F1 by digit; who was taken for whom."""
    lines = [f"{'':<12}accuracy   error      loss"]
    for name in Mnist._fields:
        split = report[name]
        lines.append(f"{name:<12}{split['accuracy']:8.2%}{split['error_percent']:7.2f} %{split['loss']:10.4f}")
    lines += [f"Expected calibration error on the test set: {report['expected_calibration_error']:.4f}", ""]
    lines += [f"{'':<14}precision    recall        F1   support"]
    for name, row in report["classification_report"].items():
        if isinstance(row, dict):
            figures = "".join(f"{row[key]:10.4f}" for key in ("precision", "recall", "f1-score"))
            lines.append(f"{name:<13}{figures}{row['support']:10.0f}")
    lines += ["", "label, and how often it was read as 0 to 9:"]
    for digit, row in enumerate(report["confusion_matrix"]):
        lines.append(f"{digit}  " + "".join(f"{count:6}" for count in row))
    return "\n".join(lines)


def stress_table(classifier: Classifier, digits: Split, count: int) -> str:
    """Accuracy in each of the stress set's conditions, on that many of the digits in each."""
    right = {}
    for condition, label, picture in stress_pictures(digits.images[:count], digits.labels[:count]):
        right.setdefault(condition, []).append(classifier.predict(picture).digit == label)
    return "\n".join(f"{condition:<12}{np.mean(each):7.3f}" for condition, each in right.items())


def recipes_table(runs: pathlib.Path, real: pathlib.Path | None) -> str:
    """A Markdown table of the runs in a folder, one row each, from their reports and, with ``real``, their networks."""
    from model.recipes import RECIPES

    kinds = ["drawn", "photos", "photos_small", "photos_wide"] if real else []
    head = ["recipe", "parameters", "s/epoch", "epochs", "test accuracy", "test loss", "published", *kinds]
    rows = [head, ["---"] * len(head)]
    for name, recipe in RECIPES.items():
        report = json.loads((runs / name / "metrics.json").read_text())
        row = [
            f"`{name}`",
            f"{report['parameters']:,}",
            f"{report['seconds_per_epoch']:.0f}",
            f"{report['epochs_run']}",
            f"{report['test']['accuracy']:.2%}",
            f"{report['test']['loss']:.4f}",
            recipe.published,
        ]
        if real:
            readings = read_labelled(real, load_classifier(runs / name / "digits.keras"))
            row += [f"{accuracy([r for r in readings if r.kind == kind]):.1%}" for kind in kinds]
        rows.append(row)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m model.evaluation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", type=pathlib.Path, metavar="FOLDER", help="labelled real pictures")
    parser.add_argument(
        "--sheet",
        type=pathlib.Path,
        default=pathlib.Path("misread.png"),
        metavar="FILE",
        help="contact sheet of the misread digits (default: %(default)s)",
    )
    parser.add_argument(
        "--network", type=pathlib.Path, default=SHIPPED, metavar="FILE", help="a saved network (default: the shipped)"
    )
    parser.add_argument(
        "--stress", type=int, metavar="N", help="picture N of MNIST's test digits in each condition, and read them"
    )
    parser.add_argument("--data", metavar="FILE", help="an mnist.npz for --stress (default: Keras's download)")
    parser.add_argument(
        "--table",
        type=pathlib.Path,
        metavar="RUNS",
        help="print the table of recipes; with --real their accuracy there",
    )
    options = parser.parse_args()
    if not (options.real or options.stress or options.table):
        parser.error("give --real, --stress or --table")
    try:
        if options.table:
            print(recipes_table(options.table, options.real))
            return
        if options.stress:
            print(stress_table(load_classifier(options.network), mnist.load(options.data).test, options.stress))
            return
        readings = read_labelled(options.real, load_classifier(options.network))
    except (NetworkError, mnist.DataError, OSError, ValueError, KeyError) as error:
        sys.exit(f"python -m model.evaluation: {error}")
    print(accuracy_table(readings))
    misread = [reading for reading in readings if not reading.right and reading.label is not None]
    contact_sheet(misread).save(options.sheet)
    print(f"{len(misread)} misread digits are on {options.sheet}.")


if __name__ == "__main__":
    main()
