"""Evaluate a network on real pictures, on synthetic photos, or on MNIST's test images.

python -m model.evaluation --real FOLDER          accuracy by kind and source, and a contact sheet of the mistakes
python -m model.evaluation --real FOLDER --real OTHER               the same for several folders
python -m model.evaluation --synthetic 100        accuracy on 100 synthetic photos of each kind, of drawn digits
python -m model.evaluation --synthetic 100 --data mnist.npz         the same of MNIST's test digits
python -m model.evaluation --mnist --data mnist.npz                 accuracy on MNIST's test images, read as pictures
python -m model.evaluation --table runs           the README's table of recipes, from the reports of their runs
"""

import argparse
import pathlib
import sys

import numpy as np

from model.arguments import add_network, positive_int
from model.classifier import Classifier, load_classifier
from model.data import mnist
from model.data.styles import drawn_digits
from model.errors import DigitPadError
from model.evaluation.labelled import (
    Reading,
    accuracy_table,
    calibration_error,
    contact_sheet,
    read_labelled,
    rejection_rate,
    single_digits,
)
from model.evaluation.report import mnist_accuracy, recipes_table, synthetic_accuracy

#: Number and seed of the drawn digits that synthetic photos are made of without MNIST.
DRAWN, SEED = 500, 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m model.evaluation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--real",
        type=pathlib.Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="a folder of labelled real pictures; may be repeated",
    )
    parser.add_argument(
        "--sheet",
        type=pathlib.Path,
        default=pathlib.Path("misread.png"),
        metavar="FILE",
        help="where the contact sheet of misread digits and numbers is saved (default: %(default)s)",
    )
    add_network(parser)
    parser.add_argument("--synthetic", type=positive_int, metavar="N", help="number of synthetic photos of each kind")
    parser.add_argument("--mnist", action="store_true", help="read MNIST's test images as pictures")
    parser.add_argument(
        "--data",
        type=pathlib.Path,
        metavar="FILE",
        help="an mnist.npz, for --mnist instead of Keras's download, for --synthetic instead of drawn digits",
    )
    parser.add_argument(
        "--table",
        type=pathlib.Path,
        metavar="RUNS",
        help="print the table of recipes; with one --real, including the accuracy of their networks on these pictures",
    )
    options = parser.parse_args()
    if not (options.real or options.synthetic or options.mnist or options.table):
        parser.error("one of --real, --synthetic, --mnist and --table is required")
    if options.table and len(options.real) > 1:
        parser.error("--table takes one --real at most")
    return options


def main() -> None:
    options = parse_arguments()
    try:
        if options.table:
            print(recipes_table(options.table, *options.real))
            return
        classifier = load_classifier(options.network)
        if options.synthetic:
            data = mnist.load(options.data).test if options.data else drawn_digits(DRAWN, np.random.default_rng(SEED))
            for kind, accuracy in synthetic_accuracy(classifier, data, options.synthetic).items():
                print(f"{kind:<24}{accuracy:7.3f}")
        if options.mnist:
            accuracy = mnist_accuracy(classifier, mnist.load(options.data).test)
            print(f"Accuracy on MNIST's test images, read as pictures: {accuracy:.2%}")
        if options.real:
            readings = [reading for folder in options.real for reading in print_real(folder, classifier)]
            misread = [reading for reading in readings if reading.label and not reading.correct]
            contact_sheet(misread).save(options.sheet)
            print(f"{len(misread)} misread digits and numbers are on {options.sheet}.")
    except (DigitPadError, OSError) as error:  # OSError where the contact sheet cannot be saved
        sys.exit(f"python -m model.evaluation: {error}")


def print_real(folder: pathlib.Path, classifier: Classifier) -> list[Reading]:
    """Print how well a folder of labelled pictures is read; return the readings."""
    readings = read_labelled(folder, classifier)
    print(f"{folder}\n{accuracy_table(readings)}")
    if digits := single_digits(readings):
        print(f"Of {len(digits)} single digits {rejection_rate(digits):.2%} are rejected.")
        print(f"Their expected calibration error is {calibration_error(digits):.4f}.")
    print()
    return readings


if __name__ == "__main__":
    main()
