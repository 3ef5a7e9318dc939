"""The page in a real browser: drawn on with mouse and finger, and given photos."""

import base64
import itertools
import pathlib

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import model
from model.data.corrections import load_corrections
from model.data.strokes import parse, smooth
from pad import MESSAGES
from tests.helpers.browser import draw, draw_strokes, expect_digit, expect_sentence, on_pad, open_page, upload
from tests.helpers.drawings import number_picture, picture, strokes
from tests.helpers.servers import running_app

pytestmark = pytest.mark.slow


@pytest.fixture
def page(browser: Browser, server):
    with browser.new_context() as context:
        yield open_page(context.new_page(), server)


def test_blank_pad_shows_the_prompt(page):
    expect_sentence(page, "Draw a digit")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.get_by_role("button", name="Clear")).to_be_disabled()


@pytest.mark.parametrize("digit", range(10))
def test_mouse_drawing_is_classified(page, digit):
    draw(page, digit)
    expect_digit(page, digit)
    assert page.foreign_requests == []


def test_letter_is_rejected_with_grey_bars(page):
    draw(page, 4)
    expect_digit(page, 4)
    bar = page.locator(".bar").nth(4)
    colour = bar.evaluate("bar => getComputedStyle(bar, '::after').backgroundColor")
    page.get_by_role("button", name="Clear").click()
    draw_strokes(page, smooth(parse("22,5 22,95 | 78,5 78,95 | 22,50 78,50")))
    expect(page.locator(".sentence")).to_contain_text("not a digit")
    expect(page.locator(".digit")).to_have_text("")
    expect(page.locator(".bars")).to_contain_text("%")
    expect(page.locator(".frame img")).to_be_visible()
    assert bar.evaluate("bar => getComputedStyle(bar, '::after').backgroundColor") != colour


def draw_beside(page: Page, number: str) -> None:
    """Draw a number's digits side by side."""
    step = 1 / len(number)
    for place, digit in enumerate(number):
        draw_strokes(page, [points * [0.8 * step, 0.8] + [place * step, 0.1] for points in strokes(int(digit))])


def expect_number(page: Page, number: str) -> None:
    """Expect several digits: large, without the bars and the frame of a single one."""
    expect(page.locator(".digit")).to_have_text(number)
    for part in (".bars", ".frame img", "[name=why]", "details"):
        expect(page.locator(part)).not_to_be_visible()


def test_digits_drawn_side_by_side_are_a_number(page, tmp_path):
    draw_beside(page, "4")
    expect_digit(page, 4)
    page.get_by_role("button", name="Clear").click()
    draw_beside(page, "42")
    expect_number(page, "42")
    expect(page.locator(".announced")).to_contain_text("42")
    assert page.foreign_requests == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "digit-42.png"
    download.value.save_as(tmp_path / "card.png")
    with Image.open(tmp_path / "card.png") as card:
        assert model.predict_number(np.asarray(card.convert("L"))[60:270, 700:1080]) == "42"
    page.get_by_role("button", name="Undo").click()
    expect_digit(page, 4)


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("number", ["42", "0123456789" * 2, "42\n07\n19"])
def test_numbers_fit_their_box(browser, server, width, number):
    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        page = open_page(context.new_page(), server)
        digits = [{"digit": int(digit), "probability": 0.7} for digit in number.replace("\n", "")]
        answer = {"number": number, "digit": None, "reason": "several digits", "digits": digits}
        answer |= {"probabilities": [0.1] * 10, "frame": "data:image/png;base64,"}
        page.route("**/read", lambda route: route.fulfill(json=answer))
        blank = page.locator(".digit").bounding_box()
        draw(page, 4)
        expect_number(page, number)
        box, sentence = (page.locator(part).bounding_box() for part in (".digit", ".sentence"))
        assert page.locator(".digit").evaluate("box => box.scrollWidth <= box.clientWidth")
        assert box["height"] == pytest.approx(blank["height"], abs=1)
        assert sentence["y"] >= box["y"] + box["height"]
        expect(page.locator(".sentence")).to_have_text(f"The {number[0]} is uncertain.")


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
        expect(page.locator(".digit")).to_be_in_viewport()


@pytest.mark.parametrize("language", ["en", "de", "fr"])
@pytest.mark.parametrize("size", [(390, 664), (320, 640)])
def test_phone_layout_shows_the_answer_below_the_pad(browser, server, language, size):
    width, height = size
    with browser.new_context(locale=language, viewport={"width": width, "height": height}) as context:
        page = open_page(context.new_page(), server)
        draw(page, 4)
        expect(page.locator(".digit")).to_have_text("4")
        for part in (".paper", ".digit", ".sentence", ".frame"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)
        assert page.locator(".tools").evaluate("tools => tools.scrollWidth <= tools.clientWidth")
        page.locator("[name=why]").click()
        expect(page.locator(".seen figcaption")).to_contain_text("4")
        expect(page.locator(".seen figcaption")).to_be_visible()
        page.route("**/read", lambda route: route.abort())
        page.evaluate("window.scrollTo(0, 0)")
        page.locator("[name=clear]").click()
        draw(page, 4)
        expect(page.locator(".sentence")).to_have_text(MESSAGES[language]["lost"])
        words, bars = (page.locator(part).bounding_box() for part in (".sentence", ".bars"))
        assert words["y"] + words["height"] <= bars["y"]


def ink_on_pad(page: Page) -> np.ndarray:
    """Which of the pad's pixels are black."""
    return np.array(
        page.locator(".paper canvas").evaluate("""canvas => {
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return [...pixels.filter((value, place) => place % 4 === 0)].map((value) => value < 128);
        }""")
    )


def copied_link(page: Page) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".note")).to_contain_text("copied", timeout=30_000)
    return page.evaluate("navigator.clipboard.readText()")


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


def test_answer_appears_while_drawing(page):
    (path,) = on_pad(page, strokes(8))
    page.mouse.move(*path[0])
    page.mouse.down()
    for place in path[1:]:
        page.mouse.move(*place)
    expect_digit(page, 8)
    page.mouse.up()


def test_keyboard_draws_undoes_and_clears(page):
    canvas = page.locator(".paper canvas")
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
    expect_sentence(page, "Draw a digit")


def test_undo_lifts_the_keyboard_pen(page):
    page.locator(".paper canvas").focus()
    for key in [" ", "ArrowDown", "ArrowDown"]:
        page.keyboard.press(key)
    expect(page.locator(".tip")).to_have_class("tip down")
    page.keyboard.press("Control+z")
    expect_sentence(page, "Draw a digit")
    expect(page.locator(".tip")).to_have_class("tip")


def test_every_bar_has_an_aria_label(page):
    draw(page, 7)
    expect_digit(page, 7)
    heard = [row.get_attribute("aria-label") for row in page.locator(".bars li").all()]
    assert [label.split(":")[0] for label in heard] == [str(digit) for digit in range(10)]
    assert all(label.endswith(" %") for label in heard)
    assert int(heard[7].split()[1]) > 80


def test_eraser_erases(page):
    draw(page, 8)
    expect_digit(page, 8)
    page.get_by_role("button", name="Eraser").click()
    expect(page.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "true")
    box = page.locator(".paper canvas").bounding_box()
    for row in range(5, 100, 8):
        page.mouse.move(box["x"] + 5, box["y"] + box["height"] * row / 100)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 5, box["y"] + box["height"] * row / 100, steps=5)
        page.mouse.up()
    expect(page.locator(".sentence")).to_have_text("There is nothing to read here.")


def test_settled_answer_is_announced_to_screen_readers(page):
    page.evaluate("""() => {
        window.announcements = [];
        const region = document.querySelector(".announced");
        new MutationObserver(() => announcements.push(region.textContent)).observe(region, {childList: true});
    }""")
    draw(page, 8)
    expect(page.locator(".announced")).to_have_text("8")
    assert len(page.evaluate("announcements")) <= 2


@pytest.mark.parametrize(
    ("language", "spoken", "title", "undo", "draw"),
    [
        ("de-AT", "de", "Zeichenblock für Ziffern", "Rückgängig", "Zeichnen"),
        ("zh-CN", "zh-CN", "数字画板", "撤销", "绘制"),
        ("zh-TW", "zh-CN", "数字画板", "撤销", "绘制"),
        ("zh-HK", "en", "Digit pad", "Undo", "Draw"),
        ("pt-BR", "en", "Digit pad", "Undo", "Draw"),
    ],
)
def test_page_is_in_the_browsers_language(browser, server, language, spoken, title, undo, draw):
    with browser.new_context(locale=language) as context:
        # Gradio uses the first of several.
        context.add_init_script(f"Object.defineProperty(navigator, 'languages', {{value: ['{language}', 'fr']}})")
        page = open_page(context.new_page(), server)
        expect(page.get_by_role("tab", name=draw, exact=True)).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.locator("html")).to_have_attribute("lang", spoken)
        expect(page.get_by_role("button", name=undo)).to_be_visible()


def test_errors_are_in_the_browsers_language(browser, server, tmp_path):
    (tmp_path / "bad.png").write_text("sieben")
    with browser.new_context(locale="de-DE") as context:
        page = open_page(context.new_page(), server)
        page.get_by_role("tab", name="Foto").click()
        upload(page, tmp_path / "bad.png")
        expect_sentence(page, "kein lesbares Bild")


def serious_violations(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    serious = [each for each in violations if each["impact"] in ("serious", "critical")]
    return [f"{each['id']}: {node['html']} {node['failureSummary']}" for each in serious for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessibility_with_axe(browser, server, tmp_path, scheme, width):
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844}) as context:
        page = open_page(context.new_page(), server)
        expect_sentence(page, "Draw a digit")
        assert serious_violations(page) == []
        draw(page, 4)
        expect_digit(page, 4)
        page.get_by_text("Wrong?").click()
        page.get_by_role("button", name="Why?").click()
        expect(page.locator(".seen figcaption")).to_contain_text("Blue ink")
        assert serious_violations(page) == []
        page.get_by_role("button", name="A letter").click()
        expect(page.locator(".sentence")).to_contain_text("not a digit")
        assert serious_violations(page) == []
        page.get_by_role("tab", name="Photo").click()
        expect_sentence(page, "Draw a digit")
        assert serious_violations(page) == []
        upload(page, plain(tmp_path))
        expect_digit(page, 7)
        assert serious_violations(page) == []


def test_held_space_bar_starts_one_stroke(page):
    page.locator(".paper canvas").focus()
    for _ in range(6):
        page.keyboard.down(" ")
    page.keyboard.up(" ")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_browser_shortcuts_are_not_intercepted(page):
    page.locator(".paper canvas").focus()
    page.evaluate("window.addEventListener('keydown', event => { window.taken = event.defaultPrevented })")
    for key, taken in [("Alt+ArrowDown", False), ("Control+ArrowDown", False), ("ArrowDown", True)]:
        page.keyboard.press(key)
        assert page.evaluate("taken") is taken


def test_undo_redo_and_clear(page):
    draw(page, 1)
    expect_digit(page, 1)
    box = page.locator(".paper canvas").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 40, box["y"] + box["height"] / 2, steps=10)
    page.mouse.up()
    expect(page.locator(".digit")).not_to_have_text("1")
    page.get_by_role("button", name="Undo").click()
    expect_digit(page, 1)
    page.get_by_role("button", name="Redo").click()
    expect(page.locator(".digit")).not_to_have_text("1")
    page.keyboard.press("Control+z")
    expect_digit(page, 1)
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator(".digit")).not_to_have_text("1")
    page.keyboard.press("Control+z")
    expect_digit(page, 1)
    page.get_by_role("button", name="Clear").click()
    expect_sentence(page, "Draw a digit")
    draw(page, 2)
    expect_digit(page, 2)


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
    expect_sentence(page, "Draw a digit")
    draw(page, 2)
    held[0].continue_()
    page.wait_for_timeout(1000)
    expect_sentence(page, "Draw a digit")


def test_correction_and_card_use_the_drawing_of_the_answer(page, tmp_path):
    draw(page, 1)
    expect_digit(page, 1)
    page.route("**/read", lambda route: None)
    draw_strokes(page, [np.array([[0.0, 0.5], [1.0, 0.5]])])
    kept = []
    page.route("**/correct", lambda route: (kept.append(route.request.post_data_json), route.fulfill(json={"kept": 7})))
    page.get_by_text("Wrong?").click()
    page.get_by_role("button", name="7", exact=True).click()
    expect(page.locator(".kept")).to_contain_text("Saved as 7")
    assert model.predict_digit(base64.b64decode(kept[0]["picture"].partition(",")[2])) == 1
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "card.png")
    with Image.open(tmp_path / "card.png") as card:
        assert model.predict_digit(np.asarray(card.convert("L"))[60:570, 60:570]) == 1


def test_failed_correction_can_be_repeated(page):
    draw(page, 1)
    expect_digit(page, 1)
    page.route("**/correct", lambda route: route.abort())
    page.get_by_text("Wrong?").click()
    page.get_by_role("button", name="7", exact=True).click()
    expect(page.locator(".kept")).to_have_text("This could not be saved.")
    expect(page.get_by_role("button", name="7", exact=True)).to_be_enabled()


def test_why_reports_a_lost_server(page):
    draw(page, 1)
    expect(page.locator(".announced")).to_have_text("1")
    page.route("**/why", lambda route: route.abort())
    page.get_by_role("button", name="Why?").click()
    expect(page.locator(".seen figcaption")).to_have_text("No answer from the server. Please try again.")


def test_drawing_survives_a_reload(page):
    draw(page, 6)
    expect_digit(page, 6)
    page.reload()
    expect_digit(page, 6)
    page.get_by_role("button", name="Clear").click()
    page.reload()
    expect_sentence(page, "Draw a digit")


def test_answer_is_shown_when_its_module_loads_last(page):
    draw(page, 6)
    expect(page.locator(".announced")).to_have_text("6")  # the last answer is there
    held = []
    page.route("**/pad/answer.js", lambda route: held.append(route))
    with page.expect_response("**/read"):
        page.reload(wait_until="commit")
    for route in held:
        route.continue_()
    expect_digit(page, 6)


def test_long_stroke_is_painted_once_a_frame_and_can_be_shared(page):
    box = page.locator(".paper canvas").bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    painted = page.locator(".paper canvas").evaluate("""canvas => {
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


@pytest.fixture
def photo_page(page):
    page.get_by_role("tab", name="Photo").click()
    return page


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


@pytest.mark.parametrize("photo", [plain, rotated_by_exif, white_on_black], ids=lambda photo: photo.__name__)
def test_photo_is_classified(photo_page, photo, tmp_path):
    upload(photo_page, photo(tmp_path))
    expect_digit(photo_page, 7)
    assert photo_page.foreign_requests == []


@pytest.mark.parametrize("content", [b"", b"seven"], ids=["empty", "text"])
def test_file_that_is_no_picture_is_reported(photo_page, content, tmp_path, server):
    (tmp_path / "bad.png").write_bytes(content)
    upload(photo_page, tmp_path / "bad.png")
    expect_sentence(photo_page, "not a picture that can be read")
    assert "Traceback" not in server.log()


def test_blank_photo_is_reported(photo_page, tmp_path):
    Image.new("RGB", (300, 200), "white").save(tmp_path / "blank.png")
    upload(photo_page, tmp_path / "blank.png")
    expect_sentence(photo_page, "nothing to read")


def test_each_tab_shows_its_own_answer(page, tmp_path):
    draw(page, 3)
    expect_digit(page, 3)
    page.get_by_role("tab", name="Photo").click()
    expect_sentence(page, "Draw a digit, or upload a photo")
    upload(page, plain(tmp_path))
    expect_digit(page, 7)
    page.get_by_role("tab", name="Draw").click()
    expect_digit(page, 3)
    page.get_by_role("tab", name="Photo").click()
    expect_digit(page, 7)
    page.get_by_label("Remove Image").click()
    expect_sentence(page, "Draw a digit")


def test_removed_photo_has_no_answer_with_a_slow_server(photo_page, tmp_path):
    upload(photo_page, plain(tmp_path))
    expect_digit(photo_page, 7)
    photo_page.route("**/queue/join**", lambda route: None)
    photo_page.get_by_label("Remove Image").click()
    expect_sentence(photo_page, "Draw a digit")


def test_late_answer_about_the_drawing_does_not_replace_the_photos(page, tmp_path):
    page.route("**/read", lambda route: route.abort())
    draw(page, 3)
    expect_sentence(page, "No answer from the server")
    page.get_by_role("tab", name="Photo").click()
    upload(page, plain(tmp_path))
    expect_digit(page, 7)
    page.wait_for_timeout(2000)  # the pad asks again after a second and a half
    expect_digit(page, 7)
    page.unroute("**/read")
    page.get_by_role("tab", name="Draw").click()
    expect_digit(page, 3)


def test_why_colours_the_ink_until_the_next_answer(page):
    draw(page, 7)
    expect(page.locator(".announced")).to_have_text("7")  # the last answer is there
    frame = page.locator(".frame img")
    seen = frame.get_attribute("src")
    page.get_by_role("button", name="Why?").click()
    expect(page.locator(".seen figcaption")).to_contain_text("Blue ink supports 7")
    assert frame.get_attribute("src") != seen
    page.get_by_role("button", name="Why?").click()
    assert frame.get_attribute("src") == seen
    page.get_by_role("button", name="Why?").click()
    page.get_by_role("button", name="Clear").click()
    draw(page, 2)
    expect_digit(page, 2)
    expect(page.locator(".seen figcaption")).to_contain_text("what the network saw")


def test_photo_shows_the_outline_of_the_ink(photo_page, tmp_path):
    expect(photo_page.locator(".found")).not_to_be_visible()
    upload(photo_page, plain(tmp_path))
    expect_digit(photo_page, 7)
    expect(photo_page.locator(".found path")).to_be_visible()
    picture, ink = (photo_page.locator(f".found {name}").bounding_box() for name in ("image", "path"))
    assert abs(ink["x"] + ink["width"] / 2 - picture["x"] - picture["width"] / 2) < 0.05 * picture["width"]
    assert ink["height"] < 0.5 * picture["height"]
    photo_page.get_by_role("tab", name="Draw").click()
    expect(photo_page.locator(".found")).not_to_be_visible()


def test_photo_of_a_number_shows_the_outline_of_every_digit(photo_page, tmp_path):
    Image.fromarray(number_picture("2026")).save(tmp_path / "number.png")
    upload(photo_page, tmp_path / "number.png")
    expect_number(photo_page, "2026")
    picture, ink = (photo_page.locator(f".found {name}").bounding_box() for name in ("image", "path"))
    assert ink["width"] > 0.7 * picture["width"]
    upload(photo_page, plain(tmp_path))
    expect_digit(photo_page, 7)
    expect(photo_page.locator(".bars")).to_be_visible()


def test_correction_is_stored_only_on_click(page, server):
    draw(page, 7)
    expect_digit(page, 7)
    page.get_by_text("Wrong?").click()
    expect(page.locator("details")).to_contain_text("Only if you choose a digit")
    assert not (server.folder / "feedback").exists()
    page.get_by_role("button", name="2", exact=True).click()
    expect(page.locator(".kept")).to_have_text("Thank you. Saved as 2.")
    expect(page.get_by_role("button", name="3", exact=True)).to_be_disabled()
    page.get_by_role("tab", name="Photo").click()
    page.get_by_role("tab", name="Draw").click()
    expect(page.get_by_role("button", name="3", exact=True)).to_be_disabled()
    draw(page, 7)
    expect(page.get_by_role("button", name="3", exact=True)).to_be_enabled()
    images, labels = load_corrections(server.folder / "feedback")
    assert labels.tolist() == [2]
    assert images[0].max() > 200
    (drawing,) = (file for file in (server.folder / "feedback").glob("*.png") if "frame" not in file.name)
    assert model.predict_digit(drawing) == 7


@pytest.mark.parametrize(("name", "digit"), [("A crossed 7", 7), ("An open 4", 4), ("A 1 with a foot", 1)])
def test_example_digits_are_classified(page, name, digit):
    page.get_by_role("button", name=name).click()
    expect_digit(page, digit)


OVERWRITTEN = pytest.mark.xfail(strict=True, reason="the shipped network takes this overwritten 2 for a 3 or a 7")


@pytest.mark.parametrize("name", ["A letter", pytest.param("A scribble", marks=OVERWRITTEN)])
def test_example_non_digits_are_rejected(page, name):
    page.get_by_role("button", name=name).click()
    expect(page.locator(".sentence")).to_contain_text("not a digit")


def test_example_photo_is_classified(photo_page):
    photo_page.get_by_role("button", name="A photo with a shadow").click()
    expect_digit(photo_page, 5)


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
        expect_sentence(other, "Draw a digit")


def test_link_restores_sharp_corners(page, browser):
    sides = itertools.pairwise([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    draw_strokes(page, [np.concatenate([np.linspace(start, end, 20) for start, end in sides])])
    expect(page.locator(".sentence")).not_to_contain_text("Draw a digit")
    page.wait_for_timeout(500)
    (digit, words), ink = (page.locator(part).inner_text() for part in (".digit", ".sentence")), ink_on_pad(page)
    link = copied_link(page)
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(link)
        expect(other.locator(".sentence")).to_have_text(words)
        expect(other.locator(".digit")).to_have_text(digit)
        assert (ink_on_pad(other) != ink).mean() < 0.01


def test_link_is_opened_once(page, server):
    page.goto("about:blank")
    page.goto(f"{server.url}/#drawing=1.n5inSVnrOlek.XJsWhqXBvUK8UTVTcSTcPT0TUcQZEYicZtEQtUM")
    expect_digit(page, 4)
    assert page.url == f"{server.url}/"
    page.get_by_role("button", name="Clear").click()
    draw(page, 2)
    expect_digit(page, 2)
    page.reload()
    expect_digit(page, 2)


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
        expect(other.locator(".note")).to_have_text("")


def test_malformed_link_is_noted_and_nothing_else(page, server):
    page.goto("about:blank")
    page.goto(f"{server.url}/#drawing=1.<b>")
    expect(page.locator(".note")).to_contain_text("no drawing")
    expect_sentence(page, "Draw a digit")
    draw(page, 1)
    expect_digit(page, 1)


def test_space_shares_its_own_page_and_can_be_duplicated(browser, page, tmp_path):
    expect(page.get_by_role("button", name="Duplicate")).to_have_count(0)
    with running_app(tmp_path, SPACE_ID="somebody/pad", SYSTEM="spaces") as space, browser.new_context() as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        outside = context.new_page()
        # As on the Space's page, which hands what follows "#" in its own address on to its frame.
        shared = "1.n5inSVnrOlek.XJsWhqXBvUK8UTVTcSTcPT0TUcQZEYicZtEQtUM"
        frame = f'<iframe src="{space.url}/#drawing={shared}" allow="clipboard-write" style="width:100%;height:900px">'
        outside.route(f"{space.url}/outside", lambda route: route.fulfill(body=frame, content_type="text/html"))
        outside.goto(f"{space.url}/outside")
        inside = outside.frame_locator("iframe")
        expect(inside.locator(".digit")).to_have_text("4")
        expect(inside.get_by_role("button", name="Duplicate this Space")).to_be_visible()
        inside.get_by_role("button", name="Copy link").click()
        expect(inside.locator(".note")).to_contain_text("copied")
        link = outside.evaluate("navigator.clipboard.readText()")
        assert link == f"https://huggingface.co/spaces/somebody/pad#drawing={shared}"


def test_answer_is_downloaded_as_a_card(page, tmp_path):
    expect(page.get_by_role("button", name="Download")).not_to_be_visible()
    draw(page, 9)
    expect_digit(page, 9)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "digit-9.png"
    download.value.save_as(tmp_path / "card.png")
    with Image.open(tmp_path / "card.png") as card:
        assert card.size == (1200, 630)
        grey = np.asarray(card.convert("L"))
    assert model.predict_digit(grey[60:570, 60:570]) == 9
    assert model.predict_digit(grey[60:270, 780:1000]) == 9  # the answer, printed large
