"""The MNIST dataset: loaded, checked, and split into training, validation and test."""

import pathlib
import zipfile
import zlib
from typing import NamedTuple

import numpy as np

from model.errors import DigitPadError
from model.preparation.frame import SIDE

TRAINING_SIZE, TEST_SIZE = 60_000, 10_000
#: Training images that are held out for validation, unless a recipe says otherwise.
VALIDATION_SIZE = 5_000
ARRAYS = ("x_train", "y_train", "x_test", "y_test")


class DataError(DigitPadError):
    """MNIST cannot be loaded."""

    code = "invalid_data"


class Split(NamedTuple):
    """Images, uint8 (n, 28, 28), white ink on black, and their labels, uint8 (n,), 0..9."""

    images: np.ndarray
    labels: np.ndarray


class Mnist(NamedTuple):
    """The 70,000 images; the validation split is part of the 60,000 published for training."""

    train: Split
    validation: Split
    test: Split


def concatenate(*splits: Split) -> Split:
    """Return one split with the images and labels of all."""
    return Split(*map(np.concatenate, zip(*splits, strict=True)))


def load(path: pathlib.Path | None = None, validation_size: int | None = VALIDATION_SIZE) -> Mnist:
    """Load MNIST from a file, or by Keras's download (11 MB, cached) if ``path`` is None.

    Args:
        path: an ``mnist.npz`` in Keras's layout.
        validation_size: how many of the training images, from the end, are held out for validation. With None, none
            are, and the test split is used for validation as well.

    Raises:
        DataError: the file cannot be read or is not MNIST, or the download fails.
    """
    x_train, y_train, x_test, y_test = _download() if path is None else _read(path)
    train, test = Split(x_train, y_train), Split(x_test, y_test)
    if validation_size is None:
        return Mnist(train, test, test)
    fit = Split(*(array[:-validation_size] for array in train))
    return Mnist(fit, Split(*(array[-validation_size:] for array in train)), test)


def _read(path: pathlib.Path) -> tuple[np.ndarray, ...]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = tuple(file[name] for name in ARRAYS)
    except FileNotFoundError:
        raise DataError(f"There is no file {path}; --data takes the path of an mnist.npz.") from None
    except (OSError, ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} is not an mnist.npz in Keras's layout ({error}).") from error
    frame = (SIDE, SIDE)
    if [a.shape for a in arrays] != [(TRAINING_SIZE, *frame), (TRAINING_SIZE,), (TEST_SIZE, *frame), (TEST_SIZE,)]:
        raise DataError(f"{path} does not hold MNIST's {TRAINING_SIZE:,} and {TEST_SIZE:,} images of 28×28.")
    return arrays


def _download() -> tuple[np.ndarray, ...]:
    # Here, because only a download needs Keras, whose backend takes seconds to import.
    from model.network.keras_network import keras

    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:  # Keras raises a bare Exception for every failed download
        raise DataError(
            f"MNIST could not be downloaded ({error}). Connect to the internet once, or get mnist.npz elsewhere and "
            "run: python train.py --data mnist.npz"
        ) from error
    return x_train, y_train, x_test, y_test
