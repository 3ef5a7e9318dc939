"""Measure what a visitor waits for: the page, and after pen up the answer, *Why?* and the look inside.

Run: python -m benchmarks.page

Needs Chromium, as the browser tests do.
"""

import shutil
import statistics
import sys

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.serving import APP, served

STROKES, INSIDE_STROKES, PLAIN_STROKES = 60, 20, 10
LOADS = 10
# Records the times of events on the page's own clock.
RECORD = """
window.answers = [];
window.addEventListener("pointerdown", () => { window.down = performance.now(); }, true);
window.addEventListener("pointerup", () => { window.up = performance.now(); }, true);
const answered = () => { window.answers.push(performance.now()); };
"""
OURS = """
new MutationObserver(answered).observe(document.querySelector(".bars"), { childList: true, subtree: true });
"""
INSIDE = """
const changes = { childList: true, subtree: true, attributes: true };
new MutationObserver(answered).observe(document.querySelector(".inside"), changes);
"""
PLAIN = """
const label = document.querySelectorAll(".block")[1];
new MutationObserver(answered).observe(label, { childList: true, subtree: true, characterData: true });
"""
#: A slow network: bytes a second, and milliseconds of latency.
SLOW, LATENCY = 400_000 / 8, 400
PAD_IS_VISIBLE = "document.querySelector('.paper canvas')?.checkVisibility({ visibilityProperty: true })"
EXPLAIN = """() => new Promise((resolve) => {
    const frame = document.querySelector(".frame");
    const begun = performance.now();
    frame.addEventListener("load", () => resolve(performance.now() - begun), { once: true });
    document.querySelector("[name=why]").click();
})"""


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with served(*APP) as ours:
            measure_ours(browser, ours.url)
        with served("-m", "benchmarks.plain") as plain:
            measure_plain(browser, plain.url)
        browser.close()


def measure_ours(browser: Browser, url: str) -> None:
    usable = [load(browser, url) for _ in range(LOADS)]
    print(f"first byte to a page that can be drawn on: median {statistics.median(usable):.0f} ms, goal 2000")
    measure_slow_network(browser, url)
    page = browser.new_page()
    page.goto(url)
    page.wait_for_selector("gradio-app #digit-pad")
    page.wait_for_timeout(1000)
    page.evaluate(RECORD + OURS)
    pad = page.locator(".paper canvas").bounding_box()
    strokes, why = [], []
    for _ in range(STROKES):
        strokes.append(draw_seven(page, pad, settled=300))
        if page.locator(".number").inner_text() != "7":
            sys.exit("page.py: the answer is wrong")
        why.append(page.evaluate(EXPLAIN))
        clear(page)
    report("ours", strokes)
    print("goals: median 40 ms, p95 100 ms, 15 answers a second")
    page.get_by_role("button", name="Look inside").click()
    page.evaluate(INSIDE)
    insides = []
    for _ in range(INSIDE_STROKES):
        insides.append(draw_seven(page, pad, settled=300))
        clear(page)
    report("the look inside", insides)
    print(f"why: median {statistics.median(why):.0f} ms, goal 100")


def measure_slow_network(browser: Browser, url: str) -> None:
    """Print how long the first load takes on a slow network, and what is loaded until when."""
    with browser.new_context() as context:
        page = context.new_page()
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        conditions = {"offline": False, "latency": LATENCY, "downloadThroughput": SLOW, "uploadThroughput": SLOW}
        network.send("Network.emulateNetworkConditions", conditions)
        sizes = []
        network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(url, wait_until="commit", timeout=60_000)
        page.wait_for_function(PAD_IS_VISIBLE, polling="raf", timeout=60_000)
        usable, before = page.evaluate("performance.now()"), (len(sizes), sum(sizes))
        page.wait_for_selector("gradio-app #digit-pad", timeout=60_000)
        page.wait_for_load_state("networkidle", timeout=60_000)
        whole, after = page.evaluate("performance.now()"), (len(sizes), sum(sizes))
    print(f"at 400 kbit/s and 400 ms: a pad to draw on after {usable / 1000:.1f} s, everything {whole / 1000:.1f} s")
    print(f"until then {before[0]} files, {before[1] / 1000:.0f} kB; in all {after[0]} files, {after[1] / 1000:.0f} kB")


def measure_plain(browser: Browser, url: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1100})
    page.goto(url)
    page.wait_for_selector("canvas")
    page.wait_for_timeout(3000)
    page.evaluate(RECORD + PLAIN)
    canvas = page.locator("canvas").first.bounding_box()
    side = 0.7 * canvas["height"]  # its paper lies in the middle of the canvas
    paper = {
        "x": canvas["x"] + (canvas["width"] - side) / 2,
        "y": canvas["y"] + (canvas["height"] - side) / 2,
        "width": side,
        "height": side,
    }
    strokes = []
    for _ in range(PLAIN_STROKES):
        page.get_by_role("button", name="Brush").click()
        strokes.append(draw_seven(page, paper, settled=4000))
        page.get_by_role("button", name="Clear canvas").click()
        page.wait_for_timeout(2000)
    report("a Sketchpad page", strokes)


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(200)


def load(browser: Browser, url: str) -> float:
    """Return the milliseconds from the page's first byte to its pad, with an empty cache."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(url, wait_until="commit")
        # Checked in every frame: wait_for_selector checks less and less often, up to half a second apart.
        page.wait_for_function(PAD_IS_VISIBLE, polling="raf")
        return page.evaluate("performance.now() - performance.getEntriesByType('navigation')[0].responseStart")


def draw_seven(page: Page, box: dict, settled: int) -> tuple[float, float]:
    """Draw a 7; return the milliseconds from pen up to the final answer, and the answers a second while drawing.

    ``settled`` is the number of milliseconds after which the answer no longer changes.
    """
    page.evaluate("window.answers = []")
    # About a second, as a hand would.
    across, down = np.linspace([0.3, 0.2], [0.7, 0.2], 20), np.linspace([0.7, 0.2], [0.4, 0.8], 40)
    for step, (x, y) in enumerate([*across, *down]):
        page.wait_for_timeout(12)
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if step == 0:
            page.mouse.down()
    page.mouse.up()
    page.wait_for_timeout(settled)
    down, up, answers = page.evaluate("[window.down, window.up, window.answers]")
    if not answers:
        sys.exit("page.py: there was no answer")
    rate = 1000 * sum(down <= answer <= up for answer in answers) / (up - down)
    return max(0, answers[-1] - up), rate


def report(name: str, strokes: list[tuple[float, float]]) -> None:
    after_pen_up, rates = zip(*strokes, strict=True)
    median, p95 = statistics.median(after_pen_up), statistics.quantiles(after_pen_up, n=20)[-1]
    rate = statistics.median(rates)
    print(f"{name}: pen up to final answer: median {median:.0f} ms, p95 {p95:.0f} ms; {rate:.0f} answers a second")


if __name__ == "__main__":
    main()
