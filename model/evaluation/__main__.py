"""Evaluate a network on real pictures or on synthetic photos.

python -m model.evaluation --real FOLDER          accuracy by kind and source, and a contact sheet of the mistakes
python -m model.evaluation --synthetic 100        accuracy on each kind of synthetic photo, of 100 drawn digits
python -m model.evaluation --synthetic 100 --data mnist.npz        the same with MNIST's test digits
python -m model.evaluation --table runs           the README's table of recipes, from the reports of their runs
"""

import argparse
import pathlib
import sys

import numpy as np

from model.arguments import add_network, positive_int
from model.classifier import load_classifier
from model.data import mnist
from model.data.styles import drawn_digits
from model.errors import DigitPadError
from model.evaluation.labelled import accuracy_table, contact_sheet, read_labelled
from model.evaluation.report import recipes_table, synthetic_accuracy

SEED = 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m model.evaluation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", type=pathlib.Path, metavar="FOLDER", help="a folder of labelled real pictures")
    parser.add_argument(
        "--sheet",
        type=pathlib.Path,
        default=pathlib.Path("misread.png"),
        metavar="FILE",
        help="where the contact sheet of misread digits is saved (default: %(default)s)",
    )
    add_network(parser)
    parser.add_argument(
        "--synthetic", type=positive_int, metavar="N", help="number of digits for each kind of synthetic photo"
    )
    parser.add_argument(
        "--data", type=pathlib.Path, metavar="FILE", help="an mnist.npz whose test digits --synthetic uses"
    )
    parser.add_argument(
        "--table",
        type=pathlib.Path,
        metavar="RUNS",
        help="print the table of recipes; with --real, including the accuracy of their networks on these pictures",
    )
    options = parser.parse_args()
    if not (options.real or options.synthetic or options.table):
        parser.error("one of --real, --synthetic and --table is required")
    return options


def main() -> None:
    options = parse_arguments()
    try:
        if options.table:
            print(recipes_table(options.table, options.real))
            return
        classifier = load_classifier(options.network)
        if options.synthetic:
            drawn = drawn_digits(options.synthetic, np.random.default_rng(SEED))
            digits = mnist.load(options.data).test if options.data else drawn
            for kind, accuracy in synthetic_accuracy(classifier, digits, options.synthetic).items():
                print(f"{kind:<12}{accuracy:7.3f}")
        if options.real:
            readings = read_labelled(options.real, classifier)
            print(accuracy_table(readings))
            misread = [reading for reading in readings if not reading.correct and reading.label is not None]
            contact_sheet(misread).save(options.sheet)
            print(f"{len(misread)} misread digits are on {options.sheet}.")
    except (DigitPadError, OSError) as error:  # OSError where the contact sheet cannot be saved
        sys.exit(f"python -m model.evaluation: {error}")


if __name__ == "__main__":
    main()
