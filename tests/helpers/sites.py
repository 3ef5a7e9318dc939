"""Build the static site, and serve it as any server of files does."""

import contextlib
import functools
import http.server
import os
import pathlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pad import site
from tests.helpers import ROOT

#: The path at which the site is served.
BASE = "some/where"


@dataclass(frozen=True)
class Site:
    """The site, at an address of a server of files and in a folder."""

    url: str
    folder: pathlib.Path


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args) -> None:
        pass


def build(folder: pathlib.Path) -> None:
    """Write the site to a folder; skip the test where LiteRT.js is not installed, but on CI, which installs it."""
    if not (ROOT / "node_modules").is_dir() and os.environ.get("CI") != "true":
        pytest.skip("needs LiteRT.js: npm ci --ignore-scripts")
    site.build(folder)


@contextlib.contextmanager
def running_site(root: pathlib.Path) -> Iterator[Site]:
    """Serve the site that is in the folder BASE within another, and only that one's files."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}/{BASE}", root / BASE)
    finally:
        server.shutdown()
        server.server_close()
