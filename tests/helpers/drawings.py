"""Digits drawn as strokes, and pictures of them."""

import numpy as np

from model.data.strokes import DIGITS, Strokes, draw, parse, smooth

#: Distance between the digits of a number, in heights of a digit.
ADVANCE = 0.85


def strokes(digit: int) -> Strokes:
    """Return a digit's strokes in a unit square, with points dense enough for straight lines."""
    return smooth(parse(DIGITS[digit]))


def mask(digit: int, size: tuple[int, int] = (280, 280), place=(0.5, 0.5), height=0.7, pen=0.1) -> np.ndarray:
    """Return the ink of a digit, float32 (H, W) in 0..1.

    ``place`` is its centre in fractions of the picture, ``height`` its height as a fraction of the picture's shorter
    side, and ``pen`` the width of the stroke as a fraction of that height.
    """
    h, w = size
    scale = height * min(size)
    ink = np.zeros(size, np.uint8)
    draw([(points - 0.5) * scale + [place[0] * w, place[1] * h] for points in strokes(digit)], ink, pen * scale)
    return ink.astype(np.float32) / 255


def picture(digit: int, paper=255.0, ink=0.0, **drawing) -> np.ndarray:
    """Return a grey picture, uint8 (H, W): ink on paper, each of one brightness or of one for each pixel."""
    covered = mask(digit, **drawing)
    return np.clip(paper * (1 - covered) + ink * covered, 0, 255).round().astype(np.uint8)


def number_picture(number: str, height: int = 120, **drawing) -> np.ndarray:
    """Return a grey picture, uint8 (H, W), of digits in a row, or in rows for the lines of ``number``.

    ``height`` is the digits' in pixels; ``drawing`` is what ``picture`` takes.
    """
    lines = number.split("\n")
    size = (round(height * (1.5 * len(lines) + 0.5)), round(height * (ADVANCE * max(map(len, lines)) + 0.6)))
    grey = np.full(size, drawing.get("paper", 255), np.uint8)
    for row, line in enumerate(lines):
        for column, digit in enumerate(line):
            place = (digit_centre(column, height) / size[1], height * (1.5 * row + 1) / size[0])
            one = picture(int(digit), size=size, place=place, height=height / min(size), **drawing)
            grey = np.minimum(grey, one)
    return grey


def digit_centre(column: int, height: int = 120) -> float:
    """Return the horizontal centre in pixels of a digit in ``number_picture``, by its column, counted from 0."""
    return height * (ADVANCE * (column + 0.5) + 0.3)
