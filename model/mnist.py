"""The MNIST data set: loaded, checked, and split into training, validation and test."""

import pathlib
from typing import NamedTuple

import numpy as np


class DataError(Exception):
    """MNIST could not be had; the message is one sentence that says what to do."""


class Split(NamedTuple):
    """Images, uint8 (n, 28, 28), white ink on black; and their labels, uint8 (n,), 0..9."""

    images: np.ndarray
    labels: np.ndarray


def joined(one: Split, other: Split) -> Split:
    """The images and labels of both, one after the other."""
    return Split(*map(np.concatenate, zip(one, other, strict=True)))


class Mnist(NamedTuple):
    """The 70,000 images; validation is held out of the 60,000 published for training."""

    train: Split
    validation: Split
    test: Split


def load(path: str | pathlib.Path | None = None, held_out: int | None = 5_000) -> Mnist:
    """Load MNIST from ``path``, an ``mnist.npz`` in Keras's layout, or by Keras's own download (11 MB, once).

    The last ``held_out`` of the training images are for validation; with None the test set stands in for them.
    Raises DataError when there is neither a readable file nor a network.
    """
    x_train, y_train, x_test, y_test = _download() if path is None else _read(pathlib.Path(path))
    train, test = Split(x_train, y_train), Split(x_test, y_test)
    if held_out is None:
        return Mnist(train, test, test)
    return Mnist(Split(*(a[:-held_out] for a in train)), Split(*(a[-held_out:] for a in train)), test)


def _read(path: pathlib.Path) -> tuple[np.ndarray, ...]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = tuple(file[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    except FileNotFoundError:
        raise DataError(f"There is no file {path}: give the path of an mnist.npz after --data.") from None
    except Exception as error:  # a damaged file makes zip, zlib and numpy raise nearly anything
        raise DataError(f"{path} is not an mnist.npz in Keras's layout ({error}).") from error
    if [array.shape for array in arrays] != [(60_000, 28, 28), (60_000,), (10_000, 28, 28), (10_000,)]:
        raise DataError(f"{path} does not hold MNIST's 60,000 and 10,000 images of 28×28.")
    return arrays


def _download() -> tuple[np.ndarray, ...]:
    from model.quiet_keras import keras  # only a download needs Keras; reading a file stays quick

    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:  # Keras wraps every network failure in a bare Exception
        raise DataError(
            f"MNIST could not be downloaded ({error}). Connect to the internet once, or get mnist.npz by other means "
            "and run: python train.py --data mnist.npz"
        ) from error
    return x_train, y_train, x_test, y_test
