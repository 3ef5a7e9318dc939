"""Steps and expectations that several browser tests share."""

import pathlib

import numpy as np
from playwright.sync_api import Page, expect

from model.data.strokes import Strokes
from tests.helpers.drawings import strokes


def open_page(page: Page, server) -> Page:
    """Open the server's page; ``page.foreign_requests`` lists the URLs of other servers that it requests."""
    page.foreign_requests = []
    page.on(
        "request",
        lambda request: page.foreign_requests.append(request.url) if is_foreign(request.url, server) else None,
    )
    page.goto(server.url)
    expect(page.locator(".paper canvas")).to_be_visible()
    return page


def is_foreign(url: str, server) -> bool:
    return not url.startswith((server.url, "data:", "blob:"))


def on_pad(page: Page, hand: Strokes) -> Strokes:
    """Return strokes in a unit square as points on the page, in the middle of the pad."""
    box = page.locator(".paper canvas").bounding_box()
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


def upload(page: Page, path: pathlib.Path) -> None:
    page.locator("input[type=file]").set_input_files(path)


def expect_digit(page: Page, digit: int) -> None:
    """Expect a certain answer: the digit, and no sentence."""
    expect(page.locator(".digit")).to_have_text(str(digit))
    expect(page.locator(".sentence")).to_have_text("")
    expect(page.locator(".bars li").nth(digit)).to_have_class("likely")
    expect(page.locator(".likely")).to_have_count(3)
    expect(page.locator(".frame img")).to_be_visible()


def expect_sentence(page: Page, words: str) -> None:
    """Expect a sentence in place of an answer."""
    expect(page.locator(".sentence")).to_contain_text(words)
    expect(page.locator(".digit")).to_have_text("")
    expect(page.locator(".frame img")).not_to_be_visible()
    expect(page.locator(".likely")).to_have_count(0)
