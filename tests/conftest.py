"""What several tests share: the shipped classifier, and the data that only some machines have."""

import os
import pathlib

import pytest

import model
from model import mnist


@pytest.fixture(scope="session")
def classifier():
    return model.load_classifier()


@pytest.fixture(scope="session")
def mnist_file() -> pathlib.Path:
    return _path_from("MNIST_NPZ", "an mnist.npz in Keras's layout")


@pytest.fixture(scope="session")
def mnist_data(mnist_file):
    return mnist.load(mnist_file)


@pytest.fixture(scope="session")
def real_digits() -> pathlib.Path:
    return _path_from("REAL_DIGITS", "a folder of real pictures with a labels.csv")


def _path_from(variable: str, what: str) -> pathlib.Path:
    if not os.environ.get(variable):
        pytest.skip(f"needs {variable}, the path of {what}")
    return pathlib.Path(os.environ[variable])
