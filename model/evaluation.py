"""How good a network is: on MNIST's splits, on labelled real pictures, and on generated ones.

python -m model.evaluation --real FOLDER          accuracy by folder and source, and a sheet of what went wrong
python -m model.evaluation --stress 100           accuracy on generated photos, that many in each condition
python -m model.evaluation --stress 100 --data mnist.npz    the same of MNIST's test digits, rather than drawn ones
python -m model.evaluation --table runs           the README's table of recipes, from the reports of their runs
"""

import argparse
import json
import pathlib
import sys

import numpy as np

from model import mnist
from model.classifier import SHIPPED, Classifier, load_classifier
from model.corruptions import CORRUPTIONS, corrupted
from model.labelled import LabelledError, accuracy, accuracy_table, contact_sheet, grouped, read_labelled
from model.metrics import details, score, share
from model.mnist import Mnist, Split
from model.not_digits import not_digits
from model.probabilities import Network, NetworkError
from model.stress import stress_pictures
from model.styles import written_digits
from model.tables import markdown_table

#: How many of the spoilt images go the whole way: it takes longer than the network alone.
WHOLE_WAY = 1_000
#: A seed that no training run has, for what is not a digit and was not trained on.
OTHERS_SEED = 10_007


def evaluation(network: Network, data: Mnist) -> tuple[np.ndarray, dict]:
    """Measure a network on training, validation and test, and on pictures of other things made for the purpose.

    Returns what it made of the test set, probabilities (n, 10), and the figures, ready for JSON: the score on each
    split, the details of the test set, and the share of the other things that are turned away.
    """
    answers = {name: network(scaled(split.images)) for name, split in data._asdict().items()}
    scores = {name: score(*answers[name], split.labels) for name, split in data._asdict().items()}
    others = not_digits(data.test, 2_000, np.random.default_rng(OTHERS_SEED))
    turned_away = {"not_digits_turned_away": share(network(scaled(others.images))[1] > 0.5)}
    probabilities = answers["test"][0]
    return probabilities, scores | details(probabilities, data.test.labels) | turned_away


def scaled(images: np.ndarray) -> np.ndarray:
    """Images, uint8 of 0..255, as frames, float32 of 0..1."""
    return images.astype(np.float32) / 255


def robustness(network: Network, digits: Split) -> dict[str, dict[str, float]]:
    """For each of the corruptions: the network's accuracy on the spoilt images as they are, and the accuracy and the
    share turned away where the first of them go the whole way from picture to answer."""
    classifier = Classifier(network)
    measured = {}
    for name in CORRUPTIONS:
        images = corrupted(digits.images, name)
        read = network(scaled(images))[0].argmax(axis=1)
        answers = [prediction.digit for prediction in classifier.predict_many(images[:WHOLE_WAY])]
        measured[name] = {
            "frame": share(read == digits.labels),
            "picture": share(np.array(answers, float) == digits.labels[:WHOLE_WAY]),
            "turned_away": share(np.isnan(np.array(answers, float))),
        }
    return measured


def in_words(report: dict) -> str:
    """An evaluation for the terminal: the splits; precision, recall and F1 by digit; who was taken for whom."""
    lines = [f"{'':<12}accuracy   error      loss   turned away"]
    for name in Mnist._fields:
        split = report[name]
        figures = f"{split['accuracy']:8.2%}{split['error_percent']:7.2f} %{split['loss']:10.4f}"
        lines.append(f"{name:<12}{figures}{split['turned_away']:14.2%}")
    lines += [
        f"Expected calibration error on the test set: {report['expected_calibration_error']:.4f}",
        f"Of made pictures of other things {report['not_digits_turned_away']:.2%} are turned away.",
        "",
    ]
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

    head = ["recipe", "parameters", "s/epoch", "epochs", "test accuracy", "test loss", "published"]
    rows, of_digits = [], {}
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
            of_digits = grouped([reading for reading in readings if reading.label is not None], "kind")
            row += [f"{accuracy(of_kind):.1%}" for of_kind in of_digits.values()]
        rows.append(row)
    return markdown_table([*head, *of_digits], rows)


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
        "--network",
        type=pathlib.Path,
        default=SHIPPED,
        metavar="FILE",
        help="a saved network, .keras, .h5 or .tflite (default: the shipped)",
    )
    parser.add_argument("--stress", type=int, metavar="N", help="picture N digits in each condition, and read them")
    parser.add_argument("--data", metavar="FILE", help="an mnist.npz whose test digits --stress is to take")
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
            drawn = written_digits(options.stress, np.random.default_rng(0))
            digits = mnist.load(options.data).test if options.data else drawn
            print(stress_table(load_classifier(options.network), digits, options.stress))
        if options.real:
            evaluate_real(options.real, options.network, options.sheet)
    except (NetworkError, mnist.DataError, LabelledError, OSError, ValueError, KeyError) as error:
        sys.exit(f"python -m model.evaluation: {error}")


def evaluate_real(folder: pathlib.Path, network: pathlib.Path, sheet: pathlib.Path) -> None:
    """Print the accuracy on labelled real pictures, and save the contact sheet of the misread ones."""
    readings = read_labelled(folder, load_classifier(network))
    print(accuracy_table(readings))
    misread = [reading for reading in readings if not reading.right and reading.label is not None]
    contact_sheet(misread).save(sheet)
    print(f"{len(misread)} misread digits are on {sheet}.")


if __name__ == "__main__":
    main()
