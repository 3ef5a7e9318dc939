"""What several tests share: the shipped classifier, the running app, and the data that only some machines have."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Error, sync_playwright

import model
from model import mnist

# Without these Chromium looks up its maker's hosts at every start.
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

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
    process: subprocess.Popen

    def log(self) -> str:
        return (self.folder / "log").read_text()


@contextlib.contextmanager
def running_app(folder: pathlib.Path, *arguments: str, **variables: str) -> Iterator[Server]:
    """The app, started with these arguments and environment variables, its log and its temporary files in this folder.

    In the end it is ended, and has left nothing of what visitors uploaded.
    """
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = {"GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1", "TMPDIR": str(temporary)}
    ours |= {"PYTHONDONTWRITEBYTECODE": ""}  # as by default, so that what is compiled and left behind is seen here too
    environment = os.environ | ours | variables
    command = [sys.executable, str(ROOT / "app.py"), *arguments]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    server = Server(f"http://127.0.0.1:{port}", folder, process)
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
    assert not [path for path in temporary.rglob("*") if path.is_file()]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with running_app(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=QUIET
            )
        except Error as error:
            missing = "no Chromium: install it (apt install chromium) or run: python -m playwright install chromium"
            if os.environ.get("CI") == "true":
                pytest.fail(f"{missing}\n{error}")
            pytest.skip(missing)
        yield browser
        browser.close()
