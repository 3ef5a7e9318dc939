"""Digits in styles that MNIST, written by Americans, hardly has.

Much of the world writes its 1 with an upstroke, and with a foot; a network that has seen MNIST alone reads a 7 or a 2.
"""

from collections.abc import Callable

import numpy as np

from model import strokes
from model.frame import make_frame
from model.mnist import Split

Stroke = list[tuple[float, float]]


def styled_digits(rng: np.random.Generator) -> Split:
    """Draw the digits that MNIST lacks, made to frames as MNIST's are: images uint8 (n, 28, 28), labels (n,)."""
    images = [_image(draw(rng), rng) for _, count, draw in STYLES for _ in range(count)]
    labels = np.repeat(np.array([label for label, *_ in STYLES], np.uint8), [count for _, count, _ in STYLES])
    return Split(np.stack(images), labels)


def written_digits(count: int, rng: np.random.Generator) -> Split:
    """Draw plain digits, 0 to 9 in turn, for where MNIST is not at hand: images uint8 (n, 28, 28), labels (n,)."""
    labels = np.arange(count, dtype=np.uint8) % 10
    return Split(np.stack([_image(_written(strokes.DIGITS[label])(rng), rng) for label in labels]), labels)


def _image(hand: list, rng: np.random.Generator) -> np.ndarray:
    ink = strokes.ink([np.array(stroke) for stroke in hand], rng.uniform(0.06, 0.2) * strokes.CANVAS)
    return (255 * make_frame(ink)).astype(np.uint8)


def _written(shape: str) -> Callable[[np.random.Generator], strokes.Strokes]:
    """One of the forms below, by some hand."""
    return lambda rng: strokes.smooth(strokes.vary(strokes.parse(shape), rng, unsteady=0.025))


def _flagged_one(rng: np.random.Generator) -> list[Stroke]:
    # Short and steep: a long flat one would make a 7 of it.
    return [[*_flag(rng, length=(0.2, 0.45), below=(35, 70)), _bottom(rng)]]


def _footed_one(rng: np.random.Generator) -> list[Stroke]:
    bottom = _bottom(rng)
    left, right, tilt = rng.uniform(0.1, 0.35), rng.uniform(0.1, 0.35), rng.normal(0, 0.04)
    foot = [(bottom[0] - left, bottom[1] + tilt), (bottom[0] + right, bottom[1] - tilt)]
    flag = _flag(rng, length=(0.1, 0.45), below=(25, 75)) if rng.random() < 0.8 else [(0.0, 0.0)]
    return [[*flag, bottom], foot]


def _crossed_seven(rng: np.random.Generator) -> list[Stroke]:
    width, bottom = rng.uniform(0.4, 0.7), _bottom(rng)
    top = [(-width, rng.uniform(-0.06, 0.08)), (0.0, 0.0)]
    at, half = rng.uniform(0.35, 0.6), rng.uniform(0.12, 0.28)
    middle = (at * (bottom[0] - 0.15), at)
    cross = [(middle[0] - half, at + rng.normal(0, 0.04)), (middle[0] + half, at + rng.normal(0, 0.04))]
    return [[*top, (bottom[0] - 0.15, bottom[1])], cross]


def _flag(rng: np.random.Generator, length: tuple[float, float], below: tuple[float, float]) -> Stroke:
    """From the flag's end up to the top of the stem, which is at (0, 0); y runs down."""
    reach, angle = rng.uniform(*length), np.radians(rng.uniform(*below))
    return [(-reach * np.cos(angle), reach * np.sin(angle)), (0.0, 0.0)]


def _bottom(rng: np.random.Generator) -> tuple[float, float]:
    return (rng.normal(-0.08, 0.1), 1.0)


#: Label, how many are added to MNIST's 55,000 or so, and what draws one.
STYLES = (
    (1, 1_500, _flagged_one),
    (1, 1_500, _footed_one),
    (7, 500, _crossed_seven),
    # 3 with a curl at its lower end, and at both
    (3, 250, _written("26,18 46,5 70,16 64,38 44,48 72,58 76,80 52,95 26,90 22,76 34,72 40,84")),
    (3, 250, _written("42,22 30,28 24,16 44,4 70,14 64,38 42,46 40,52 70,58 76,80 50,95 24,90 22,76 34,72 40,84")),
    # 4 closed at the top, as it is printed
    (4, 250, _written("60,5 18,64 18,64 86,62 | 60,5 58,95")),
    (4, 250, _written("58,95 60,5 60,5 18,60 18,60 84,64")),
    # 9 that begins with a curl instead of a ring
    (9, 250, _written("44,36 50,26 40,20 30,30 36,44 26,20 48,4 72,20 70,50 40,95")),
    (9, 250, _written("46,38 44,24 30,24 30,40 44,42 36,44 22,26 44,4 70,18 70,46 58,74 34,95")),
)
