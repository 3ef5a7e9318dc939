"""Digits drawn as strokes, and pictures of them: what the tests show to the program."""

import numpy as np

from model.strokes import DIGITS, Strokes, draw, parse, smooth


def strokes(digit: int) -> Strokes:
    """A digit's strokes in a unit square, dense enough for straight lines."""
    return smooth(parse(DIGITS[digit]))


def mask(digit: int, size: tuple[int, int] = (280, 280), place=(0.5, 0.5), height=0.7, pen=0.1) -> np.ndarray:
    """A digit as ink, float32 (H, W) of 0..1.

    ``place`` is its centre in shares of the picture, ``height`` its height as a share of the picture's shorter side,
    and ``pen`` the width of the stroke as a share of that height.
    """
    h, w = size
    scale = height * min(size)
    ink = np.zeros(size, np.uint8)
    draw([(points - 0.5) * scale + [place[0] * w, place[1] * h] for points in strokes(digit)], ink, pen * scale)
    return ink.astype(np.float32) / 255


def picture(digit: int, paper=255.0, ink=0.0, **drawing) -> np.ndarray:
    """A grey picture, uint8 (H, W): ink of one brightness on paper of one brightness, or of one for each pixel."""
    share = mask(digit, **drawing)
    return np.clip(paper * (1 - share) + ink * share, 0, 255).round().astype(np.uint8)
