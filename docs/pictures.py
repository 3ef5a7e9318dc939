"""Make the pictures of the page: python -m docs.pictures

Writes screenshots of the page to docs/, and to pad/web/ the pictures of link previews and the icons. Needs Chromium, as
the browser tests do.
"""

import io
import pathlib
import shutil

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.serving import APP, served
from model.data import strokes
from pad.document import MESSAGES, WEB

ROOT = pathlib.Path(__file__).parent.parent
DOCS = ROOT / "docs"
SIZES = {"wide": (1440, 900), "tablet": (820, 1180), "phone": (390, 844)}
SCHEMES = ("light", "dark")
NUMBER = "2026"
PHOTO = ROOT / "examples" / "number.jpg"
LETTER = "22,5 22,95 | 78,5 78,95 | 22,50 78,50"
QUALITY = 80
ANSWERED = 1500  # milliseconds until everything is shown
ANIMATION_STEP, LAST_STEP = 60, 2500  # milliseconds between two pictures of the animation, and of the last
ANIMATION_WIDTH = 960
PREVIEW_SIZE = (1200, 630)
ICON_SIZES = (192, 512)
PREVIEW = """
<body style="display: flex; align-items: center; gap: 80px; box-sizing: border-box; height: 100vh; margin: 0;
  padding: 0 90px; background: #fafaf9; color: #1c1917; font-family: system-ui, sans-serif">
  <svg viewBox="96 86 320 362" style="flex: none; height: 400px; padding: 50px; border-radius: 40px; background: #fff;
    box-shadow: inset 0 0 0 2px #d6d3d1"><path d="M150 140H362L222 392M188 268h120" fill="none" stroke="#000"
    stroke-width="52" stroke-linecap="round" stroke-linejoin="round" /></svg>
  <div><b style="font-size: 96px; line-height: 1; white-space: nowrap; color: #c2410c">{title}</b>
  <p style="margin: 40px 0 0; font-size: 46px; line-height: 1.3">{lead}</p></div>
"""


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        make_previews(browser)
        make_icons(browser)
        with served(*APP) as app:
            for size in SIZES:
                for scheme in SCHEMES:
                    make_screenshots(browser, app.url, size, scheme)
            make_animation(browser, app.url)
        browser.close()


def make_screenshots(browser: Browser, url: str, size: str, scheme: str) -> None:
    states = {
        "drawing": lambda page: draw(page, digit_strokes("7")),
        "number": lambda page: draw(page, digit_strokes(NUMBER)),
        "photo": lambda page: page.locator("input[name=files]").set_input_files(PHOTO),
        "rejection": lambda page: draw(page, [0.15 + 0.7 * line for line in strokes.smooth(strokes.parse(LETTER))]),
        "inside": look_inside,
    }
    width, height = SIZES[size]
    for state, bring_about in states.items():
        with browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme) as context:
            page = context.new_page()
            page.goto(url)
            page.wait_for_selector("gradio-app #digit-pad")
            bring_about(page)
            page.mouse.move(0, 0)
            page.wait_for_timeout(ANSWERED)
            save(page.screenshot(full_page=state == "inside"), DOCS / f"{state}-{size}-{scheme}.webp")


def look_inside(page: Page) -> None:
    draw(page, digit_strokes("7"))
    page.wait_for_timeout(ANSWERED)
    page.locator("[name=inside]").click()


def make_animation(browser: Browser, url: str) -> None:
    """Save what is seen while a number is drawn."""
    width, height = SIZES["wide"]
    pictures = []
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector("gradio-app #digit-pad")

        def look() -> None:
            with Image.open(io.BytesIO(page.screenshot())) as picture:
                pictures.append(picture.convert("RGB").resize((ANIMATION_WIDTH, ANIMATION_WIDTH * height // width)))

        draw(page, digit_strokes(NUMBER), look)
        page.mouse.move(0, 0)
        page.wait_for_timeout(ANSWERED)
        look()
    durations = [ANIMATION_STEP] * (len(pictures) - 1) + [LAST_STEP]
    pictures[0].save(
        DOCS / "drawing.webp", save_all=True, append_images=pictures[1:], duration=durations, loop=0, quality=QUALITY
    )


def digit_strokes(number: str) -> strokes.Strokes:
    """Return the strokes of a number in the middle of the pad, in fractions of its side."""
    size = 0.8 / max(len(number), 1.6)
    corner = np.array([(1 - size * len(number)) / 2, (1 - 1.4 * size) / 2])
    return [
        corner + size * (line * [0.75, 1.4] + [place + 0.12, 0])
        for place, digit in enumerate(number)
        for line in strokes.smooth(strokes.parse(strokes.DIGITS[int(digit)]))
    ]


def draw(page: Page, lines: strokes.Strokes, look=lambda: None, points: int = 6) -> None:
    """Draw strokes with the mouse; call ``look`` after every few points."""
    box = page.locator(".paper canvas").bounding_box()
    for line in lines:
        for place, (x, y) in enumerate(line):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if place == 0:
                page.mouse.down()
            if place % points == 0:
                page.wait_for_timeout(ANIMATION_STEP)
                look()
        page.mouse.up()


def make_previews(browser: Browser) -> None:
    (WEB / "preview").mkdir(exist_ok=True)
    for language, messages in MESSAGES.items():
        page = browser.new_page(viewport=dict(zip(("width", "height"), PREVIEW_SIZE, strict=True)))
        page.set_content(PREVIEW.format(title=messages["title"], lead=messages["lead"]))
        save(page.screenshot(), WEB / "preview" / f"{language}.png")
        page.close()


def make_icons(browser: Browser) -> None:
    for side in ICON_SIZES:
        page = browser.new_page(viewport={"width": side, "height": side})
        # To the edges: systems cut icons to shapes of their own.
        picture = (WEB / "icon.svg").read_text().replace('rx="112"', "")
        page.set_content(f'<body style="margin: 0">{picture}')
        save(page.screenshot(), WEB / f"icon-{side}.png")
        page.close()


def save(screenshot: bytes, path: pathlib.Path) -> None:
    with Image.open(io.BytesIO(screenshot)) as picture:
        if path.suffix == ".png":
            picture.convert("RGB").quantize(64).save(path, optimize=True)
        else:
            picture.convert("RGB").save(path, quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
