"""Drawn digits, among them styles that are rare in MNIST, which was written in the United States.

Elsewhere a 1 often has an upstroke and a foot, a 7 a crossbar, a 0 a curl, a 2 a closed head. A network trained on
MNIST alone takes such a 1 for a 7 or a 2.
"""

import pathlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from model.data import strokes
from model.data.mnist import Split
from model.preparation.frame import make_frame, to_uint8

#: Range of the pen's width, in fractions of the digit's longer side.
PEN_WIDTH = (0.06, 0.2)
#: Digits in plain shape: standard deviation of the points' displacement, in fractions of the unit square's side.
JITTER = 0.025
#: Digits of styles.txt: limits of that deviation, and standard deviation of the slant.
STYLE_JITTER, STYLE_SLANT = (0.01, 0.045), 0.25

# The 1 and the 7 have the top of their stem at (0, 0) and its bottom at y = 1; y points down. Lengths are in heights of
# the stem, angles in degrees from the horizontal; pairs are ranges unless said otherwise.
#: Mean and standard deviation of the bottom's x.
STEM_BOTTOM = (-0.08, 0.1)
#: Length and angle of the upstroke of a 1 without a foot: steep, as a flat one would make it a 7, ...
UPSTROKE = ((0.2, 0.95), (38, 72))
#: ... the longer, the steeper: it reaches at most that far left. How far it bends upwards, in fractions of its length.
MAX_REACH, UPSTROKE_BEND = 0.55, (-0.05, 0.2)
#: The same with a foot, and the fraction of these that have an upstroke.
FOOTED_UPSTROKE = ((0.1, 0.45), (25, 75))
FOOTED_UPSTROKE_PROBABILITY = 0.8
#: Length of the foot on either side of the stem, and standard deviation of its ends' y.
FOOT, FOOT_TILT = (0.1, 0.35), 0.04
#: Length of the 7's bar, y of the bar's left end, and how much further left its stem ends than a 1's.
BAR, BAR_END_Y, SEVEN_SLANT = (0.4, 0.7), (-0.06, 0.08), 0.15
#: The crossbar of the 7: its y, half its length, and standard deviation of its ends' y.
CROSSBAR_Y, HALF_CROSSBAR, CROSSBAR_TILT = (0.35, 0.6), (0.12, 0.28), 0.04

Point = tuple[float, float]
Draw = Callable[[np.random.Generator], strokes.Strokes]


class Style(NamedTuple):
    """One way to write a digit.

    Attributes:
        digit: 0..9.
        weight: how often it is drawn, in proportion to the others.
        draw: draws the strokes of one, in any unit.
    """

    digit: int
    weight: float
    draw: Draw


def styled_digits(count: int, rng: np.random.Generator) -> Split:
    """Draw digits in random STYLES and make frames of them.

    Returns:
        Images, uint8 (count, 28, 28), white ink on black, and their labels, uint8 (count,).
    """
    weights = np.array([style.weight for style in STYLES])
    styles = [STYLES[index] for index in rng.choice(len(STYLES), count, p=weights / weights.sum())]
    images = [_image(style.draw(rng), rng) for style in styles]
    return Split(np.stack(images), np.array([style.digit for style in styles], np.uint8))


def drawn_digits(count: int, rng: np.random.Generator) -> Split:
    """Draw digits in their plainest shape, a stand-in for MNIST where it is not available.

    Args:
        count: how many; they are 0 to 9 in turn.
        rng: the only source of randomness.

    Returns:
        Images, uint8 (count, 28, 28), white ink on black, and their labels, uint8 (count,).
    """
    labels = np.arange(count, dtype=np.uint8) % 10
    return Split(np.stack([_image(_handwritten(strokes.DIGITS[label])(rng), rng) for label in labels]), labels)


def _image(drawing: strokes.Strokes, rng: np.random.Generator) -> np.ndarray:
    """Render strokes with a pen of random width, and make a frame of them: uint8 (28, 28)."""
    ink = strokes.render(drawing, rng.uniform(*PEN_WIDTH) * strokes.CANVAS)
    return to_uint8(make_frame(ink))


def _handwritten(text: str) -> Draw:
    """Return a function that draws variants of the strokes given in text form."""
    return lambda rng: strokes.smooth(strokes.vary(strokes.parse(text), rng, JITTER))


def _read_styles() -> list[tuple[int, str]]:
    """Read styles.txt: digits and their strokes in text form."""
    lines = pathlib.Path(__file__).with_name("styles.txt").read_text(encoding="utf-8").splitlines()
    styles = (line.split(":") for line in lines if line and not line.startswith("#"))
    return [(int(digit), text) for digit, text in styles]


def _of_style(text: str) -> Draw:
    """Return a function that draws variants, by different writers, of the strokes given in text form."""

    def draw(rng: np.random.Generator) -> strokes.Strokes:
        return strokes.smooth(strokes.vary(strokes.parse(text), rng, rng.uniform(*STYLE_JITTER), STYLE_SLANT))

    return draw


def _one_with_upstroke(rng: np.random.Generator) -> strokes.Strokes:
    start, top = (np.array(point) for point in _upstroke(rng, *UPSTROKE))
    start[0] = max(start[0], -MAX_REACH)
    up, right = start[1], -start[0]
    bent = start / 2 - rng.uniform(*UPSTROKE_BEND) * np.array([up, right])
    upstroke = strokes.smooth([np.array([start, bent, top])])[0]
    return [np.vstack([upstroke, _stem_bottom(rng)])]


def _one_with_foot(rng: np.random.Generator) -> strokes.Strokes:
    x, y = bottom = _stem_bottom(rng)
    left, right, tilt = rng.uniform(*FOOT), rng.uniform(*FOOT), rng.normal(0, FOOT_TILT)
    foot = [(x - left, y + tilt), (x + right, y - tilt)]
    has_upstroke = rng.random() < FOOTED_UPSTROKE_PROBABILITY
    top = _upstroke(rng, *FOOTED_UPSTROKE) if has_upstroke else [(0.0, 0.0)]
    return [np.array([*top, bottom]), np.array(foot)]


def _seven_with_crossbar(rng: np.random.Generator) -> strokes.Strokes:
    length, (x, y) = rng.uniform(*BAR), _stem_bottom(rng)
    bar = [(-length, rng.uniform(*BAR_END_Y)), (0.0, 0.0)]
    bottom = (x - SEVEN_SLANT, y)
    crossbar_y, half = rng.uniform(*CROSSBAR_Y), rng.uniform(*HALF_CROSSBAR)
    crossbar_x = crossbar_y * bottom[0]
    left = (crossbar_x - half, crossbar_y + rng.normal(0, CROSSBAR_TILT))
    right = (crossbar_x + half, crossbar_y + rng.normal(0, CROSSBAR_TILT))
    return [np.array([*bar, bottom]), np.array([left, right])]


def _upstroke(rng: np.random.Generator, lengths: tuple[float, float], angles: tuple[float, float]) -> list[Point]:
    """Draw the stroke that leads up to the top of the stem: its start and its end."""
    length, angle = rng.uniform(*lengths), np.radians(rng.uniform(*angles))
    return [(-length * np.cos(angle), length * np.sin(angle)), (0.0, 0.0)]


def _stem_bottom(rng: np.random.Generator) -> Point:
    return (rng.normal(*STEM_BOTTOM), 1.0)


STYLES = (
    Style(1, 7, _one_with_upstroke),
    Style(1, 5, _one_with_foot),
    Style(7, 3, _seven_with_crossbar),
    *(Style(digit, 1, _of_style(text)) for digit, text in _read_styles()),
)
