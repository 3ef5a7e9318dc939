"""Steps and expectations that several browser tests share."""

import pathlib

import numpy as np
from playwright.sync_api import Locator, Page, expect

from model.data.strokes import Strokes
from tests.helpers.drawings import strokes

#: The page once it no longer changes by itself: Gradio has taken it in, or it is the static site.
SETTLED = "gradio-app #digit-pad, #digit-pad[data-answers='./reader/browser.js']"


def open_page(page: Page, server) -> Page:
    """Open the server's page; ``page.foreign_requests`` lists the URLs of other servers that it requests."""
    page.foreign_requests = []
    page.on(
        "request",
        lambda request: page.foreign_requests.append(request.url) if is_foreign(request.url, server) else None,
    )
    page.goto(server.url)
    page.wait_for_selector(SETTLED)
    expect(pad_of(page)).to_be_visible()
    return page


def is_foreign(url: str, server) -> bool:
    return not url.startswith((server.url, "data:", "blob:"))


def pad_of(page: Page) -> Locator:
    return page.locator(".paper canvas")


def on_pad(page: Page, hand: Strokes) -> Strokes:
    """Return strokes in a unit square as points on the page, in the middle of the pad."""
    box = pad_of(page).bounding_box()
    corner, size = np.array([box["x"], box["y"]]), np.array([box["width"], box["height"]])
    return [corner + size * (0.15 + 0.7 * stroke) for stroke in hand]


def draw(page: Page, digit: int) -> None:
    draw_strokes(page, strokes(digit))


def draw_strokes(page: Page, hand: Strokes) -> None:
    for path in on_pad(page, hand):
        page.mouse.move(*path[0])
        page.mouse.down()
        for point in path[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def draw_number(page: Page, number: str) -> None:
    """Draw a number's digits side by side, over the whole width of the pad."""
    step = 1 / len(number)
    size = [0.8 * step, min(0.8, 1.2 * step)]
    for place, digit in enumerate(number):
        draw_strokes(page, [points * size + [place * step, 0.1] for points in strokes(int(digit))])


def upload(page: Page, *paths: pathlib.Path) -> None:
    page.locator("input[name=files]").set_input_files(paths)


def drop(page: Page, *files: tuple[str, bytes]) -> None:
    """Drop files, names with contents, on the page."""
    transfer = page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, bytes] of files) transfer.items.add(new File([new Uint8Array(bytes)], name));
            return transfer;
        }""",
        [(name, list(content)) for name, content in files],
    )
    for event in ("dragover", "drop"):
        page.dispatch_event("body", event, {"dataTransfer": transfer})


def expect_digit(page: Page, digit: int) -> None:
    """Expect a certain answer: the digit, and no sentence."""
    expect_number(page, str(digit))
    expect(page.locator(".sentence")).to_have_text("")
    expect(page.locator(".bars li").nth(digit)).to_have_class("likely")


def expect_number(page: Page, number: str) -> None:
    expect(page.locator(".number")).to_have_text(number)
    expect(page.locator(".frame")).to_be_visible()
    expect(page.locator(".actions")).to_be_visible()


def expect_sentence(page: Page, words: str) -> None:
    """Expect a sentence in place of an answer."""
    expect(page.locator(".sentence")).to_contain_text(words)
    expect(page.locator(".number")).to_have_text("")


def expect_refusal(page: Page) -> None:
    """Expect that no digit was found."""
    expect_sentence(page, "No digit was found: ")
    expect(page.locator(".bars")).to_contain_text("%")
    expect(page.locator(".frame")).to_be_visible()


def expect_invitation(page: Page) -> None:
    """Expect nothing to have been given yet."""
    expect(page.locator(".invitation")).to_be_visible()
    for part in (".number", ".sentence", ".frame", ".bars", ".actions"):
        expect(page.locator(part)).not_to_be_visible()


def expect_note(page: Page, words: str) -> None:
    expect(page.locator(".note")).to_contain_text(words)


def use_everything(page: Page) -> None:
    """Read a photo and a drawing, and look at how the drawing was read."""
    page.get_by_role("button", name="A photo with a shadow").click()
    expect_digit(page, 5)
    page.get_by_role("button", name="Draw").click()
    draw(page, 7)
    expect_digit(page, 7)
    for name in ("Why?", "Look inside"):
        page.get_by_role("button", name=name).click()
    expect(page.locator(".inside img")).to_have_count(7)
