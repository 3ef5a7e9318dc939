"""Fixtures that several test modules share: the shipped classifier, the running app, a browser, and data.

Some data is on some machines only; tests that need it are skipped elsewhere.
"""

import os
import pathlib
import shutil

import numpy as np
import pytest

import model
from model.data import mnist
from tests.helpers.digits import DRAWN
from tests.helpers.servers import running_app
from tests.helpers.sites import BASE, build, running_site

#: How long the browser tests wait for what they expect, in milliseconds: long enough for a machine that is busy.
EXPECT_TIMEOUT = 15_000


@pytest.fixture(scope="session")
def classifier():
    return model.load_classifier()


@pytest.fixture(scope="session")
def drawn_mnist_file(tmp_path_factory) -> pathlib.Path:
    """A file in MNIST's layout and of its size that holds the ten drawn digits again and again."""
    path = tmp_path_factory.mktemp("mnist") / "mnist.npz"
    arrays = {
        f"{name}_{split}": np.resize(array, (size, *array.shape[1:]))
        for split, size in (("train", mnist.TRAINING_SIZE), ("test", mnist.TEST_SIZE))
        for name, array in (("x", DRAWN.images), ("y", DRAWN.labels))
    }
    np.savez(path, **arrays)
    return path


@pytest.fixture(scope="session")
def mnist_file() -> pathlib.Path:
    return _paths_from("MNIST_NPZ", "an mnist.npz in Keras's layout")[0]


@pytest.fixture(scope="session")
def mnist_data(mnist_file):
    return mnist.load(mnist_file)


@pytest.fixture(scope="session")
def real_folders() -> list[pathlib.Path]:
    return _paths_from("REAL_DIGITS", "folders of real pictures, each with a labels.csv")


@pytest.fixture(scope="session")
def real_digits(real_folders) -> pathlib.Path:
    """The folder that accuracy is measured on."""
    return real_folders[0]


def _paths_from(variable: str, what: str) -> list[pathlib.Path]:
    if not os.environ.get(variable):
        pytest.skip(f"needs {variable}, the path of {what}")
    return [pathlib.Path(path) for path in os.environ[variable].split(os.pathsep)]


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    with running_app(tmp_path_factory.mktemp("app")) as server:
        yield server


@pytest.fixture(scope="session")
def server(app):
    return app


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("site")
    build(root / BASE)
    with running_site(root) as site:
        yield site


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import Error, expect, sync_playwright

    expect.set_options(timeout=EXPECT_TIMEOUT)

    # Without these Chromium looks up its maker's hosts at every start.
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=quiet
            )
        except Error as error:
            missing = "no Chromium: install it (apt install chromium) or run: python -m playwright install chromium"
            if os.environ.get("CI") == "true":
                pytest.fail(f"{missing}\n{error}")
            pytest.skip(missing)
        yield browser
        browser.close()
