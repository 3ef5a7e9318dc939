"""Handwriting as strokes: the digits' shapes, and functions that vary and render strokes.

In text form, as in DIGITS and signs.txt, strokes are points "x,y" in hundredths of a unit square's side, x to the right
and y downwards; "|" lifts the pen.
"""

import cv2
import numpy as np

from model.preparation.frame import from_uint8

#: The strokes of each digit in its plainest shape, in text form.
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

#: One float array (n, 2) for each stroke: its points x, y.
Strokes = list[np.ndarray]

#: The longer side of rendered strokes, in pixels.
CANVAS = 128
#: Coordinates in text form for one side of the unit square.
UNITS = 100
#: Chaikin's algorithm cuts this fraction off both ends of each segment.
CORNER_CUT = 0.25
#: Standard deviations of the slant (a shear), the rotation in radians, and the logarithm of the stretch.
SLANT, ROTATION, LOG_STRETCH = 0.15, 0.1, 0.1
#: Fractional bits of the coordinates that OpenCV draws at.
SUBPIXEL_BITS = 4


def parse(text: str) -> Strokes:
    """Return strokes given in text form, scaled to the unit square."""
    return [np.array([point.split(",") for point in stroke.split()], float) / UNITS for stroke in text.split("|")]


def smooth(strokes: Strokes, iterations: int = 3) -> Strokes:
    """Round the corners of strokes; their ends stay in place.

    The method is corner cutting (Chaikin 1974, "An algorithm for high-speed curve generation").
    """
    for _ in range(iterations):
        strokes = [_cut_corners(points) for points in strokes]
    return strokes


def _cut_corners(points: np.ndarray) -> np.ndarray:
    start = (1 - CORNER_CUT) * points[:-1] + CORNER_CUT * points[1:]
    end = CORNER_CUT * points[:-1] + (1 - CORNER_CUT) * points[1:]
    return np.concatenate([points[:1], np.stack([start, end], axis=1).reshape(-1, 2), points[-1:]])


def vary(strokes: Strokes, rng: np.random.Generator, jitter: float = 0.035, slant: float = SLANT) -> Strokes:
    """Vary strokes as different writers do: slant, rotate and stretch them, and displace each point.

    Args:
        strokes: strokes in the unit square; the centre (0.5, 0.5) stays in place.
        rng: the only source of randomness.
        jitter: standard deviation of each point's displacement along x and y.
        slant: standard deviation of the slant.
    """
    slanted, angle = rng.normal(0, slant), rng.normal(0, ROTATION)
    stretch = np.exp(rng.normal(0, LOG_STRETCH))
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    change = [[stretch, 0], [-slanted, 1 / stretch]] @ rotation
    return [(points + rng.normal(0, jitter, points.shape) - 0.5) @ change + 0.5 for points in strokes]


def render(strokes: Strokes, pen_width: float) -> np.ndarray:
    """Render strokes of any size, scaled so that the longer side of their bounding box is CANVAS pixels.

    Args:
        strokes: strokes in any unit, not all in one point.
        pen_width: in pixels of the result.

    Returns:
        Ink, float32 (h, w) in 0..1, with a blank margin.
    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = int(pen_width) + 1
    scale = CANVAS / (high - low).max()
    width, height = np.ceil((high - low) * scale).astype(int) + 2 * margin
    placed = [(points - low) * scale + margin for points in strokes]
    return from_uint8(draw(placed, np.zeros((height, width), np.uint8), pen_width))


def draw(strokes: Strokes, image: np.ndarray, pen_width: float) -> np.ndarray:
    """Draw strokes on an image in place, with a round pen of value 255.

    Args:
        strokes: points in pixels of the image.
        image: uint8 (H, W).
        pen_width: in pixels, rounded, at least 1.

    Returns:
        The image.
    """
    thickness = max(1, round(pen_width))
    for points in strokes:
        fixed_point = np.round(points * 2**SUBPIXEL_BITS).astype(np.int32)
        cv2.polylines(image, [fixed_point], False, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
    return image
