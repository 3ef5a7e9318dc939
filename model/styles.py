"""Digits in styles that MNIST, written by Americans, hardly has: 1 with a flag and a foot, and the crossed 7.

Much of the world writes its 1 with an upstroke, and with a foot; a network that has seen MNIST alone reads a 7 or a 2.
"""

import itertools

import numpy as np

from model.mnist import Split

SIDE, BOX = 28, 20
#: How many of each style are added to MNIST's 55,000 or so.
FLAGGED, FOOTED, CROSSED = 1_500, 1_500, 500

Stroke = list[tuple[float, float]]


def styled_digits(rng: np.random.Generator) -> Split:
    """Draw the digits that MNIST lacks, made to frames as MNIST's are: images uint8 (n, 28, 28), labels (n,)."""
    styles = [(_flagged_one, 1, FLAGGED), (_footed_one, 1, FOOTED), (_crossed_seven, 7, CROSSED)]
    images = [_frame(style(rng), rng.uniform(0.6, 2.2)) for style, _, count in styles for _ in range(count)]
    return Split(np.stack(images), np.repeat([label for _, label, _ in styles], [count for *_, count in styles]))


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


def _frame(strokes: list[Stroke], pen: float) -> np.ndarray:
    """Draw strokes with a round pen of that radius in pixels, as MNIST's frames are made: uint8 (28, 28)."""
    points = np.concatenate([np.array(stroke) for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (BOX - 2 * pen) / (high - low).max()
    y, x = np.mgrid[:SIDE, :SIDE]
    ink = np.zeros((SIDE, SIDE))
    for stroke in strokes:
        corners = (np.array(stroke) - (low + high) / 2) * scale + SIDE / 2
        for start, end in itertools.pairwise(corners):
            along = end - start
            share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / max(along @ along, 1e-6)
            share = share.clip(0, 1)
            distance = np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
            ink = np.maximum(ink, np.clip(pen + 0.5 - distance, 0, 1))
    right = round(SIDE / 2 - (ink * x).sum() / ink.sum())
    down = round(SIDE / 2 - (ink * y).sum() / ink.sum())
    return (255 * np.roll(ink, (down, right), axis=(0, 1))).astype(np.uint8)
