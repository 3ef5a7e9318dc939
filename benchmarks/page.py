"""How long the page takes from lifting the pen to the final answer: python benchmarks/page.py URL

Start the app first. Needs Chromium, as the browser tests do.
"""

import shutil
import statistics
import sys

from playwright.sync_api import sync_playwright

STROKES = 60
# Times of what happens on the page, on its own clock.
RECORD = """
window.answers = [];
window.addEventListener("pointerdown", () => { window.down = performance.now(); }, true);
window.addEventListener("pointerup", () => { window.up = performance.now(); }, true);
window.addEventListener("pad-answer", () => { window.answers.push(performance.now()); });
"""


def main(url: str) -> None:
    after_pen_up, rates = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector(".paper canvas")
        page.wait_for_timeout(1000)
        page.evaluate(RECORD)
        box = page.locator(".paper canvas").bounding_box()
        for _ in range(STROKES):
            page.evaluate("window.answers = []")
            page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
            page.mouse.down()
            for step in range(60):  # about a second, as a hand would
                x, y = (
                    (0.3 + 0.4 * step / 20, 0.2)
                    if step < 20
                    else (0.7 - 0.3 * (step - 20) / 40, 0.2 + 0.6 * (step - 20) / 40)
                )
                page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
                page.wait_for_timeout(12)
            page.mouse.up()
            page.wait_for_timeout(300)
            down, up, answers = page.evaluate("[window.down, window.up, window.answers]")
            after_pen_up.append(max(0, answers[-1] - up))
            rates.append(1000 * sum(down <= answer <= up for answer in answers) / (up - down))
            assert page.locator(".digit").inner_text() == "7"
            page.get_by_role("button", name="Clear").click()
            page.wait_for_timeout(200)
        browser.close()
    p95 = statistics.quantiles(after_pen_up, n=20)[-1]
    print(f"pen up to final answer: median {statistics.median(after_pen_up):.0f} ms, p95 {p95:.0f} ms")
    print(f"answers a second while drawing: median {statistics.median(rates):.0f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
