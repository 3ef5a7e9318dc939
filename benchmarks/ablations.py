"""Measure what parts of the preparation contribute: python -m benchmarks.ablations --data mnist.npz

Synthetic photos are read with all of it, and with one part left out. The networks stay the same.
"""

import argparse
import contextlib
import pathlib
from collections.abc import Iterator
from unittest import mock

import numpy as np

from model.arguments import positive_int
from model.classifier import SHIPPED_INK, Classifier, load_classifier
from model.data import mnist
from model.data.synthetic_photos import NUMBER_KINDS
from model.evaluation.report import synthetic_accuracy
from model.network.litert_network import load_ink_network
from model.preparation import ink
from model.preparation.ink import InkNetwork


def without_contact(network: InkNetwork) -> InkNetwork:
    """Return a network that finds the same ink, but no contact."""

    def ink_only(picture: np.ndarray) -> np.ndarray:
        return network(picture) * np.array([1, 0], np.float32)

    return ink_only


def cases() -> Iterator[tuple[str, Classifier, contextlib.AbstractContextManager]]:
    """Yield what is left out, a classifier, and a context to use it in."""
    classifier = load_classifier()
    no_contact = Classifier(classifier.network, without_contact(load_ink_network(SHIPPED_INK)))
    yield "nothing", classifier, contextlib.nullcontext()
    yield "contact of characters", no_contact, contextlib.nullcontext()
    yield "contrast of the picture", classifier, mock.patch.object(ink, "_with_contrast", lambda found, grey: found)
    yield "second look at small writing", classifier, mock.patch.object(ink, "MIN_HEIGHT", 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, metavar="FILE", help="an mnist.npz instead of Keras's download")
    parser.add_argument("--photos", type=positive_int, default=100, metavar="N", help="of each kind (default: 100)")
    options = parser.parse_args()
    digits = mnist.load(options.data).test
    print("| left out | photos of one digit | photos of a number |\n| --- | --- | --- |")
    for left_out, classifier, context in cases():
        with context:
            accuracy = synthetic_accuracy(classifier, digits, options.photos)
        numbers = [accuracy.pop(kind) for kind in NUMBER_KINDS]
        print(f"| {left_out} | {np.mean([*accuracy.values()]):.1%} | {np.mean(numbers):.1%} |", flush=True)


if __name__ == "__main__":
    main()
