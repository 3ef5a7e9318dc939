"""Digits drawn as strokes, and pictures of them: what the tests show to the program."""

import cv2
import numpy as np

#: Each digit as strokes, each stroke as points x,y in hundredths of a square's side.
DIGITS = {
    0: "50,5 25,20 18,50 25,80 50,95 75,80 82,50 75,20 50,5",
    1: "52,5 50,50 48,95",
    2: "22,25 35,8 60,5 77,20 72,42 45,68 20,93 50,92 82,93",
    3: "24,14 50,5 74,18 70,38 46,48 74,60 78,80 52,95 22,85",
    4: "35,5 22,55 80,55 | 66,25 62,95",
    5: "30,8 27,45 50,38 74,52 74,78 50,94 24,86 | 30,8 76,6",
    6: "64,5 38,28 24,62 34,90 60,94 74,74 60,55 36,60 26,74",
    7: "20,10 80,8 60,45 42,95",
    8: "72,20 50,5 28,20 40,42 66,60 72,82 50,95 28,82 36,60 62,40 72,20",
    9: "72,28 55,6 30,16 28,40 50,50 70,36 72,28 68,60 58,95",
}


def strokes(digit: int) -> list[np.ndarray]:
    """A digit's strokes, each float (n, 2): points x, y in a unit square, dense enough for straight lines."""
    corners = [[point.split(",") for point in stroke.split()] for stroke in DIGITS[digit].split("|")]
    return [_smoothed(np.array(stroke, float) / 100) for stroke in corners]


def mask(digit: int, size: tuple[int, int] = (280, 280), place=(0.5, 0.5), height=0.7, pen=0.1) -> np.ndarray:
    """A digit as ink, float32 (H, W) of 0..1.

    ``place`` is its centre in shares of the picture, ``height`` its height as a share of the picture's shorter side,
    and ``pen`` the width of the stroke as a share of that height.
    """
    h, w = size
    scale = height * min(size)
    ink = np.zeros(size, np.uint8)
    for stroke in strokes(digit):
        points = (stroke - 0.5) * scale + [place[0] * w, place[1] * h]
        cv2.polylines(
            ink,
            [np.round(points * 16).astype(np.int32)],
            False,
            255,
            max(1, round(pen * scale)),
            cv2.LINE_AA,
            4,
        )
    return ink.astype(np.float32) / 255


def _smoothed(points: np.ndarray) -> np.ndarray:
    """Cut the corners twice (Chaikin's scheme), ends kept."""
    for _ in range(3):
        near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
        points = np.concatenate([points[:1], np.stack([near, far], axis=1).reshape(-1, 2), points[-1:]])
    return points


def picture(digit: int, paper=255.0, ink=0.0, **drawing) -> np.ndarray:
    """A grey picture, uint8 (H, W): ink of one brightness on paper of one brightness, or of one for each pixel."""
    share = mask(digit, **drawing)
    return np.clip(paper * (1 - share) + ink * share, 0, 255).round().astype(np.uint8)
