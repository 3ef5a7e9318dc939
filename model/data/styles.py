"""Drawn digits, among them styles that are rare in MNIST, which was written in the United States.

Elsewhere a 1 often has an upstroke and a foot, and a 7 a crossbar. A network trained on MNIST alone takes such a 1 for
a 7 or a 2.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from model.data import strokes
from model.data.mnist import Split
from model.preparation.frame import make_frame, to_uint8

#: Range of the pen's width, in fractions of the digit's longer side.
PEN_WIDTH = (0.06, 0.2)
#: Standard deviation of the points' displacement in digits given as text, in fractions of the unit square's side.
JITTER = 0.025

# The 1 and the 7 have the top of their stem at (0, 0) and its bottom at y = 1; y points down. Lengths are in heights of
# the stem, angles in degrees from the horizontal; pairs are ranges unless said otherwise.
#: Mean and standard deviation of the bottom's x.
STEM_BOTTOM = (-0.08, 0.1)
#: Length and angle of the upstroke of a 1 without a foot: steep, as a flat one would make it a 7.
UPSTROKE = ((0.2, 0.65), (38, 72))
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
        count: how many images ``styled_digits`` draws, to be added to MNIST's 55,000 or 60,000.
        draw: draws the strokes of one, in any unit.
    """

    digit: int
    count: int
    draw: Draw


def styled_digits(rng: np.random.Generator) -> Split:
    """Draw digits in each of the STYLES and make frames of them.

    Returns:
        Images, uint8 (n, 28, 28), white ink on black, and their labels, uint8 (n,), in the order of STYLES.
    """
    images = [_image(style.draw(rng), rng) for style in STYLES for _ in range(style.count)]
    labels = np.repeat(np.array([style.digit for style in STYLES], np.uint8), [style.count for style in STYLES])
    return Split(np.stack(images), labels)


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


def _one_with_upstroke(rng: np.random.Generator) -> strokes.Strokes:
    return [np.array([*_upstroke(rng, *UPSTROKE), _stem_bottom(rng)])]


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
    Style(1, 1_500, _one_with_upstroke),
    Style(1, 1_500, _one_with_foot),
    Style(7, 500, _seven_with_crossbar),
    # 7 with a curved bar, a curved stem, and a hook at the left
    Style(7, 300, _handwritten("24,14 38,18 56,14 72,6 60,36 50,66 46,96")),
    Style(7, 300, _handwritten("16,10 48,6 78,8 80,16 60,46 44,72 40,96")),
    Style(7, 300, _handwritten("26,20 26,8 50,10 72,8 60,40 48,70 42,96")),
    # 3 with a curl at its lower end, and at both ends
    Style(3, 250, _handwritten("26,18 46,5 70,16 64,38 44,48 72,58 76,80 52,95 26,90 22,76 34,72 40,84")),
    Style(
        3,
        250,
        _handwritten("42,22 30,28 24,16 44,4 70,14 64,38 42,46 40,52 70,58 76,80 50,95 24,90 22,76 34,72 40,84"),
    ),
    # 4 closed at the top, as in print
    Style(4, 250, _handwritten("60,5 18,64 18,64 86,62 | 60,5 58,95")),
    Style(4, 250, _handwritten("58,95 60,5 60,5 18,60 18,60 84,64")),
    # 9 that begins with a curl instead of a closed loop
    Style(9, 250, _handwritten("44,36 50,26 40,20 30,30 36,44 26,20 48,4 72,20 70,50 40,95")),
    Style(9, 250, _handwritten("46,38 44,24 30,24 30,40 44,42 36,44 22,26 44,4 70,18 70,46 58,74 34,95")),
)
