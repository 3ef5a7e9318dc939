"""The page in a real browser: drawn on with mouse and finger, and given photos."""

import base64
import io
import itertools
import json
import os
import pathlib
import re
import shutil

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import model
from model.data.corrections import load_corrections
from model.data.strokes import parse, render, smooth
from pad import MESSAGES, WEB
from tests.helpers.browser import (
    SETTLED,
    draw,
    draw_number,
    draw_strokes,
    drop,
    expect_digit,
    expect_invitation,
    expect_note,
    expect_number,
    expect_refusal,
    expect_sentence,
    on_pad,
    open_page,
    pad_of,
    upload,
)
from tests.helpers.drawings import number_picture, picture, strokes
from tests.helpers.encoding import decode_data_url, png
from tests.helpers.servers import Server, running_app

pytestmark = pytest.mark.slow

#: Runs a test on both pages, Gradio's and the static site.
both = pytest.mark.parametrize("server", ["app", "site"], indirect=True)
#: Runs it on the static site only with ALL_TESTS=true: how the front end is answered makes no difference to it.
site_too = both if os.environ.get("ALL_TESTS") == "true" else pytest.mark.parametrize("server", ["app"], indirect=True)


#: A webcam that sees a 1.
WEBCAM = """
navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 280;
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, 280, 280);
    context.fillStyle = "black";
    setInterval(() => context.fillRect(130, 60, 20, 160), 50);
    return (window.stream = canvas.captureStream());
};
"""
#: Links of version 1 to this drawing end so.
SHARED_FOUR = "drawing=1.n5inSVnrOlek.XJsWhqXBvUK8UTVTcSTcPT0TUcQZEYicZtEQtUM"


@pytest.fixture
def server(request):
    server = request.getfixturevalue(getattr(request, "param", "app"))
    yield server
    shutil.rmtree(server.folder / "feedback", ignore_errors=True)  # all tests have one server


@pytest.fixture
def page(browser: Browser, server):
    with browser.new_context() as context:
        yield open_page(context.new_page(), server)


@site_too
def test_blank_pad_invites(page):
    expect_invitation(page)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.get_by_role("button", name="Clear")).to_be_disabled()


@both
@pytest.mark.parametrize("digit", range(10))
def test_mouse_drawing_is_classified(page, digit):
    draw(page, digit)
    expect_digit(page, digit)
    assert page.foreign_requests == []


LETTER = "22,5 22,95 | 78,5 78,95 | 22,50 78,50"


@site_too
def test_letter_is_rejected_with_grey_bars(page):
    draw(page, 4)
    expect_digit(page, 4)
    bar = page.locator(".bar").nth(4)
    colour = bar.evaluate("bar => getComputedStyle(bar, '::after').backgroundColor")
    page.get_by_role("button", name="Clear").click()
    draw_strokes(page, smooth(parse(LETTER)))
    expect_refusal(page)
    assert bar.evaluate("bar => getComputedStyle(bar, '::after').backgroundColor") != colour


@both
def test_digits_drawn_side_by_side_are_a_number(page):
    draw_number(page, "4")
    expect_digit(page, 4)
    page.get_by_role("button", name="Clear").click()
    draw_number(page, "42")
    expect_number(page, "42")
    expect(page.locator(".announced")).to_contain_text("42")
    assert page.foreign_requests == []
    page.get_by_role("button", name="Undo").click()
    expect_digit(page, 4)


@site_too
@pytest.mark.parametrize("year", ["1984", "2037", "5566"])
def test_year_that_fills_the_width_is_read(page, year):
    draw_number(page, year)
    expect_number(page, year)


@both
def test_each_digit_of_a_number_can_be_selected(page):
    draw_number(page, "42")
    expect_number(page, "42")
    number, bars, frame = (page.locator(part) for part in (".number", ".bars li", ".frame"))
    frames = []
    for place, digit in enumerate((4, 2)):
        number.get_by_role("button").nth(place).click()
        expect(number.get_by_role("button").nth(place)).to_have_attribute("aria-pressed", "true")
        expect(number.get_by_role("button", pressed=True)).to_have_count(1)
        expect(bars.nth(digit)).to_have_class("likely")
        frames.append(frame.get_attribute("src"))
    assert frames[0] != frames[1]
    number.get_by_role("button").first.focus()
    page.keyboard.press("Enter")
    expect(number.get_by_role("button").first).to_be_focused()
    expect(bars.nth(4)).to_have_class("likely")


def shown(digits: str, probability: float = 0.7) -> list[dict]:
    """Return the digits of an answer, as the server sends them."""
    probabilities = [probability] + [0.0] * 9
    one = {"probability": probability, "probabilities": probabilities, "frame": "data:,", "box": [0, 0, 1, 1]}
    return [{"digit": int(digit), "outline": [], **one} for digit in digits]


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("number", ["42", "0123456789" * 2, "42\n07\n19"])
def test_numbers_fit_their_box(browser, server, width, number):
    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        page = open_page(context.new_page(), server)
        answer = {
            "number": number,
            "digit": None,
            "reason": "several digits",
            "digits": shown(number.replace("\n", "")),
            "rejected": [],
        }
        answer |= {"probabilities": [0.1] * 10, "frame": "data:,"}
        page.route("**/read", lambda route: route.fulfill(json=answer))
        draw(page, 4)
        expect_number(page, number.replace("\n", ""))
        expect(page.locator(".announced")).to_contain_text("uncertain")  # the last answer is there
        box, sentence, frame = (page.locator(part).bounding_box() for part in (".number", ".sentence", ".frame"))
        digits = [digit.bounding_box() for digit in page.locator(".number button").all()]
        assert max(digit["x"] + digit["width"] for digit in digits) <= frame["x"]
        assert sentence["y"] >= box["y"] + box["height"] - 1
        expect(page.locator(".sentence")).to_have_text(f"The {number[0]} is uncertain.")


@site_too
def test_touch_drawing_is_classified_without_scrolling(browser, server):
    with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as context:
        page = open_page(context.new_page(), server)
        touch = context.new_cdp_session(page)
        for path in on_pad(page, strokes(3)):
            for place, (x, y) in enumerate(path):
                kind = "touchMove" if place else "touchStart"
                touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        expect_digit(page, 3)
        assert page.evaluate("window.scrollY") == 0
        expect(page.locator(".number")).to_be_in_viewport()


#: The window's sizes at which everything that is needed while drawing is visible at once.
SIZES = [
    *((390, 844), (390, 664), (320, 568), (844, 390), (640, 400), (700, 900), (760, 700), (820, 1180)),
    *((1024, 768), (1280, 720), (1440, 900), (1920, 1080), (1200, 1000), (641, 800), (393, 600)),
]


@site_too
@pytest.mark.parametrize("size", SIZES, ids=lambda size: "×".join(map(str, size)))
@pytest.mark.parametrize("language", ["en", "de"])
def test_pad_and_whole_answer_are_visible_at_once(browser, server, size, language):
    width, height = size
    with browser.new_context(locale=language, viewport={"width": width, "height": height}) as context:
        page = open_page(context.new_page(), server)
        draw_number(page, "42")
        expect_number(page, "42")
        for part in (".paper", ".tools", ".number", ".frame", ".bars"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        if height >= 780 or (width, height) == (1024, 768):
            assert page.evaluate("document.documentElement.scrollHeight") == height, "no scrollbar"
        for button in page.locator("#digit-pad button:visible").all():
            assert button.evaluate("button => button.scrollWidth <= button.clientWidth"), button.inner_text()
        paper = page.locator(".paper").bounding_box()
        assert paper["width"] == pytest.approx(paper["height"], abs=1)
        assert paper["width"] * paper["height"] > 0.18 * width * height, "the room is used"
        side_by_side = page.locator(".answer").bounding_box()["x"] >= paper["x"] + paper["width"]
        assert side_by_side == (width >= 1.25 * height or width >= max(height, 900))


@site_too
@pytest.mark.parametrize("size", SIZES[:4], ids=lambda size: "×".join(map(str, size)))
def test_sentence_about_marks_hides_nothing_of_the_answer(browser, server, size):
    """In French, where it is longest."""
    with browser.new_context(locale="fr", viewport={"width": size[0], "height": size[1]}) as context:
        page = open_page(context.new_page(), server)
        for digit, left in ((4, -0.1), (2, 0.8)):
            draw_strokes(page, [0.3 * stroke + [left, 0.3] for stroke in strokes(digit)])
        draw_strokes(page, parse("42,36 58,58 | 58,36 42,58"))
        expect(page.locator(".sentence")).to_have_text(MESSAGES["fr"]["ignored"].format(count=1))
        for part in (".paper", ".number", ".frame", ".sentence", ".bars"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)


@site_too
@pytest.mark.parametrize(
    "size", [(568, 320), (512, 384), (480, 380), (320, 256)], ids=lambda size: "×".join(map(str, size))
)
def test_pad_can_be_drawn_on_in_low_windows(browser, server, size):
    with browser.new_context(viewport={"width": size[0], "height": size[1]}) as context:  # as small screens at 200 %
        page = open_page(context.new_page(), server)
        assert page.locator(".paper").bounding_box()["width"] >= min(160, 0.6 * size[1])
        assert page.evaluate("document.documentElement.scrollWidth") == size[0]
        draw(page, 4)
        expect_digit(page, 4)


@site_too
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "phone"])
def test_text_and_targets_are_large_enough(browser, server, size, scheme):
    with browser.new_context(color_scheme=scheme, viewport={"width": size[0], "height": size[1]}) as context:
        page = open_page(context.new_page(), server)
        targets = page.locator("#digit-pad :is(button, a):visible")
        assert small(targets) == []
        draw_number(page, "2026")
        expect_number(page, "2026")
        expect(page.locator(".announced")).to_have_text("2026")  # the last answer is there
        sides = "digits => digits.flatMap((digit) => [digit.offsetWidth, digit.offsetHeight])"
        assert min(page.locator(".number button").evaluate_all(sides)) >= 44
        page.keyboard.press("Escape")
        draw_number(page, "7")
        expect_digit(page, 7)
        for name in ("inside", "wrong"):
            page.locator(f"[name={name}]").click()
        expect(page.locator(".inside img")).to_have_count(7)
        assert small(targets) == []
        sizes = page.evaluate("""() => [...document.querySelectorAll("#digit-pad *")]
            .filter((each) => each.checkVisibility() && each.innerText?.trim())
            .map((each) => parseFloat(getComputedStyle(each).fontSize))""")
        assert min(sizes) >= 12


def small(targets) -> list[str]:
    boxes = [(target.bounding_box(), target.inner_text()) for target in targets.all()]
    return [text for box, text in boxes if box["height"] < 44 or (box["width"] < 44 and not text.isdigit())]


def ink_on_pad(page: Page) -> np.ndarray:
    """Which of the pad's pixels are black."""
    return np.array(
        pad_of(page).evaluate("""canvas => {
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return [...pixels.filter((value, place) => place % 4 === 0)].map((value) => value < 128);
        }""")
    )


def copied_link(page: Page) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Copy link").click()
    expect(dialog.get_by_role("status")).to_have_text("Link copied.", timeout=30_000)
    dialog.get_by_role("button", name="Close").click()
    return page.evaluate("navigator.clipboard.readText()")


def downloaded_card(page: Page, folder: pathlib.Path) -> tuple[str, np.ndarray]:
    """Return the name of the card, and its pixels in grey."""
    page.get_by_role("button", name="Share").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    page.get_by_role("button", name="Close").click()
    download.value.save_as(folder / "card.png")
    with Image.open(folder / "card.png") as card:
        assert card.size == (1200, 630)
        return download.value.suggested_filename, np.asarray(card.convert("L"))


@site_too
def test_pen_pressure_widens_the_line(page):
    pen = page.context.new_cdp_session(page)
    ((start, end),) = on_pad(page, [np.array([[0.5, 0.1], [0.5, 0.9]])])
    widths = []
    for force in (0.1, 0.9):
        for kind, (x, y) in [("mousePressed", start), ("mouseMoved", end), ("mouseReleased", end)]:
            how = {"button": "left", "buttons": 1, "pointerType": "pen", "force": force}
            pen.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **how})
        expect_digit(page, 1)
        widths.append(ink_on_pad(page).mean())
        page.get_by_role("button", name="Clear").click()
    assert widths[1] > 1.5 * widths[0]


@site_too
def test_answer_appears_while_drawing(page):
    (path,) = on_pad(page, strokes(8))
    page.mouse.move(*path[0])
    page.mouse.down()
    for place in path[1:]:
        page.mouse.move(*place)
    expect_digit(page, 8)
    page.mouse.up()


@site_too
def test_keyboard_draws_undoes_and_clears(page):
    canvas = pad_of(page)
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # hovers, as a mouse at rest does
    canvas.focus()
    for key in ["ArrowUp"] * 10 + [" "] + ["ArrowDown"] * 20 + [" "]:
        page.keyboard.press(key)
    expect_digit(page, 1)
    assert ink_on_pad(page).mean() > 0.02  # as wide as the pen
    for key in ["Delete", "Control+z"]:
        page.keyboard.press(key)
    expect_digit(page, 1)
    page.keyboard.press("Escape")
    expect_invitation(page)


@site_too
def test_undo_lifts_the_keyboard_pen(page):
    pad_of(page).focus()
    for key in [" ", "ArrowDown", "ArrowDown"]:
        page.keyboard.press(key)
    expect(page.locator(".tip")).to_have_class("tip down")
    page.keyboard.press("Control+z")
    expect_invitation(page)
    expect(page.locator(".tip")).to_have_class("tip")


@site_too
def test_every_bar_has_an_aria_label(page):
    draw(page, 7)
    expect_digit(page, 7)
    heard = [row.get_attribute("aria-label") for row in page.locator(".bars li").all()]
    assert [label.split(":")[0] for label in heard] == [str(digit) for digit in range(10)]
    assert all(label.endswith(" %") for label in heard)
    assert int(heard[7].split()[1]) > 80


@site_too
def test_eraser_erases(page):
    draw(page, 8)
    expect_digit(page, 8)
    page.get_by_role("button", name="Eraser").click()
    expect(page.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "true")
    box = pad_of(page).bounding_box()
    for row in range(5, 100, 8):
        page.mouse.move(box["x"] + 5, box["y"] + box["height"] * row / 100)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 5, box["y"] + box["height"] * row / 100, steps=5)
        page.mouse.up()
    expect_sentence(page, "There is nothing to read here.")


@site_too
def test_clear_puts_the_eraser_away(page):
    draw(page, 8)
    page.get_by_role("button", name="Eraser").click()
    expect(page.locator(".tip")).to_have_class("tip erases")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "false")
    draw(page, 1)
    expect_digit(page, 1)


@site_too
def test_settled_answer_is_announced_to_screen_readers(page):
    page.evaluate("""() => {
        window.announcements = [];
        const region = document.querySelector(".announced");
        new MutationObserver(() => announcements.push(region.textContent)).observe(region, {childList: true});
    }""")
    draw(page, 8)
    expect(page.locator(".announced")).to_have_text("8")
    assert len(page.evaluate("announcements")) <= 2


@both
@pytest.mark.parametrize(
    ("language", "spoken", "undo", "photo"),
    [
        ("de-AT", "de", "Rückgängig", "Foto"),
        ("zh-CN", "zh-CN", "撤销", "照片"),
        ("zh-TW", "zh-CN", "撤销", "照片"),
        ("zh-HK", "en", "Undo", "Photo"),
        ("it-IT", "en", "Undo", "Photo"),
    ],
)
def test_page_is_in_the_browsers_language(browser, server, language, spoken, undo, photo):
    with browser.new_context(locale=language) as context:
        page = open_page(context.new_page(), server)
        expect(page.get_by_role("button", name=photo, exact=True)).to_be_visible()
        expect(page.get_by_role("button", name=undo)).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", spoken)
        page.wait_for_selector(SETTLED)
        expect(page).to_have_title(MESSAGES[spoken]["document_title"])
        expect(page.locator("html")).to_have_attribute("lang", spoken)
        texts = set(page.locator("body").inner_text().splitlines()) - {""}
        allowed = {re.sub(r"\s", "", text) for text in MESSAGES[spoken].values()}
        assert {re.sub(r"[→\s]", "", text) for text in texts} <= allowed


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']} {node['failureSummary']}" for each in found for node in each["nodes"]]


@both
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessibility_with_axe(browser, server, tmp_path, scheme, width):
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844}) as context:
        page = open_page(context.new_page(), server)
        page.wait_for_selector(SETTLED)
        expect_invitation(page)
        assert violations(page) == []
        draw_number(page, "42")
        expect_number(page, "42")
        expect(page.locator(".announced")).to_contain_text("42")  # the last answer is there
        for name in ("wrong", "inside", "why"):
            page.locator(f"[name={name}]").click()
        expect(page.locator(".sentence")).to_contain_text("Blue ink")
        expect(page.locator(".inside img")).to_have_count(7)
        page.wait_for_timeout(300)  # the bars have grown
        assert violations(page) == []
        page.locator("[name=share]").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Clear").click()
        page.get_by_role("button", name="A letter").click()
        expect_refusal(page)
        page.wait_for_timeout(300)
        assert violations(page) == []
        Image.fromarray(number_picture("2026")).save(tmp_path / "number.png")
        upload(page, tmp_path / "number.png")
        expect_number(page, "2026")
        page.wait_for_timeout(300)
        assert violations(page) == []
        drop(page, ("text.txt", b"seven"))
        expect_note(page, MESSAGES["en"][reason(server)])
        assert violations(page) == []


@site_too
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility_of_what_is_seen_rarely_with_axe(browser, server, scheme):
    with browser.new_context(color_scheme=scheme) as context:
        context.add_init_script(WEBCAM)
        page = open_page(context.new_page(), server)
        page.goto(f"{server.url}/#{SHARED_FOUR}")
        expect(page.get_by_role("button", name="Now you")).to_be_visible()
        expect_digit(page, 4)
        page.wait_for_timeout(300)  # the bars have grown
        assert violations(page) == []
        correct(page, "9")
        expect(page.locator(".kept li")).to_contain_text("Saved: 9")
        assert violations(page) == []
        page.get_by_role("button", name="Camera").click()
        expect(page.locator("video")).to_be_visible()
        assert violations(page) == []


def contrast(colours: list[str]) -> float:
    """Return the contrast of two colours, as the Web Content Accessibility Guidelines define it."""
    channels = np.array([[int(part) for part in re.findall(r"\d+", colour)[:3]] for colour in colours]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (light + 0.05) / (dark + 0.05)


@site_too
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_contrast_with_their_track(browser, server, scheme):
    with browser.new_context(color_scheme=scheme) as context:
        page = open_page(context.new_page(), server)
        colours = """bar => [null, "::after"].map((part) => getComputedStyle(bar, part).backgroundColor)"""
        draw(page, 4)
        expect_digit(page, 4)
        assert contrast(page.locator(".bar").nth(4).evaluate(colours)) >= 3
        page.get_by_role("button", name="Clear").click()
        page.get_by_role("button", name="A letter").click()
        expect_refusal(page)
        assert contrast(page.locator(".bar").nth(4).evaluate(colours)) >= 3


@site_too
def test_bars_and_selection_are_visible_in_forced_colours(browser, server):
    with browser.new_context(forced_colors="active") as context:
        page = open_page(context.new_page(), server)
        draw_number(page, "42")
        expect_number(page, "42")
        page.locator(".number button").first.click()
        bar, track = (
            page.locator(".bar")
            .nth(4)
            .evaluate("""bar => [null, "::after"].map((part) => getComputedStyle(bar, part).backgroundColor)""")
        )
        assert bar != track
        selected, other = (
            page.locator(".number button").nth(place).evaluate("each => getComputedStyle(each).outlineStyle")
            for place in (0, 1)
        )
        assert (selected, other) == ("solid", "none")


@site_too
def test_reduced_motion_is_respected(browser, server):
    with browser.new_context(reduced_motion="reduce") as context:
        page = open_page(context.new_page(), server)
        expect(pad_of(page)).to_have_attribute("style", re.compile("opacity"))
        at_first = ink_on_pad(page)
        assert at_first.any()
        page.wait_for_timeout(300)
        assert np.array_equal(ink_on_pad(page), at_first), "the example does not draw itself"
        assert page.locator(".bar").first.evaluate("bar => getComputedStyle(bar, '::after').transitionDuration") == "0s"
        page.goto("about:blank")
        page.goto(f"{server.url}/#{SHARED_FOUR}")
        expect_digit(page, 4)


@site_too
def test_pad_is_as_dark_as_the_scheme(browser, server):
    with browser.new_context(color_scheme="dark") as context:
        page = open_page(context.new_page(), server)
        draw(page, 4)
        expect_digit(page, 4)
        assert 0.02 < 1 - ink_on_pad(page).mean() < 0.3, "light ink on a dark pad"
        page.emulate_media(color_scheme="light")
        expect(page.locator(".number")).to_have_text("4")
        page.wait_for_timeout(100)
        assert 0.02 < ink_on_pad(page).mean() < 0.3


@site_too
def test_held_space_bar_starts_one_stroke(page):
    pad_of(page).focus()
    for _ in range(6):
        page.keyboard.down(" ")
    page.keyboard.up(" ")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


@site_too
def test_browser_shortcuts_are_not_intercepted(page):
    pad_of(page).focus()
    page.evaluate("window.addEventListener('keydown', event => { window.taken = event.defaultPrevented })")
    for key, taken in [("Alt+ArrowDown", False), ("Control+ArrowDown", False), ("ArrowDown", True)]:
        page.keyboard.press(key)
        assert page.evaluate("taken") is taken


@site_too
def test_undo_redo_and_clear(page):
    draw(page, 1)
    expect_digit(page, 1)
    box = pad_of(page).bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 40, box["y"] + box["height"] / 2, steps=10)
    page.mouse.up()
    expect(page.locator(".number")).not_to_have_text("1")
    page.get_by_role("button", name="Undo").click()
    expect_digit(page, 1)
    page.get_by_role("button", name="Redo").click()
    expect(page.locator(".number")).not_to_have_text("1")
    page.keyboard.press("Control+z")
    expect_digit(page, 1)
    for redo in ("Control+Shift+Z", "Control+z", "Control+y"):
        page.keyboard.press(redo)
    expect(page.locator(".number")).not_to_have_text("1")
    page.keyboard.press("Control+z")
    expect_digit(page, 1)
    page.get_by_role("button", name="Clear").click()
    expect_invitation(page)
    draw(page, 2)
    expect_digit(page, 2)


@site_too
def test_last_answer_belongs_to_the_last_stroke(page):
    for digit in (7, 0, 4):
        draw(page, digit)
        page.get_by_role("button", name="Clear").click()
    draw(page, 6)
    expect_digit(page, 6)
    page.wait_for_timeout(500)
    expect_digit(page, 6)


def test_drawing_survives_resize_and_lost_server(page):
    draw(page, 5)
    expect_digit(page, 5)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 500, "height": 800})
    expect_digit(page, 5)
    page.context.set_offline(True)
    draw(page, 5)
    expect_sentence(page, "Your drawing is kept")
    page.context.set_offline(False)
    expect_digit(page, 5)


def test_lost_server_is_retried_with_a_delay(page):
    asked = []
    page.route("**/read", lambda route: (asked.append(route), route.abort()))
    draw(page, 8)
    expect_sentence(page, "No answer from the server")
    page.wait_for_timeout(3500)
    assert 2 <= len(asked) <= 4


def test_busy_server_is_retried_after_retry_after(page):
    asked = []

    def refuse(route):
        asked.append(route)
        route.fulfill(status=429, headers={"retry-after": "4"}, json={"error": "Too many.", "code": "busy"})

    page.route("**/read", refuse)
    page.get_by_role("button", name="An open 4").click()
    expect_sentence(page, "The server is busy")
    page.unroute("**/read")
    page.wait_for_timeout(2000)
    expect_sentence(page, "The server is busy")
    assert len(asked) == 1
    expect_digit(page, 4)


def test_slow_server_times_out(page):
    page.evaluate("""() => {
        const { timeout } = AbortSignal;
        AbortSignal.timeout = (milliseconds) => timeout.call(AbortSignal, milliseconds / 10);
    }""")
    page.route("**/read", lambda route: None)
    draw(page, 3)
    expect_sentence(page, "No answer from the server")


def test_late_answer_about_a_cleared_drawing_is_ignored(page):
    draw(page, 7)
    expect_digit(page, 7)
    held = []
    page.route("**/read", lambda route: held.append(route))
    draw(page, 7)
    page.get_by_role("button", name="Clear").click()
    expect_invitation(page)
    draw(page, 2)
    held[0].continue_()
    page.wait_for_timeout(1000)
    expect_invitation(page)


def test_correction_and_card_use_the_drawing_of_the_answer(page, tmp_path):
    draw(page, 1)
    expect_digit(page, 1)
    page.route("**/read", lambda route: None)
    draw_strokes(page, [np.array([[0.0, 0.5], [1.0, 0.5]])])
    kept = []
    page.route(
        "**/correct", lambda route: (kept.append(route.request.post_data_json), route.fulfill(json={"name": "a"}))
    )
    correct(page, "7")
    expect(page.locator(".kept li")).to_contain_text("Saved: 7")
    assert model.predict_digit(base64.b64decode(kept[0]["picture"].partition(",")[2])) == 1
    _, card = downloaded_card(page, tmp_path)
    assert model.predict_digit(card[60:570, 60:570]) == 1


def correct(page: Page, choice: str) -> None:
    if page.locator("[name=wrong]").get_attribute("aria-expanded") != "true":
        page.get_by_role("button", name="Wrong?").click()
    page.locator(".choices").get_by_role("button", name=choice, exact=True).click()


@site_too
@pytest.mark.parametrize("how", ["touch", "keyboard"])
def test_every_control_works_without_a_mouse(browser, server, how):
    with browser.new_context(has_touch=True) as context:
        page = open_page(context.new_page(), server)

        def press(*names: str, part: str = "#digit-pad") -> None:
            for name in names:
                control = page.locator(part).get_by_role("button", name=name, exact=True)
                expect(control).to_be_enabled()
                control.tap() if how == "touch" else control.press("Enter")

        press("An open 4")
        expect_digit(page, 4)
        press("Clear")
        expect_invitation(page)
        press("Undo")
        expect_digit(page, 4)
        press("Undo", "Redo", "Eraser")
        expect_digit(page, 4)
        expect(page.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "true")
        press("Clear", "A photo with a shadow")
        expect_digit(page, 5)
        press("Draw")
        draw_number(page, "42")
        expect_number(page, "42")
        expect(page.locator(".announced")).to_have_text("42")  # the last answer is there
        press("2", part=".number")
        expect(page.locator(".bars li").nth(2)).to_have_class("likely")
        press("Why?", "Look inside", "Wrong?")
        expect(page.locator(".sentence")).to_contain_text("Blue ink")
        expect(page.locator(".inside img")).to_have_count(7)
        press("2", part=".choices")
        expect(page.locator(".kept li")).to_contain_text("Saved: 2")
        press("Share")
        expect(page.get_by_role("dialog")).to_be_visible()
        press("Close")
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_failed_correction_can_be_repeated(page):
    draw(page, 1)
    expect_digit(page, 1)
    page.route("**/correct", lambda route: route.abort())
    correct(page, "7")
    expect(page.locator(".status")).to_have_text("This could not be saved.")
    expect(page.locator(".choices").get_by_role("button", name="7")).to_be_enabled()


def test_why_reports_a_lost_server(page):
    draw(page, 1)
    expect(page.locator(".announced")).to_have_text("1")
    page.route("**/why", lambda route: route.abort())
    page.get_by_role("button", name="Why?").click()
    expect_note(page, "No answer from the server. Please try again.")


@site_too
def test_drawing_survives_a_reload(page):
    draw(page, 6)
    expect_digit(page, 6)
    page.reload()
    expect_digit(page, 6)
    page.get_by_role("button", name="Clear").click()
    page.reload()
    expect_invitation(page)


@site_too
def test_stroke_over_selected_text_is_no_text_drag(page):
    page.keyboard.press("Control+a")
    draw(page, 4)
    expect_digit(page, 4)
    assert page.evaluate("getSelection().toString()") == ""


@site_too
@pytest.mark.parametrize(("x", "y"), [(-15, 0.5), (None, 0.5), (0.5, -9), (0.5, None)])
def test_stroke_pressed_beside_the_pad_starts_at_its_edge(page, x, y):
    box = pad_of(page).bounding_box()
    left, top, width, height = box["x"], box["y"], box["width"], box["height"]
    # Beside the left, right, upper and lower edge; between the pad and the tools below it.
    start_x = left + width + 15 if x is None else left + x if x < 0 else left + x * width
    start_y = top + height + 3 if y is None else top + y if y < 0 else top + y * height
    page.mouse.move(start_x, start_y)
    page.mouse.down()
    page.mouse.move(left + width / 2, top + height / 2, steps=2)
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    page.wait_for_timeout(100)
    ink = square(ink_on_pad(page))
    edges = {"left": ink[:, 0], "right": ink[:, -1], "upper": ink[0], "lower": ink[-1]}
    crossed = "left" if start_x < left else "right" if start_x > left + width else "upper" if start_y < top else "lower"
    assert [name for name, edge in edges.items() if edge.any()] == [crossed]


def square(pixels: np.ndarray) -> np.ndarray:
    side = round(len(pixels) ** 0.5)
    return pixels.reshape(side, side)


@site_too
def test_press_on_a_button_that_moves_onto_the_pad_draws_nothing(page):
    button = page.get_by_role("button", name="Eraser").bounding_box()
    page.mouse.move(button["x"] + 20, button["y"] + 20)
    page.mouse.down()
    page.mouse.move(*on_pad(page, strokes(1))[0][0], steps=5)
    page.mouse.up()
    expect_invitation(page)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


@site_too
def test_stroke_that_leaves_the_pad_and_returns_stays_one_drawing(page):
    box = pad_of(page).bounding_box()
    corner, side = np.array([box["x"], box["y"]]), box["width"]
    path = [(0.3, 0.2), (0.7, 0.2), (0.97, 0.22), (1.02, 0.24), (0.96, 0.28), (0.7, 0.6), (0.6, 0.9)]
    page.mouse.move(*(corner + np.array(path[0]) * side))
    page.mouse.down()
    for point in path[1:]:
        page.mouse.move(*(corner + np.array(point) * side), steps=8)
    page.mouse.up()
    expect_digit(page, 7)
    expect(page.locator(".announced")).to_have_text("7")  # the last answer is there
    frame = decode_data_url(page.locator(".frame").get_attribute("src")).reshape(28, 28, -1)[..., 0]
    rows, columns = np.nonzero(frame > 100)
    assert rows.max() - rows.min() >= 18, "all of its height"
    assert columns.max() - columns.min() >= 14, "all of its width"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


@site_too
@pytest.mark.parametrize("key", ["Delete", "Escape"])
def test_keys_clear_wherever_the_focus_is(page, key):
    draw(page, 4)
    expect_digit(page, 4)
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press(key)
    expect_invitation(page)


@site_too
def test_escape_closes_the_panel_and_keeps_the_drawing(page):
    draw(page, 4)
    expect_digit(page, 4)
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()
    expect_digit(page, 4)


@site_too
def test_no_refusal_flashes_while_a_digit_is_drawn(page):
    page.evaluate("""() => {
        let moved = 0;
        addEventListener("pointermove", () => moved = performance.now(), true);
        window.pauses = [];
        const sentence = document.querySelector(".sentence");
        new MutationObserver(() => {
            if (sentence.textContent.includes("No digit")) pauses.push(performance.now() - moved);
        }).observe(sentence, {childList: true});
    }""")
    for path in on_pad(page, smooth(parse(LETTER))):
        page.mouse.move(*path[0])
        page.mouse.down()
        for point in path[1:]:
            page.mouse.move(*point)
            page.wait_for_timeout(30)
        page.mouse.up()
    expect_refusal(page)
    assert min(page.evaluate("pauses")) > 490  # the pen has rested for half a second


@site_too
def test_mark_that_is_no_digit_is_told_and_outlined_once_the_pen_rests(page):
    for digit, left in ((4, -0.1), (2, 0.8)):
        draw_strokes(page, [0.3 * stroke + [left, 0.3] for stroke in strokes(digit)])
    expect_number(page, "42")
    page.evaluate("() => { document.querySelector('.sentence').textContent = ''; window.drawn = performance.now(); }")
    draw_strokes(page, parse("42,36 58,58 | 58,36 42,58"))
    expect(page.locator(".sentence")).to_have_text(MESSAGES["en"]["ignored"].format(count=1))
    assert page.evaluate("performance.now() - window.drawn") > 500
    expect_number(page, "42")
    expect(page.locator(".overlay .rejected")).to_have_count(1)


@site_too
def test_refusal_of_a_drawing_is_not_said_of_a_photo_given_meanwhile(page):
    draw_strokes(page, parse("20,20 80,80 | 80,20 20,80"))
    drop(page, ("5.png", png(picture(5))))
    expect_digit(page, 5)
    page.wait_for_timeout(700)
    expect_digit(page, 5)


def test_only_likely_digits_are_emphasised(page):
    draw(page, 4)
    expect_digit(page, 4)
    expect(page.locator(".likely")).to_have_count(1)
    answer = {"number": "4", "digit": 4, "reason": None, "digits": shown("4", 0.6), "rejected": [], "frame": "data:,"}
    answer["digits"][0]["probabilities"] = [0, 0.34, 0, 0, 0.6, 0, 0, 0.06, 0, 0]
    page.route("**/read", lambda route: route.fulfill(json=answer | {"probabilities": [0.1] * 10}))
    draw(page, 4)
    expect(page.locator(".sentence")).to_have_text("4, or perhaps 1")
    weights = page.locator(".bars .name").evaluate_all(
        "names => names.map((name) => getComputedStyle(name).fontWeight)"
    )
    assert [digit for digit, weight in enumerate(weights) if int(weight) >= 600] == [1, 4]


@site_too
def test_an_example_draws_itself_once_and_gives_way(page):
    expect(pad_of(page)).to_have_attribute("style", re.compile("opacity"))
    draw(page, 1)
    expect_digit(page, 1)
    assert pad_of(page).evaluate("canvas => canvas.style.opacity") == ""
    ink = ink_on_pad(page).mean()
    assert 0.02 < ink < 0.09, "the example is gone"


def test_pad_can_be_drawn_on_before_gradios_part_has_loaded(browser, server):
    with browser.new_context() as context:
        page = context.new_page()
        held, released = [], []
        page.route("**/assets/*.js", lambda route: route.continue_() if released else held.append(route))
        page.goto(server.url, wait_until="commit")
        expect(pad_of(page)).to_be_visible()
        draw(page, 3)
        expect_digit(page, 3)
        before = pad_of(page).bounding_box()
        page.get_by_role("button", name="Undo").focus()
        released.append(True)
        for route in held:
            route.continue_()
        page.wait_for_selector("gradio-app #digit-pad")
        expect_digit(page, 3)
        assert pad_of(page).bounding_box() == before
        expect(page.get_by_role("button", name="Undo")).to_be_focused()
        expect(page).to_have_title(MESSAGES["en"]["document_title"])


@site_too
def test_long_stroke_is_painted_once_a_frame_and_can_be_shared(page):
    box = pad_of(page).bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    painted = pad_of(page).evaluate("""canvas => {
        let painted = 0;
        const context = canvas.getContext("2d");
        const { fillRect } = context;
        context.fillRect = (...box) => { painted++; fillRect.apply(context, box); };
        const { left, top, width, height } = canvas.getBoundingClientRect();
        const at = (x) => ({ pointerId: 1, bubbles: true, clientX: left + x * width, clientY: top + height / 2 });
        for (let moved = 0; moved < 100; moved++) {
            const move = (_, place) => new PointerEvent("pointermove", at(place / 1500));
            const coalescedEvents = Array.from({ length: 1500 }, move);
            canvas.dispatchEvent(new PointerEvent("pointermove", { ...at(1), coalescedEvents }));
        }
        return painted;
    }""")
    page.mouse.up()
    assert painted <= 2
    copied_link(page)


def rotated_by_exif(tmp_path: pathlib.Path) -> pathlib.Path:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture(7)).transpose(Image.Transpose.ROTATE_90).save(tmp_path / "rotated.jpg", exif=exif)
    return tmp_path / "rotated.jpg"


def white_on_black(tmp_path: pathlib.Path) -> pathlib.Path:
    Image.fromarray(255 - picture(7)).save(tmp_path / "black.png")
    return tmp_path / "black.png"


def plain(tmp_path: pathlib.Path) -> pathlib.Path:
    light = np.linspace(150, 240, 1200)[None]
    Image.fromarray(picture(7, paper=light, ink=60, size=(900, 1200), height=0.3)).save(tmp_path / "photo.jpg")
    return tmp_path / "photo.jpg"


@both
@pytest.mark.parametrize("photo", [plain, rotated_by_exif, white_on_black], ids=lambda photo: photo.__name__)
def test_photo_is_classified(page, photo, tmp_path):
    upload(page, photo(tmp_path))
    expect_digit(page, 7)
    assert page.foreign_requests == []


@both
def test_photo_is_shown_upright(page, tmp_path):
    upload(page, rotated_by_exif(tmp_path))
    expect_digit(page, 7)
    box, picture = page.locator(".overlay .box").bounding_box(), page.locator(".overlay image").bounding_box()
    assert box["height"] > box["width"], "the outlines are those of the upright picture"
    assert box["x"] + box["width"] / 2 == pytest.approx(picture["x"] + picture["width"] / 2, rel=0.05)


@pytest.mark.parametrize("name", ["phone.heic", "scan.tiff"])
def test_photo_that_the_browser_cannot_show_is_shown_by_the_server(page, name, tmp_path):
    Image.fromarray(picture(7)).convert("RGB").save(tmp_path / name, "HEIF" if name.endswith("heic") else "TIFF")
    upload(page, tmp_path / name)
    expect_digit(page, 7)
    assert page.locator(".overlay image").get_attribute("href").startswith("data:image/jpeg")


UNREADABLE = {
    "document.pdf": b"%PDF-1.4 seven",
    "text.txt": b"seven",
    "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>',
    "empty.png": b"",
    "broken.jpg": b"\xff\xd8\xff\xe0 seven",
}


@site_too
@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("language", ["en", "de"])
def test_file_that_is_no_picture_leaves_what_was_there(browser, server, name, language):
    with browser.new_context(locale=language) as context:
        page = open_page(context.new_page(), server)
        draw(page, 4)
        expect_number(page, "4")
        drop(page, (name, UNREADABLE[name]))
        expect(page.locator(".note")).to_have_text(MESSAGES[language][reason(server)])
        expect_number(page, "4")
        expect(pad_of(page)).to_be_visible()
        expect(page.locator(".overlay image")).to_have_count(0)
        draw(page, 4)
        expect(page.locator(".note")).to_be_empty()
    if isinstance(server, Server):
        assert "Traceback" not in server.log()


@site_too
def test_dropped_folder_is_no_lost_server(page, tmp_path):
    tab, box = page.context.new_cdp_session(page), pad_of(page).bounding_box()
    data = {"items": [], "files": [str(tmp_path)], "dragOperationsMask": 1}
    page.evaluate("addEventListener('drop', () => { window.dropped = true; })")
    while not page.evaluate("window.dropped"):  # Chromium drops the first events
        for kind in ("dragEnter", "dragOver", "drop"):
            place = {"x": box["x"] + 50, "y": box["y"] + 50}
            tab.send("Input.dispatchDragEvent", {"type": kind, "data": data, **place})
            page.wait_for_timeout(100)
    expect_note(page, "not a picture")
    expect_invitation(page)


def reason(server) -> str:
    """Return the message about a file that cannot be read: browsers do not say why they cannot."""
    return "unreadable" if isinstance(server, Server) else "undecodable"


@site_too
def test_file_that_is_no_picture_leaves_the_photo_before(page, server, tmp_path):
    upload(page, plain(tmp_path))
    expect_digit(page, 7)
    drop(page, ("text.txt", b"seven"))
    expect_note(page, MESSAGES["en"][reason(server)])
    expect_digit(page, 7)
    expect(page.locator(".overlay image")).to_be_visible()


@site_too
def test_blank_photo_is_not_told_that_nothing_was_drawn(page, tmp_path):
    Image.new("RGB", (300, 200), "white").save(tmp_path / "blank.png")
    upload(page, tmp_path / "blank.png")
    expect_sentence(page, "No handwriting was found in this photo.")


@site_too
def test_draw_brings_the_pen_and_the_drawing_back(page, tmp_path):
    draw(page, 3)
    expect_digit(page, 3)
    upload(page, plain(tmp_path))
    expect_digit(page, 7)
    expect(page.get_by_role("button", name="Undo")).not_to_be_visible()
    page.get_by_role("button", name="Draw").click()
    expect_digit(page, 3)
    expect(page.locator(".overlay image")).to_have_count(0)
    upload(page, plain(tmp_path))
    expect_digit(page, 7)
    page.keyboard.press("Escape")
    expect_digit(page, 3)


def test_late_answer_about_the_drawing_does_not_replace_the_photos(page, tmp_path):
    page.route("**/read", lambda route: route.abort())
    draw(page, 3)
    expect_sentence(page, "No answer from the server")
    page.unroute("**/read")
    upload(page, plain(tmp_path))
    expect_digit(page, 7)
    page.wait_for_timeout(2000)  # the pad asks again after a second and a half
    expect_digit(page, 7)
    page.get_by_role("button", name="Draw").click()
    expect_digit(page, 3)


def test_late_answer_about_a_photo_does_not_replace_the_drawings(page, tmp_path):
    draw(page, 3)
    expect_digit(page, 3)
    held = []
    page.route("**/read", lambda route: held.append(route))
    upload(page, plain(tmp_path))
    expect(page.locator(".sentence")).to_have_text("Reading…")
    page.get_by_role("button", name="Draw").click()
    expect_digit(page, 3)
    page.unroute("**/read")
    page.wait_for_timeout(500)
    expect_digit(page, 3)
    page.get_by_role("button", name="Clear").click()
    draw(page, 4)
    expect_digit(page, 4)


def test_photo_is_shown_before_its_upload_ends(page, tmp_path):
    page.route("**/read", lambda route: None)
    upload(page, plain(tmp_path))
    expect(page.locator(".overlay image")).to_be_visible()
    expect(page.locator(".sentence")).to_have_text("Reading…")


def test_photo_is_kept_and_read_again_when_the_server_is_lost(page, tmp_path):
    page.route("**/read", lambda route: route.abort())
    upload(page, plain(tmp_path))
    expect_sentence(page, "Your photo is kept; trying again")
    expect(page.locator(".overlay image")).to_be_visible()
    page.unroute("**/read")
    expect_digit(page, 7)


def test_lost_server_is_told_once_and_without_gradios_messages(browser, tmp_path):
    with running_app(tmp_path) as server, browser.new_context() as context:
        page = open_page(context.new_page(), server)
        page.wait_for_selector("gradio-app #digit-pad")
        page.wait_for_timeout(1000)
        server.process.kill()
        draw(page, 4)
        expect_sentence(page, "No answer from the server. Your drawing is kept")
        assert violations(page) == []
        page.wait_for_timeout(4000)
        expect(page.locator("body")).to_have_text(re.compile("No answer from the server"))
        assert (
            page.locator(".toast-wrap, .toast-body").evaluate_all(
                "all => all.filter((e) => e.checkVisibility()).length"
            )
            == 0
        )
        icons = page.locator("#digit-pad svg:visible:not(.overlay)").all()
        assert max(icon.bounding_box()["width"] for icon in icons) <= 24
        server.process.wait()
        for file in (tmp_path / "temporary").rglob("*"):
            if file.is_file():
                file.unlink()


def test_several_photos_are_read_one_after_the_other_and_the_last_stays(page):
    asked = []
    page.on("request", lambda request: asked.append("sent") if request.url.endswith("/read") else None)
    page.on("response", lambda response: asked.append("read") if response.url.endswith("/read") else None)
    drop(page, *((f"{digit}.png", png(picture(digit))) for digit in (3, 4, 5)))
    expect_digit(page, 5)
    assert asked == ["sent", "read"] * 3


@site_too
def test_error_about_one_of_several_files_names_it(page, server):
    drop(page, ("text.txt", UNREADABLE["text.txt"]), ("5.png", png(picture(5))))
    expect_digit(page, 5)
    expect(page.locator(".note")).to_have_text(f"text.txt: {MESSAGES['en'][reason(server)]}")


def test_photo_that_is_being_read_gives_way_to_another(page, tmp_path):
    held = []
    page.route("**/read", lambda route: held.append(route) if not held else route.continue_())
    upload(page, plain(tmp_path))
    expect(page.locator(".sentence")).to_have_text("Reading…")
    drop(page, ("six.png", png(picture(6))))
    expect_digit(page, 6)


def test_photo_of_a_lost_server_gives_way_to_another_file(page, tmp_path):
    page.route("**/read", lambda route: route.abort())
    upload(page, plain(tmp_path))
    expect_sentence(page, "Your photo is kept")
    page.unroute("**/read")
    drop(page, ("text.txt", b"seven"))
    expect_note(page, "not a picture")
    drop(page, ("six.png", png(picture(6))))
    expect_digit(page, 6)


@site_too
def test_picture_is_pasted_anywhere(page):
    page.get_by_role("button", name="Eraser").focus()
    page.evaluate(
        """(bytes) => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([new Uint8Array(bytes)], "six.png", { type: "image/png" }));
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }""",
        list(png(picture(6))),
    )
    expect_digit(page, 6)


@both
def test_digit_of_a_photo_is_selected_by_tapping_it(browser, server, tmp_path):
    with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True) as context:
        page = open_page(context.new_page(), server)
        Image.fromarray(number_picture("2026")).save(tmp_path / "number.png")
        upload(page, tmp_path / "number.png")
        expect_number(page, "2026")
        digits = page.locator(".overlay .digit")
        expect(digits).to_have_count(4)
        for place, digit in enumerate((2, 0, 2, 6)):
            digits.nth(place).tap()
            expect(digits.nth(place)).to_have_attribute("aria-pressed", "true")
            expect(page.locator(".number button").nth(place)).to_have_attribute("aria-pressed", "true")
            expect(page.locator(".bars li").nth(digit)).to_have_class("likely")
        digits.nth(1).focus()
        page.keyboard.press("Enter")
        expect(page.locator(".bars li").first).to_have_class("likely")
        expect(digits.nth(1)).to_be_focused()


@site_too
def test_photo_shows_the_outline_of_every_digit(page, tmp_path):
    Image.fromarray(number_picture("2026")).save(tmp_path / "number.png")
    upload(page, tmp_path / "number.png")
    expect_number(page, "2026")
    picture, *digits = (
        each.bounding_box() for each in page.locator(".overlay > image, .overlay .digit path:not(.halo)").all()
    )
    assert len(digits) == 4
    assert digits[-1]["x"] - digits[0]["x"] > 0.5 * picture["width"]


@site_too
def test_webcam_takes_a_photo(browser, server):
    with browser.new_context() as context:
        context.add_init_script(WEBCAM)
        page = open_page(context.new_page(), server)
        page.get_by_role("button", name="Camera").click()
        expect(page.locator("video")).to_be_visible()
        expect(page.locator(".sentence")).not_to_contain_text("Reading")  # nothing has been given yet
        page.wait_for_timeout(500)
        page.get_by_role("button", name="Take photo").click()
        expect_digit(page, 1)
        assert page.evaluate("window.stream.active") is False
        page.get_by_role("button", name="Camera").click()
        page.get_by_role("button", name="Draw").click()
        expect_invitation(page)
        assert page.evaluate("window.stream.active") is False


@site_too
def test_phones_own_camera_takes_a_photo(browser, server, tmp_path):
    Image.fromarray(picture(5)).save(tmp_path / "five.png")
    with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as context:
        page = open_page(context.new_page(), server)
        with page.expect_file_chooser() as chosen:
            page.get_by_role("button", name="Camera").tap()
        assert chosen.value.element.get_attribute("capture") == "environment"
        chosen.value.set_files(tmp_path / "five.png")
        expect_digit(page, 5)
        expect(page.locator("video")).to_be_hidden()


@site_too
def test_missing_camera_is_told(page):
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error()); }")
    page.get_by_role("button", name="Camera").click()
    expect_note(page, "The camera cannot be used.")
    expect_invitation(page)


@both
def test_why_colours_the_ink_until_the_next_answer(page):
    draw(page, 7)
    expect(page.locator(".announced")).to_have_text("7")  # the last answer is there
    frame = page.locator(".frame")
    seen = frame.get_attribute("src")
    page.get_by_role("button", name="Why?").click()
    expect(page.locator(".sentence")).to_contain_text("Blue ink supports 7")
    expect(page.locator(".overlay .map")).to_have_count(1)
    assert frame.get_attribute("src") != seen
    page.get_by_role("button", name="Why?").click()
    assert frame.get_attribute("src") == seen
    page.get_by_role("button", name="Why?").click()
    page.get_by_role("button", name="Clear").click()
    draw(page, 2)
    expect_digit(page, 2)
    expect(page.locator(".overlay .map")).to_have_count(0)


@both
def test_why_lays_the_map_over_the_selected_digit(page, tmp_path):
    Image.fromarray(number_picture("2026")).save(tmp_path / "number.png")
    upload(page, tmp_path / "number.png")
    expect_number(page, "2026")
    page.locator(".number button").nth(3).click()
    page.get_by_role("button", name="Why?").click()
    expect(page.locator(".sentence")).to_contain_text("Blue ink supports 6")
    laid, box = (page.locator(f".overlay {part}") for part in (".map", ".selected .box"))
    for side in ("x", "y", "width", "height"):
        assert laid.get_attribute(side) == box.get_attribute(side)
    page.locator(".number button").nth(0).click()
    expect(page.locator(".overlay .map")).to_have_count(0)


@both
def test_why_lays_the_map_over_a_rejected_mark(page, tmp_path):
    Image.fromarray(255 - (render(parse(LETTER), 10) * 255).astype(np.uint8)).save(tmp_path / "letter.png")
    upload(page, tmp_path / "letter.png")
    expect_sentence(page, "No digit was found in this photo: ")
    page.get_by_role("button", name="Why?").click()
    laid, box = (page.locator(f".overlay {part}") for part in (".map", ".rejected"))
    for side in ("x", "y", "width", "height"):
        assert laid.get_attribute(side) == box.first.get_attribute(side)


@both
def test_look_inside_shows_every_convolution_and_follows_the_drawing(page):
    asked = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/inside") else None)
    draw(page, 7)
    expect_digit(page, 7)
    page.wait_for_timeout(500)
    assert asked == [], "closed, it costs nothing"
    page.get_by_role("button", name="Look inside").click()
    pictures = page.locator(".inside img")
    expect(pictures).to_have_count(7)  # the frame, and the shipped network's six convolutions
    expect(page.locator(".inside figcaption").nth(1)).to_contain_text("Convolution 1 of 6: 16 filters, 28×28.")
    before = [picture.get_attribute("src") for picture in pictures.all()]
    assert len(set(before)) == 7
    page.get_by_role("button", name="Clear").click()
    draw(page, 2)
    expect_digit(page, 2)
    expect(page.locator(".announced")).to_have_text("2")  # the last answer is there
    expect(pictures.first).to_have_attribute("src", page.locator(".frame").get_attribute("src"))
    after = [picture.get_attribute("src") for picture in pictures.all()]
    assert not set(before) & set(after)
    page.get_by_role("button", name="Look inside").click()
    expect(page.locator(".inside")).not_to_be_visible()


def test_look_inside_reports_a_lost_server(page):
    draw(page, 7)
    expect_digit(page, 7)
    page.route("**/inside", lambda route: route.abort())
    page.get_by_role("button", name="Look inside").click()
    expect(page.locator(".inside")).to_have_text("No answer from the server. Please try again.")


def test_look_inside_asks_a_lost_server_again_with_a_delay(page):
    asked = []
    page.route("**/inside", lambda route: (asked.append(route), route.abort()))
    draw(page, 7)
    expect(page.locator(".announced")).to_have_text("7")  # the last answer is there
    page.get_by_role("button", name="Look inside").click()
    page.wait_for_timeout(3500)
    assert 2 <= len(asked) <= 4
    page.unroute("**/inside")
    expect(page.locator(".inside img")).to_have_count(7)


def test_look_inside_asks_once_where_it_is_refused(page):
    asked = []
    refusal = {"error": "It cannot be looked into.", "code": "invalid"}
    page.route("**/inside", lambda route: (asked.append(route), route.fulfill(status=422, json=refusal)))
    draw(page, 7)
    expect(page.locator(".announced")).to_have_text("7")
    page.get_by_role("button", name="Look inside").click()
    expect(page.locator(".inside")).to_have_text("It cannot be looked into.")
    page.wait_for_timeout(2000)
    assert len(asked) == 1


def test_correction_is_stored_only_on_click_and_can_be_taken_back(page, server):
    folder = server.folder / "feedback"
    draw_number(page, "72")
    expect_number(page, "72")
    page.locator(".number button").first.click()
    page.get_by_role("button", name="Wrong?").click()
    expect(page.locator(".correction")).to_contain_text("Only if you choose")
    assert not folder.exists()
    correct(page, "1")
    expect(page.locator(".kept li")).to_contain_text("Saved: 1")
    seven = page.locator(".choices").get_by_role("button", name="3", exact=True)
    expect(seven).to_be_disabled()
    page.locator(".number button").nth(1).click()
    expect(seven).to_be_enabled()
    correct(page, "Not a digit")
    expect(page.locator(".kept li")).to_have_count(2)
    images, labels = load_corrections(folder)
    frames = dict(zip(labels.tolist(), images, strict=True))
    assert {label: model.predict_digit(frame) for label, frame in frames.items()} == {1: 7, 10: 2}, "of its own digit"
    for file in folder.iterdir():
        picture = json.loads(file.read_text())["picture"]
        assert model.predict_number(base64.b64decode(picture.partition(",")[2])) == "72"
    page.get_by_role("button", name="Clear").click()
    expect_invitation(page)
    page.locator(".kept").get_by_role("button", name="Take back").first.click()
    expect(page.locator(".kept li")).to_have_count(1)
    assert load_corrections(folder).labels.tolist() == [10]
    assert len(list(folder.iterdir())) == 1
    page.locator(".kept").get_by_role("button", name="Take back").click()
    expect(page.locator(".kept li")).to_have_count(0)
    assert list(folder.iterdir()) == []


def test_correction_of_a_photo_stores_its_picture(page, tmp_path):
    kept = []
    page.route(
        "**/correct", lambda route: (kept.append(route.request.post_data_json), route.fulfill(json={"name": "a"}))
    )
    upload(page, plain(tmp_path))
    expect_digit(page, 7)
    correct(page, "1")
    expect(page.locator(".kept li")).to_contain_text("Saved: 1")
    with Image.open(io.BytesIO(base64.b64decode(kept[0]["picture"].partition(",")[2]))) as stored:
        assert max(stored.size) == 640
        assert model.predict_digit(stored) == 7
    assert (kept[0]["read"], kept[0]["digit"]) == (7, 1)


@both
@pytest.mark.parametrize(("name", "digit"), [("A crossed 7", 7), ("An open 4", 4), ("A 1 with a foot", 1)])
def test_example_digits_are_classified(page, name, digit):
    page.get_by_role("button", name=name).click()
    expect_digit(page, digit)


OVERWRITTEN = pytest.mark.xfail(strict=True, reason="the shipped network takes this overwritten 2 for a 3 or a 7")


@both
@pytest.mark.parametrize("name", ["A letter", pytest.param("A scribble", marks=OVERWRITTEN)])
def test_example_non_digits_are_rejected(page, name):
    page.get_by_role("button", name=name).click()
    expect_refusal(page)


@both
def test_example_photo_is_classified(page):
    page.get_by_role("button", name="A photo with a shadow").click()
    expect_digit(page, 5)


@site_too
@pytest.mark.parametrize("language", [file.stem for file in sorted((WEB / "messages").glob("*.json"))])
def test_every_language_fits(browser, server, language):
    with browser.new_context(locale=language, viewport={"width": 390, "height": 664}) as context:
        page = open_page(context.new_page(), server)
        draw(page, 4)
        expect_number(page, "4")
        for button in page.locator("#digit-pad button:visible").all():
            assert button.evaluate("button => button.scrollWidth <= button.clientWidth"), button.inner_text()


@both
def test_link_restores_the_drawing(page, browser, server):
    draw(page, 4)
    expect_digit(page, 4)
    link = copied_link(page)
    assert link.startswith(f"{server.url}/#drawing=1.")
    assert len(link.split("=")[1]) < 130
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(link)
        expect_digit(other, 4)
        other.get_by_role("button", name="Undo").click()
        expect_invitation(other)


@site_too
def test_link_replays_the_drawing_and_says_so(page, browser):
    draw_number(page, "2026")  # its replay is long enough to be seen on a busy machine
    expect_number(page, "2026")
    link = copied_link(page)
    with browser.new_context() as context:
        context.add_init_script("""
            window.inks = [];
            setInterval(() => {
                const canvas = document.querySelector(".paper canvas");
                if (canvas?.width !== canvas?.height) return; // it has not been painted yet
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                inks.push(data.filter((value, index) => index % 4 === 0 && value < 128).length);
            }, 50);
        """)
        other = context.new_page()
        other.goto(link)
        expect_note(other, "This is how somebody drew it.")
        expect_number(other, "2026")
        other.wait_for_timeout(3500)
        inks = [ink for ink in other.evaluate("inks") if ink]
        assert len(set(inks)) > 2, "it is drawn bit by bit"
        assert inks[-1] == max(inks)
        other.get_by_role("button", name="Now you").click()
        expect_invitation(other)
        expect(other.locator(".note")).to_be_empty()


@site_too
def test_stroke_during_a_replay_is_added_to_the_whole_drawing(page, browser):
    draw(page, 4)
    expect_digit(page, 4)
    link, ink = copied_link(page), ink_on_pad(page).mean()
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(link)
        expect_note(other, "This is how somebody drew it.")
        draw_strokes(other, [np.array([[0.0, 1.1], [0.9, 1.1]])])
        other.wait_for_timeout(300)
        assert ink_on_pad(other).mean() > ink
        other.wait_for_timeout(3000)
        assert ink_on_pad(other).mean() > ink
        other.get_by_role("button", name="Undo").click()
        expect_digit(other, 4)


@site_too
def test_link_restores_sharp_corners(page, browser):
    sides = itertools.pairwise([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    draw_strokes(page, [np.concatenate([np.linspace(start, end, 20) for start, end in sides])])
    expect(page.locator(".sentence")).not_to_contain_text("Draw a digit")
    page.wait_for_timeout(500)
    (digit, words), ink = (page.locator(part).inner_text() for part in (".number", ".sentence")), ink_on_pad(page)
    link = copied_link(page)
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(link)
        expect(other.locator(".sentence")).to_have_text(words)
        expect(other.locator(".number")).to_have_text(digit)
        assert (ink_on_pad(other) != ink).mean() < 0.01


@site_too
def test_link_is_opened_once(page, server):
    page.goto("about:blank")
    page.goto(f"{server.url}/#{SHARED_FOUR}")
    expect_digit(page, 4)
    assert page.url == f"{server.url}/"
    page.get_by_role("button", name="Clear").click()
    draw(page, 2)
    expect_digit(page, 2)
    page.reload()
    expect_digit(page, 2)


@site_too
def test_link_to_a_very_long_drawing_can_be_opened(page, browser, server):
    page.goto("about:blank")
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    heights = [197 * place % 512 for place in range(4998)]
    zigzag = "".join("A_"[place % 2] + digits[y >> 6] + digits[y & 63] for place, y in enumerate(heights))
    page.goto(f"{server.url}/#drawing=1.{zigzag}")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    draw_strokes(page, [np.array([[0.1, 0.5], [0.9, 0.5]])])
    link = copied_link(page)
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(link)
        expect(other.get_by_role("button", name="Undo")).to_be_enabled()
        expect_note(other, "This is how somebody drew it.")


@site_too
def test_malformed_link_is_noted_and_nothing_else(page, server):
    page.goto("about:blank")
    page.goto(f"{server.url}/#drawing=1.<b>")
    expect_note(page, "no drawing")
    assert page.url == f"{server.url}/"
    expect_invitation(page)
    draw(page, 1)
    expect_digit(page, 1)


def test_space_shares_its_own_page_and_can_be_duplicated(browser, page, tmp_path):
    expect(page.get_by_text("Duplicate")).not_to_be_visible()
    with running_app(tmp_path, SPACE_ID="somebody/pad", SYSTEM="spaces") as space, browser.new_context() as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        outside = context.new_page()
        # As on the Space's page, which hands what follows "#" in its own address on to its frame.
        shared = "1.n5inSVnrOlek.XJsWhqXBvUK8UTVTcSTcPT0TUcQZEYicZtEQtUM"
        frame = f'<iframe src="{space.url}/#drawing={shared}" allow="clipboard-write" style="width:100%;height:900px">'
        outside.route(f"{space.url}/outside", lambda route: route.fulfill(body=frame, content_type="text/html"))
        outside.goto(f"{space.url}/outside")
        inside = outside.frame_locator("iframe")
        expect(inside.locator(".number")).to_have_text("4")
        duplicate = inside.get_by_role("link", name="Duplicate this Space")
        assert duplicate.get_attribute("href") == "https://huggingface.co/spaces/somebody/pad?duplicate=true"
        inside.get_by_role("button", name="Share").click()
        inside.get_by_role("button", name="Copy link").click()
        expect(inside.get_by_role("dialog")).to_contain_text("Link copied.")
        link = outside.evaluate("navigator.clipboard.readText()")
        assert link == f"https://huggingface.co/spaces/somebody/pad#drawing={shared}"


@site_too
def test_answer_is_downloaded_as_a_card(page, tmp_path):
    draw_number(page, "42")
    expect_number(page, "42")
    name, card = downloaded_card(page, tmp_path)
    assert name == "digit-42.png"
    assert model.predict_number(card[60:570, 60:570]) == "42"
    assert model.predict_number(card[60:330, 620:1180]) == "42"  # the answer, printed large
    assert card[470:600, 620:1180].min() < 120, "the page's name and address"


@site_too
def test_card_of_a_rejection_has_no_number(page, tmp_path):
    page.get_by_role("button", name="A letter").click()
    expect_refusal(page)
    name, card = downloaded_card(page, tmp_path)
    assert name == "digit-none.png"
    assert model.predict_number(card[60:570, 60:570]) == ""
    assert card[60:330, 620:1180].min() == 255, "no number"
    assert card[350:400, 620:1180].min() < 120, "that no digit was found"


@site_too
def test_photo_is_shared_with_a_link_to_the_page(page, server, tmp_path):
    upload(page, plain(tmp_path))
    expect_digit(page, 7)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Copy link to this page").click()
    expect(page.get_by_role("dialog")).to_contain_text("Link copied.")
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}/"


@site_too
def test_systems_share_sheet_is_used_where_there_is_one(page, server):
    page.evaluate("""() => {
        navigator.canShare = () => true;
        window.sharing = new Promise((resolve) => { navigator.share = async (given) => resolve(given); });
    }""")
    draw(page, 9)
    expect_digit(page, 9)
    page.get_by_role("button", name="Share").click()
    name, kind, size, url = page.evaluate(
        "sharing.then(({ files: [file], url }) => [file.name, file.type, file.size, url])"
    )
    assert (name, kind) == ("digit-9.png", "image/png")
    assert size > 5000
    assert url.startswith(f"{server.url}/#drawing=1.")
    expect(page.get_by_role("dialog")).not_to_be_visible()


@site_too
def test_link_is_shown_where_copying_is_forbidden(page, server):
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    draw(page, 9)
    expect_digit(page, 9)
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Copy link").click()
    assert page.get_by_label("Link, to copy by hand").input_value().startswith(f"{server.url}/#drawing=1.")
