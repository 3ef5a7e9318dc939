"""Start the app, or a similar one, as a process for the benchmarks."""

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

ROOT = pathlib.Path(__file__).parent.parent
APP = [str(ROOT / "app.py"), "--log-level", "warning"]


@dataclass(frozen=True)
class Served:
    """A page that is served; when its process was started, and how many seconds later it answered first."""

    url: str
    process: psutil.Process
    started: float
    first_page: float

    def megabytes(self) -> float:
        """Return the resident memory of the process."""
        return self.process.memory_info().rss / 1e6


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def served(*command: str, port: int | None = None, **variables: str) -> Iterator[Served]:
    """Start a Python program with arguments and environment variables; yield its page; stop it in the end.

    It serves on a free port if none is given.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    environment = (
        os.environ
        | {
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "PYTHONPATH": str(ROOT),
        }
        | variables
    )
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        process = subprocess.Popen([sys.executable, *command], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        try:
            while not answers(url):
                if process.poll() is not None or time.perf_counter() - started > 120:
                    sys.exit(f"{command[0]} does not serve a page.")
                time.sleep(0.01)
            yield Served(url, psutil.Process(process.pid), started, time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait(10)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False
