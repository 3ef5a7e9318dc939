"""Measure what a visitor of the static site waits for, beside the server's page: python -m benchmarks.site

Needs Chromium, as the browser tests do, and LiteRT.js: npm ci --ignore-scripts.
"""

import contextlib
import functools
import gzip
import http.server
import io
import pathlib
import shutil
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.page import LATENCY, OURS, RECORD, SLOW, draw_seven, report
from benchmarks.serving import APP, ROOT, served
from pad.site import build

STROKES, PHOTOS, LOADS = 30, 11, 5
SLOW_TIMEOUT = 300_000  # milliseconds
#: Height and width of a photo of 12 megapixels, and the standard deviation of its noise in grey levels.
PHOTO_SIZE, NOISE = (3000, 4000), 4
PHOTO_NUMBER = "2026"
RECORD_PHOTO = """
let frame = 0;
window.addEventListener("change", () => { window.opened = frame = performance.now(); window.longest = 0; }, true);
const numbered = () => { window.numbered = performance.now(); };
new MutationObserver(numbered).observe(document.querySelector(".number"), { childList: true });
requestAnimationFrame(function painted(now) {
    window.longest = Math.max(window.longest, now - frame);
    frame = now;
    requestAnimationFrame(painted);
});
"""
#: The paths of all that the page has loaded, and their bytes.
TRANSFERS = """
["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type))
    .map(({ name, transferSize }) => [new URL(name).pathname, transferSize])
"""
PAD_IS_READY = "document.getElementById('digit-pad')?.dataset.mode"
NUMBER_IS_SHOWN = "document.querySelector('.number')?.textContent"
#: What loads beside the pad, before which it can be drawn on.
READER = ("/pad/reader/", "/pad/litert/", "/pad/networks/")
#: A drawing that a visitor brings along, so that the first answer needs no hand: an open 4.
LINK = "#drawing=1.n5inSVnrOlek.XJsWhqXBvUK8UTVTcSTcPT0TUcQZEYicZtEQtUM"


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves files compressed, as hosts of static sites do, and counts their bytes."""

    sent: list[tuple[str, int]] = []  # noqa: RUF012 (one list for all requests)

    def do_GET(self) -> None:
        path = pathlib.Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        compressed = compress(path)
        self.sent.append((self.path, len(compressed)))
        self.send_response(200)
        self.send_header("content-type", self.guess_type(str(path)))
        self.send_header("content-encoding", "gzip")
        self.send_header("content-length", str(len(compressed)))
        self.end_headers()
        self.wfile.write(compressed)

    def log_message(self, *args) -> None:
        pass


@functools.cache
def compress(path: pathlib.Path) -> bytes:
    return gzip.compress(path.read_bytes())


@contextlib.contextmanager
def served_files(folder: pathlib.Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        photo = pathlib.Path(folder) / "photo.jpg"
        photo.write_bytes(make_photo())
        build(pathlib.Path(folder) / "site")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with served_files(pathlib.Path(folder) / "site") as url:
            measure_first_visit(browser, url, "the static site", lambda _: Files.sent)
            measure_slow_line(browser, url, "the static site")
            measure(browser, url, "the static site", photo)
        with served(*APP) as app:
            measure_first_visit(browser, app.url, "the server's page", lambda page: page.evaluate(TRANSFERS))
            measure_slow_line(browser, app.url, "the server's page")
            measure(browser, app.url, "the server's page", photo)
        browser.close()


def make_photo() -> bytes:
    """Return a photo of the number, written large on paper, as a JPEG file."""
    with Image.open(ROOT / "examples" / "number.jpg") as example:
        pixels = np.asarray(example.convert("RGB").resize(PHOTO_SIZE[::-1]), float)
    noisy = pixels + np.random.default_rng(0).normal(0, NOISE, pixels.shape)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def measure_first_visit(browser: Browser, url: str, name: str, sent: Callable[[Page], list[tuple[str, int]]]) -> None:
    """Print how much is downloaded until a page can be drawn on and has answered, and how long that takes.

    Args:
        browser: opens the page.
        url: the page.
        name: of the page.
        sent: returns the paths of what was sent to a page, and their bytes.
    """
    usable, answered = [], []
    for _ in range(LOADS):
        Files.sent.clear()
        # The page's content security policy would refuse what waits for conditions here.
        with browser.new_context(bypass_csp=True, service_workers="block") as context:
            page = context.new_page()
            page.goto(f"{url}/{LINK}", wait_until="commit")
            page.wait_for_function(PAD_IS_READY, polling="raf")
            usable.append(page.evaluate("performance.now()"))
            pad = sum(size for path, size in sent(page) if not path.startswith(READER))
            page.wait_for_function(NUMBER_IS_SHOWN, polling="raf")
            answered.append(page.evaluate("performance.now()"))
            whole = sum(size for _, size in sent(page))
    pad_time, answer_time = statistics.median(usable), statistics.median(answered)
    print(f"{name}: a pad to draw on: {pad / 1000:.0f} kB compressed, after {pad_time:.0f} ms")
    print(f"{name}: the first answer: {whole / 1000:.0f} kB compressed, after {answer_time:.0f} ms")


def measure_slow_line(browser: Browser, url: str, name: str) -> None:
    """Print how long the first answer takes on a slow line."""
    with browser.new_context(bypass_csp=True, service_workers="block") as context:
        page = context.new_page()
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        conditions = {"offline": False, "latency": LATENCY, "downloadThroughput": SLOW, "uploadThroughput": SLOW}
        network.send("Network.emulateNetworkConditions", conditions)
        page.goto(f"{url}/{LINK}", wait_until="commit", timeout=SLOW_TIMEOUT)
        page.wait_for_function(NUMBER_IS_SHOWN, polling="raf", timeout=SLOW_TIMEOUT)
        print(
            f"{name}: at 400 kbit/s and 400 ms the first answer after {page.evaluate('performance.now()') / 1000:.0f} s"
        )


def measure(browser: Browser, url: str, name: str, photo: pathlib.Path) -> None:
    """Print how long a page takes from pen up to its answer, and from opening a photo to its number."""
    with browser.new_context(bypass_csp=True, service_workers="block") as context:
        page = context.new_page()
        page.goto(url)
        page.wait_for_function(PAD_IS_READY, polling="raf")
        page.wait_for_timeout(3000)
        page.evaluate(RECORD + OURS + RECORD_PHOTO)
        pad = page.locator(".paper canvas").bounding_box()
        strokes = []
        for _ in range(STROKES):
            strokes.append(draw_seven(page, pad, settled=300))
            if page.locator(".number").inner_text() != "7":
                sys.exit("site.py: the answer is wrong")
            page.get_by_role("button", name="Clear").click()
            page.wait_for_timeout(200)
        report(name, strokes)
        times, pauses = zip(*(open_photo(page, photo) for _ in range(PHOTOS)), strict=True)
        print(
            f"{name}: a photo of 12 megapixels: median {statistics.median(times):.0f} ms; the longest time without a "
            f"frame, during which nothing can be drawn: median {statistics.median(pauses):.0f} ms"
        )


def open_photo(page: Page, photo: pathlib.Path) -> tuple[float, float]:
    """Return the milliseconds from opening a photo to its number, and the longest between two frames meanwhile."""
    page.locator("input[name=files]").set_input_files(photo)
    page.wait_for_function(NUMBER_IS_SHOWN)
    if page.locator(".number").text_content() != PHOTO_NUMBER:
        sys.exit("site.py: the photo is misread")
    taken, longest = page.evaluate("[numbered - opened, longest]")
    page.get_by_role("button", name="Draw").click()
    return taken, longest


if __name__ == "__main__":
    main()
