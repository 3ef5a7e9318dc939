"""Digits on paper of any kind, lit in any way, are read."""

import cv2
import numpy as np
import pytest

from tests.helpers.drawings import mask, picture

DIGITS = range(10)


def noisy(grey: np.ndarray, spread: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, spread, grey.shape)
    return np.clip(grey + noise, 0, 255).round().astype(np.uint8)


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
def test_digits_of_any_size_place_and_contrast_are_read(classifier, digit, drawing):
    assert classifier.predict(picture(digit, **drawing)).digit == digit


@pytest.mark.parametrize("digit", DIGITS)
def test_digits_in_tiny_pictures_are_read(classifier, digit):
    tiny = cv2.resize(picture(digit), (26, 26), interpolation=cv2.INTER_AREA)
    assert classifier.predict(tiny).digit == digit


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


PAPERS = (
    *(uneven_light, shadow_edge, desk_edge, sheet_on_a_desk, specks, finger, smudge, ruled),
    *(drawn_box, drawn_circle, plate),
)
#: The shipped ink network misses a 1 on a shadow's edge.
MISREAD = {(shadow_edge, 1)}
CASES = [
    pytest.param(paper, digit, marks=pytest.mark.xfail(strict=True) if (paper, digit) in MISREAD else ())
    for paper in PAPERS
    for digit in DIGITS
]


@pytest.mark.parametrize(("paper", "digit"), CASES)
def test_digits_on_any_paper_are_read(classifier, paper, digit):
    drawing = {"height": 0.4, "pen": 0.08, "place": (0.5, 0.45)}
    assert classifier.predict(on_paper(paper(), digit, **drawing)).digit == digit


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize("bar", [0, 128, 255])
@pytest.mark.parametrize("sides", [(0, 0, 60, 60), (100, 80, 0, 0), (2, 2, 2, 2), (0, 50, 0, 0)], ids=str)
def test_bars_beside_a_picture_are_not_read(classifier, request, digit, bar, sides):
    if (digit, bar, sides) == (1, 255, (0, 0, 60, 60)):  # the shipped ink network misses parts of this 1
        request.applymarker(pytest.mark.xfail(strict=True))
    grey = noisy(picture(digit, paper=190, ink=60), 3)
    barred = cv2.copyMakeBorder(grey, *sides, cv2.BORDER_CONSTANT, value=bar)
    assert classifier.predict(barred).digit == digit
