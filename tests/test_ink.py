import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.preparation.frame import make_frame
from model.preparation.ink import Ink, find_ink
from tests.helpers.drawings import mask, picture

DIGITS = range(10)


def noisy(grey: np.ndarray, spread: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, spread, grey.shape)
    return np.clip(grey + noise, 0, 255).round().astype(np.uint8)


def frame_similarity(grey: np.ndarray, reference: np.ndarray) -> float:
    """Return the cosine similarity, 0..1, of the frames of two pictures, up to a shift by a pixel."""
    one, other = (make_frame(find_ink(each).strength) for each in (grey, reference))
    common = max((np.roll(one, (y, x), (0, 1)) * other).sum() for y in (-1, 0, 1) for x in (-1, 0, 1))
    return float(common / np.sqrt((one**2).sum() * (other**2).sum()))


@pytest.mark.parametrize(
    "empty",
    [
        np.full((280, 280), 255, np.uint8),
        np.zeros((280, 280), np.uint8),
        np.full((1, 1), 7, np.uint8),
        np.full((3, 900), 7, np.uint8),
        noisy(np.full((600, 800), 128), 6),
        np.tile(np.linspace(80, 240, 500).astype(np.uint8), (400, 1)),
    ],
    ids=["white", "black", "one pixel", "a strip", "noise", "a gradient"],
)
def test_find_ink_returns_none_for_blank_pictures(empty):
    assert find_ink(empty) is None


@pytest.mark.parametrize("every", range(2, 9))
@pytest.mark.parametrize("fraction", [0.3, 0.6])
@pytest.mark.parametrize("dark", [10, 40, 150])
def test_find_ink_handles_stripes(every, fraction, dark):
    stripes = np.full((300, 400), 200, np.uint8)
    stripes[:, np.arange(400) % every < fraction * every] = dark
    for grey in (stripes, stripes.T):
        assert_valid(find_ink(grey))


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))))
def test_find_ink_handles_random_pictures(grey):
    assert_valid(find_ink(grey))


def assert_valid(ink: Ink | None) -> None:
    """Assert that ink, if there is any, is in 0..1, is inside the picture and gives a frame."""
    if ink is not None:
        left, top, right, bottom = ink.box
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
        assert ink.strength.min() >= 0
        assert 0 < ink.strength.max() <= 1
        assert make_frame(ink.strength).shape == (28, 28)


@pytest.mark.parametrize("digit", DIGITS)
def test_inverted_picture_has_the_same_ink(digit):
    grey = noisy(picture(digit, paper=200, ink=90), 3)
    assert np.array_equal(find_ink(grey).strength, find_ink(255 - grey).strength)


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize(
    "drawing",
    [
        {"size": (900, 1200), "height": 0.12, "place": (0.3, 0.65)},
        {"paper": 190, "ink": 165},
        {"height": 1.0},
    ],
    ids=["small in a wide picture", "faint", "up to the border"],
)
def test_size_place_and_contrast_hardly_change_the_frame(digit, drawing):
    assert frame_similarity(picture(digit, **drawing), picture(digit)) > 0.93


@pytest.mark.parametrize("digit", DIGITS)
def test_tiny_pictures_give_nearly_the_same_frame(digit):
    tiny = cv2.resize(picture(digit), (26, 26), interpolation=cv2.INTER_AREA)
    assert frame_similarity(tiny, picture(digit)) > 0.93


def on_paper(paper: np.ndarray, digit: int, **drawing) -> np.ndarray:
    """Return a photo with some noise of a digit whose ink absorbs 60 % of the light on this paper."""
    return noisy(paper * (1 - 0.6 * mask(digit, paper.shape, **drawing)), 3)


def uneven_light() -> np.ndarray:
    return np.linspace(110, 230, 600)[None] - np.linspace(0, 50, 800)[:, None]


def shadow_edge() -> np.ndarray:
    paper = np.full((800, 600), 220.0)
    paper[:, 280:] = 120
    return cv2.GaussianBlur(paper, (0, 0), 2)


def desk_edge() -> np.ndarray:
    paper = np.full((900, 800), 210.0)
    cv2.fillPoly(paper, [np.array([(0, 0), (170, 0), (90, 900), (0, 900)])], 70)
    return paper


def sheet_on_a_desk() -> np.ndarray:
    paper = np.full((900, 1200), 90.0)
    cv2.fillPoly(paper, [np.array([(300, 150), (850, 120), (880, 760), (260, 790)])], 220)
    return paper


def specks() -> np.ndarray:
    paper = np.full((800, 600), 210.0)
    for x, y in np.random.default_rng(1).integers(0, [600, 800], (15, 2)):
        cv2.circle(paper, (int(x), int(y)), 3, 60, -1)
    return paper


def finger() -> np.ndarray:
    paper = np.full((900, 700), 215.0)
    return cv2.ellipse(paper, (350, 900), (70, 180), 10, 0, 360, 120, -1)


def smudge() -> np.ndarray:
    y, x = np.ogrid[:800, :600]
    return 215 - 170 * np.exp(-(((x - 330) / 80) ** 2) - ((y - 620) / 80) ** 2)


def ruled() -> np.ndarray:
    paper = np.full((800, 600), 225.0)
    paper[20::50] = paper[21::50] = 180
    return paper


def drawn_box() -> np.ndarray:
    return cv2.rectangle(np.full((800, 600), 215.0), (60, 120), (540, 620), 60, 4)


def drawn_circle() -> np.ndarray:
    return cv2.circle(np.full((800, 600), 215.0), (300, 360), 220, 60, 6)


def plate() -> np.ndarray:
    return cv2.circle(np.full((800, 600), 70.0), (300, 360), 230, 215, -1)


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize(
    "paper",
    [
        uneven_light,
        shadow_edge,
        desk_edge,
        sheet_on_a_desk,
        specks,
        finger,
        smudge,
        ruled,
        drawn_box,
        drawn_circle,
        plate,
    ],
    ids=lambda paper: paper.__name__,
)
def test_find_ink_finds_the_digit_on_any_paper(digit, paper):
    drawing = {"height": 0.4, "pen": 0.08, "place": (0.5, 0.45)}
    assert frame_similarity(on_paper(paper(), digit, **drawing), picture(digit, pen=0.08)) > 0.85


def test_detached_bar_of_a_five_is_part_of_the_ink():
    five = picture(5)
    five[:80] = np.roll(five[:80], -12, axis=0)  # the bar moves up, off the rest
    pieces = cv2.connectedComponents((five < 128).astype(np.uint8))[0] - 1
    assert pieces == 2
    _, top, _, bottom = find_ink(five).box
    rows = np.flatnonzero((five < 128).any(axis=1))
    assert 280 * top <= rows[0]
    assert 280 * bottom > rows[-1]


def test_speck_inside_a_loop_does_not_change_the_box():
    grey = picture(8)
    specked = grey.copy()
    specked[190:204, 133:147] = 0
    assert np.ptp(np.flatnonzero((specked != grey).any(axis=1))) == 13  # it is in the loop
    assert find_ink(specked).box == find_ink(grey).box


@pytest.mark.parametrize("digit", DIGITS)
def test_ink_of_a_number_includes_all_its_digits(digit):
    place = {"size": (400, 600), "height": 0.4}
    number = np.minimum(picture(digit, place=(0.4, 0.5), **place), picture(3, place=(0.65, 0.55), **place))
    left, _, right, _ = find_ink(number).box
    columns = np.flatnonzero((number < 128).any(axis=0)) / 600
    assert left <= columns[0]
    assert right >= columns[-1]


@pytest.mark.parametrize("digit", DIGITS)
def test_smaller_mark_far_from_the_digit_is_not_ink(digit):
    drawn = {"size": (400, 600), "height": 0.4, "place": (0.45, 0.5)}
    stained = np.minimum(picture(digit, **drawn), picture(2, size=(400, 600), height=0.2, place=(0.8, 0.3)))
    assert find_ink(stained).box == find_ink(picture(digit, **drawn)).box


def test_box_and_outline_surround_the_digit():
    grey = picture(8, size=(900, 1200), height=0.2, place=(0.25, 0.6))
    ink = find_ink(grey)
    left, top, right, bottom = ink.box
    assert abs((left + right) / 2 - 0.25) < 0.01
    assert abs((top + bottom) / 2 - 0.6) < 0.01
    assert 0.19 < bottom - top < 0.24
    inside = np.zeros_like(grey)
    cv2.fillPoly(inside, [(edge * grey.shape[::-1]).round().astype(np.int32) for edge in ink.outline()], 255)
    assert np.mean((inside > 0) != (grey < 128)) < 0.1 * np.mean(grey < 128)


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize("bar", [0, 128, 255])
@pytest.mark.parametrize("sides", [(0, 0, 60, 60), (100, 80, 0, 0), (2, 2, 2, 2), (0, 50, 0, 0)], ids=str)
def test_bars_beside_a_picture_do_not_change_the_ink(digit, bar, sides):
    grey = noisy(picture(digit, paper=190, ink=60), 3)
    top, _, left, _ = sides
    barred = cv2.copyMakeBorder(grey, *sides, cv2.BORDER_CONSTANT, value=bar)
    alone, beside = find_ink(grey), find_ink(barred)
    assert np.array_equal(beside.strength, alone.strength)
    height, width = barred.shape
    scaled = np.array(beside.box) * [width, height, width, height]
    assert scaled == pytest.approx(np.array(alone.box) * 280 + [left, top, left, top], abs=0.01)


def test_box_of_ink_on_a_sheet_is_relative_to_the_whole_picture():
    desk = np.full((900, 1200), 60, np.uint8)
    desk[200:700, 300:900] = picture(3, paper=220, ink=30, size=(500, 600), height=0.6)
    left, top, right, bottom = find_ink(desk).box
    assert abs((left + right) / 2 - 0.5) < 0.02
    assert abs((top + bottom) / 2 - 0.5) < 0.02
    assert 0.3 < bottom - top < 0.4
