"""Digits drawn as strokes, and pictures of them."""

import numpy as np

from model.data.strokes import DIGITS, Strokes, draw, parse, smooth


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
