"""What several tests share: the shipped classifier, the running app, and the data that only some machines have."""

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import model
from model import mnist

ROOT = pathlib.Path(__file__).parent.parent


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


@dataclass(frozen=True)
class Server:
    """The app as its user starts it, on a port of its own, in a folder of its own."""

    url: str
    folder: pathlib.Path

    @property
    def log_file(self) -> pathlib.Path:
        return self.folder / "log"

    def log(self) -> str:
        return self.log_file.read_text()


@contextlib.contextmanager
def running_app(folder: pathlib.Path, *arguments: str, **variables: str) -> Iterator[Server]:
    """The app, started with these arguments and environment variables, its log in this folder, and ended in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1"} | variables
    command = [sys.executable, str(ROOT / "app.py"), *arguments]
    server = Server(f"http://127.0.0.1:{port}", folder)
    with server.log_file.open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(600):
            if "Running on local URL" in server.log():
                break
            if process.poll() is not None:
                pytest.fail(f"app.py ended: {server.log()}")
            time.sleep(0.1)
        else:
            pytest.fail(f"app.py did not start within a minute: {server.log()}")
        yield server
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with running_app(tmp_path_factory.mktemp("server")) as server:
        yield server
