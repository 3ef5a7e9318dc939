"""A page that imports the front end's modules, without a server."""

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, Route

from pad import WEB

URL = "http://pad.test/"
#: The exports of LiteRT.js, which is not among the front end's files, and is not run here.
LITERT = "export const [Tensor, getGlobalLiteRtPromise, loadAndCompile, loadLiteRt] = [];"


@contextlib.contextmanager
def module_page(browser: Browser, **settings) -> Iterator[Page]:
    """Open an empty page with the settings of a Playwright page, at whose address the front end's files are."""
    page = browser.new_page(**settings)
    page.route(f"{URL}**", _serve)
    page.goto(URL)
    yield page
    page.close()


def _serve(route: Route) -> None:
    path = WEB / route.request.url.removeprefix(URL)
    if path.is_file():
        route.fulfill(path=path)
    elif path.suffix == ".js":
        route.fulfill(body=LITERT, content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")
