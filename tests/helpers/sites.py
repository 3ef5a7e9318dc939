"""Build the static site, and serve it as any server of files does."""

import base64
import contextlib
import functools
import http.server
import os
import pathlib
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from pad import site
from tests.helpers import ROOT

#: The path at which the site is served.
BASE = "some/where"
READ = """async (pictures) => {
    const { read } = await import("./pad/reader/browser.js");
    const answers = [];
    for (const picture of pictures) {
        const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
        answers.push(await read(new Blob([bytes])));
    }
    return answers;
}"""


@dataclass(frozen=True)
class Site:
    """The site, at an address of a server of files and in a folder."""

    url: str
    folder: pathlib.Path


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *args) -> None:
        """Ignore that a page was closed while it was loading."""


def build(folder: pathlib.Path, url: str = ".", space: str = "") -> None:
    """Write the site to a folder; skip the test where LiteRT.js is not installed, but not on CI, which installs it."""
    if not (ROOT / "node_modules").is_dir() and os.environ.get("CI") != "true":
        pytest.skip("needs LiteRT.js: npm ci --ignore-scripts")
    site.build(folder, url, space)


@contextlib.contextmanager
def running_site(root: pathlib.Path) -> Iterator[Site]:
    """Serve the site that is in the folder BASE within another, and only that one's files."""
    server = _Server(("127.0.0.1", 0), functools.partial(_Files, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}/{BASE}", root / BASE)
    finally:
        server.shutdown()
        server.server_close()


def read_in_browser(page: Page, files: Iterable[bytes]) -> list[dict]:
    """Return the answers of the site's reader about pictures' files."""
    return page.evaluate(READ, [base64.b64encode(file).decode() for file in files])
