"""What a visitor waits for: the page, the answer after lifting the pen, and why: python benchmarks/page.py URL

Start the app first. Needs Chromium, as the browser tests do.
"""

import shutil
import statistics
import sys

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

STROKES = 60
LOADS = 10
# Times of what happens on the page, on its own clock.
RECORD = """
window.answers = [];
window.addEventListener("pointerdown", () => { window.down = performance.now(); }, true);
window.addEventListener("pointerup", () => { window.up = performance.now(); }, true);
window.addEventListener("pad-answer", () => { window.answers.push(performance.now()); });
"""
EXPLAIN = """() => new Promise((resolve) => {
    const frame = document.querySelector(".frame img");
    const begun = performance.now();
    frame.addEventListener("load", () => resolve(performance.now() - begun), { once: true });
    document.querySelector("[name=why]").click();
})"""


def main(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        usable = [load(browser, url) for _ in range(LOADS)]
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector(".paper canvas")
        page.wait_for_timeout(1000)
        page.evaluate(RECORD)
        after_pen_up, rates, why = zip(*(draw_seven(page) for _ in range(STROKES)), strict=True)
        browser.close()
    print(f"first byte to a page that can be drawn on: median {statistics.median(usable):.0f} ms, goal 2000")
    print(f"pen up to final answer: median {statistics.median(after_pen_up):.0f} ms, goal 40; ", end="")
    print(f"p95 {statistics.quantiles(after_pen_up, n=20)[-1]:.0f} ms, goal 100")
    print(f"answers a second while drawing: median {statistics.median(rates):.0f}, goal 15")
    print(f"why: median {statistics.median(why):.0f} ms, goal 100")


def load(browser: Browser, url: str) -> float:
    """Milliseconds from the page's first byte to its pad, in a browser that has never seen it."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(url, wait_until="commit")
        page.wait_for_selector(".paper canvas")
        return page.evaluate("performance.now() - performance.getEntriesByType('navigation')[0].responseStart")


def draw_seven(page: Page) -> tuple[float, float, float]:
    """Milliseconds from pen up to the final answer, answers a second while drawing, milliseconds of explaining."""
    page.evaluate("window.answers = []")
    box = page.locator(".paper canvas").bounding_box()
    # About a second, as a hand would.
    across, down = np.linspace([0.3, 0.2], [0.7, 0.2], 20), np.linspace([0.7, 0.2], [0.4, 0.8], 40)
    for step, (x, y) in enumerate([*across, *down]):
        page.wait_for_timeout(12)
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if step == 0:
            page.mouse.down()
    page.mouse.up()
    page.wait_for_timeout(300)
    down, up, answers = page.evaluate("[window.down, window.up, window.answers]")
    if page.locator(".digit").inner_text() != "7":
        sys.exit("page.py: the answer is wrong")
    explained = page.evaluate(EXPLAIN)
    page.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(200)
    rate = 1000 * sum(down <= answer <= up for answer in answers) / (up - down)
    return max(0, answers[-1] - up), rate, explained


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
