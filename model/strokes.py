"""Digits as strokes of a pen, and the ink that such strokes leave."""

import cv2
import numpy as np

#: Each digit in one plain form: points "x,y" in hundredths of a square's side, y running down; "|" lifts the pen.
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

#: Each stroke float (n, 2): points x, y, y running down.
Strokes = list[np.ndarray]

CANVAS = 128


def parse(strokes: str) -> Strokes:
    """Strokes as they are written above, in a unit square."""
    return [np.array([point.split(",") for point in stroke.split()], float) / 100 for stroke in strokes.split("|")]


def smooth(strokes: Strokes, rounds: int = 3) -> Strokes:
    """Round the corners by cutting them again and again, ends kept (Chaikin 1974, "An algorithm for curves")."""
    for _ in range(rounds):
        strokes = [_with_corners_cut(points) for points in strokes]
    return strokes


def _with_corners_cut(points: np.ndarray) -> np.ndarray:
    near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
    return np.concatenate([points[:1], np.stack([near, far], axis=1).reshape(-1, 2), points[-1:]])


def vary(strokes: Strokes, rng: np.random.Generator, unsteady: float = 0.035) -> Strokes:
    """The same strokes by another hand: slanted, turned, stretched, and each point somewhere else."""
    slant, turn = rng.normal(0, 0.15), rng.normal(0, 0.1)
    stretch = np.exp(rng.normal(0, 0.1))
    change = [[stretch, 0], [-slant, 1 / stretch]] @ np.array(
        [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    )
    return [(points + rng.normal(0, unsteady, points.shape) - 0.5) @ change + 0.5 for points in strokes]


def ink(strokes: Strokes, pen: float) -> np.ndarray:
    """Ink, float32 (H, W) of 0..1, of strokes of any size: CANVAS pixels long, by a pen of that width in pixels."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = int(pen) + 1
    scale = CANVAS / (high - low).max()
    width, height = np.ceil((high - low) * scale).astype(int) + 2 * margin
    placed = [(points - low) * scale + margin for points in strokes]
    return draw(placed, np.zeros((height, width), np.uint8), pen).astype(np.float32) / 255


def draw(strokes: Strokes, image: np.ndarray, pen: float) -> np.ndarray:
    """Add strokes, in pixels, to an image, uint8 (H, W), by a round pen of that width in pixels; returns the image."""
    for points in strokes:
        cv2.polylines(image, [np.round(points * 16).astype(np.int32)], False, 255, max(1, round(pen)), cv2.LINE_AA, 4)
    return image
