"""Run the app as its user starts it."""

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from tests.helpers import ROOT


@dataclass(frozen=True)
class Server:
    """The running app, on a port and in a folder of its own."""

    url: str
    folder: pathlib.Path
    process: subprocess.Popen

    def log(self) -> str:
        return (self.folder / "log").read_text()


@contextlib.contextmanager
def running_app(
    folder: pathlib.Path, *arguments: str, launcher: Sequence[str] = (), **variables: str
) -> Iterator[Server]:
    """Run the app with arguments and environment variables; its log and its temporary files go to ``folder``.
    ``launcher`` is a command that runs it.

    In the end it is stopped, and must have deleted all uploads.
    """
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = {"GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1", "TMPDIR": str(temporary)}
    ours |= {"PYTHONDONTWRITEBYTECODE": ""}  # as by default, so that compiled files left behind are found too
    environment = os.environ | ours | variables
    command = [*launcher, sys.executable, str(ROOT / "app.py"), *arguments]
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
