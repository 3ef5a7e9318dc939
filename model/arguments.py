"""Command-line arguments that several commands have in common."""

import argparse
import pathlib

from model.classifier import SHIPPED


def add_network(parser: argparse.ArgumentParser) -> None:
    """Add the option --network, a path; the default is the shipped network."""
    parser.add_argument(
        "--network",
        type=pathlib.Path,
        default=SHIPPED,
        metavar="FILE",
        help="a saved network, .keras, .h5 or .tflite (default: the shipped one)",
    )


def positive_int(text: str) -> int:
    """Convert an argument to an integer above 0; raise ArgumentTypeError for other texts."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive integer")
    return int(text)
