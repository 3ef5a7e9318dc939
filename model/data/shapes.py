"""Shapes of handwritten characters as signed distance fields, which can be drawn at any size and with any pen.

The distance to a shape's outline, interpolated, keeps the outline sharp at every size, and a threshold on it makes the
strokes wider or thinner (Green 2007, "Improved alpha-tested magnification for vector textures and special effects").
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from model.data import strokes
from model.data.mnist import Split
from model.data.not_digits import SIGNS, not_digits
from model.data.styles import styled_digits
from model.preparation.frame import from_uint8

#: Side of a field in pixels, and longer side of the character in it.
FIELD, CHARACTER = 96, 64
#: Value of a field far outside the character, in pixels.
FAR = -40.0
#: Standard deviation of the blur that smooths the edges of an enlarged image, in pixels of the field.
EDGE_BLUR = 1.4
#: An image is inside a stroke from this value on.
INSIDE = 0.5
#: Images whose brightest pixel is darker than this are left out.
MIN_PEAK = 128
#: How many shapes of each source an alphabet holds. The digits are MNIST's, digits in rarer styles, digits drawn as
#: strokes and digits of straight segments; the signs are drawn as strokes, and the others are not_digits.
MNIST_DIGITS, STYLED_DIGITS, STROKE_DIGITS, SEGMENT_DIGITS, SIGN_SHAPES, OTHERS = 4_000, 1_500, 1_200, 600, 900, 1_500
#: The strokes of arithmetic operators, in text form: plus, minus, times, equals.
OPERATORS = ("50,15 50,85 | 15,50 85,50", "15,50 85,50", "20,20 80,80 | 80,20 20,80", "15,35 85,35 | 15,65 85,65")
#: How many shapes of operators an alphabet holds.
OPERATOR_SHAPES = 100
#: Limits of the standard deviation of the points of a digit drawn as strokes, in fractions of its size, and of the
#: iterations that smooth it.
STROKE_JITTER, SMOOTHING = (0, 0.04), (0, 3)
#: How often an end of a stroke runs on, and limits of how far, in fractions of the digit's size.
FLOURISH_PROBABILITY, FLOURISH = 0.25, (0.1, 0.7)
#: The segments of digits on a display by their usual letters, as ends x, y; and those that each digit has.
SEGMENTS = {
    "a": ((0, 0), (1, 0)),
    "b": ((1, 0), (1, 1)),
    "c": ((1, 1), (1, 2)),
    "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)),
    "f": ((0, 0), (0, 1)),
    "g": ((0, 1), (1, 1)),
}
SEGMENT_DIGIT_FORMS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
#: Standard deviation of a segment's ends, and limits of the width of a digit of segments, in lengths of a segment.
SEGMENT_JITTER, SEGMENT_DIGIT_WIDTH = 0.05, (0.6, 1.1)
#: Fractional bits of the coordinates that OpenCV draws at.
SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Shape:
    """A character.

    Attributes:
        field: float32 (FIELD, FIELD), the distance to the outline in pixels, negative outside; of a shape without
            width, the negative distance to its lines.
        half_width: mean half width of its strokes in pixels; 0 for a shape without width.
        label: 0..9, or None for what is not a digit.
    """

    field: np.ndarray
    half_width: float
    label: int | None


@dataclass(frozen=True)
class Alphabet:
    """Shapes to write with: handwritten digits, arithmetic operators, others that are not digits, and digits of
    straight segments, which are not mixed with handwritten ones."""

    digits: list[Shape]
    operators: list[Shape]
    others: list[Shape]
    segment_digits: Sequence[Shape] = ()


def make_alphabet(digits: Split, rng: np.random.Generator) -> Alphabet:
    """Make an alphabet of MNIST's digits, digits in other styles, and what is not a digit.

    Args:
        digits: MNIST's, of which at most MNIST_DIGITS are chosen.
        rng: the only source of randomness.
    """
    chosen = rng.permutation(len(digits.labels))[:MNIST_DIGITS]
    images = [*zip(digits.images[chosen], digits.labels[chosen], strict=True)]
    images += zip(*styled_digits(STYLED_DIGITS, rng), strict=True)
    negatives = not_digits(digits, OTHERS, rng).images
    return Alphabet(
        digits=[
            *(from_image(image, int(label)) for image, label in images),
            *(_stroke_digit(rng) for _ in range(STROKE_DIGITS)),
        ],
        operators=[_sign(OPERATORS, rng) for _ in range(OPERATOR_SHAPES)],
        others=[
            *(from_image(image, None) for image in negatives if image.max() > MIN_PEAK),
            *(_sign(SIGNS, rng) for _ in range(SIGN_SHAPES)),
        ],
        segment_digits=[_segment_digit(rng) for _ in range(SEGMENT_DIGITS)],
    )


def from_image(image: np.ndarray, label: int | None) -> Shape:
    """Return the shape of an image, uint8 (28, 28), white ink on black."""
    large = cv2.resize(from_uint8(image), (FIELD, FIELD), interpolation=cv2.INTER_CUBIC)
    inside = (cv2.GaussianBlur(large, (0, 0), EDGE_BLUR) > INSIDE).astype(np.uint8)
    if not inside.any():
        inside = (large >= large.max()).astype(np.uint8)
    to_edge = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    field = to_edge - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    # Across a stroke the distance to its edge grows from 0 to half the width: on average it is half of that.
    return _centred(field, inside, 2 * float(to_edge[inside > 0].mean()), label)


def from_strokes(lines: strokes.Strokes, label: int | None) -> Shape:
    """Return the shape, without width, of strokes in any unit, not all in one point."""
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = CHARACTER / (high - low).max()
    offset = FIELD / 2 - (low + high) / 2 * scale
    drawn = np.zeros((FIELD, FIELD), np.uint8)
    for line in lines:
        fixed_point = np.round((line * scale + offset) * 2**SUBPIXEL_BITS).astype(np.int32)
        cv2.polylines(drawn, [fixed_point], False, 1, 1, cv2.LINE_8, SUBPIXEL_BITS)
    return _centred(-cv2.distanceTransform(1 - drawn, cv2.DIST_L2, 5), drawn, 0.0, label)


def _centred(field: np.ndarray, inside: np.ndarray, half_width: float, label: int | None) -> Shape:
    """Scale a field so that the longer side of the character is CHARACTER, and centre it."""
    left, top, width, height = cv2.boundingRect(inside)
    scale = CHARACTER / max(width, height)
    x, y = FIELD / 2 - scale * (left + width / 2), FIELD / 2 - scale * (top + height / 2)
    matrix = np.float32([[scale, 0, x], [0, scale, y]])
    field = scale * cv2.warpAffine(field.astype(np.float32), matrix, (FIELD, FIELD), borderValue=FAR)
    return Shape(field, half_width * scale, label)


def _stroke_digit(rng: np.random.Generator) -> Shape:
    digit = int(rng.integers(10))
    lines = [_flourished(line, rng) for line in strokes.parse(strokes.DIGITS[digit])]
    lines = strokes.vary(lines, rng, jitter=rng.uniform(*STROKE_JITTER))
    return from_strokes(strokes.smooth(lines, int(rng.integers(*SMOOTHING, endpoint=True))), digit)


def _flourished(line: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Let the end of a stroke run on in some of them, as a fast pen does, unless it is closed."""
    direction = line[-1] - line[-2]
    if rng.random() > FLOURISH_PROBABILITY or np.array_equal(line[0], line[-1]):
        return line
    return np.vstack([line, line[-1] + direction / np.linalg.norm(direction) * rng.uniform(*FLOURISH)])


def _segment_digit(rng: np.random.Generator) -> Shape:
    digit = int(rng.integers(10))
    stretch = [rng.uniform(*SEGMENT_DIGIT_WIDTH), 1]
    lines = [
        (np.array(SEGMENTS[name], float) + rng.normal(0, SEGMENT_JITTER, (2, 2))) * stretch
        for name in SEGMENT_DIGIT_FORMS[digit]
    ]
    return from_strokes(lines, digit)


def _sign(choices: tuple[str, ...] | list[str], rng: np.random.Generator) -> Shape:
    lines = strokes.vary(strokes.parse(choices[rng.integers(len(choices))]), rng)
    return from_strokes(strokes.smooth(lines, int(rng.integers(*SMOOTHING, endpoint=True))), None)
