"""Frames: a digit's ink scaled and centred in 28×28 pixels, as in MNIST.

MNIST's preparation (LeCun, Cortes and Burges, "The MNIST database of handwritten digits"): the digit is scaled to fit a
20×20 box with its aspect ratio kept, grey levels come from the anti-aliasing of that scaling, and the centre of mass is
moved to the centre of the 28×28 field.
"""

from collections.abc import Callable

import cv2
import numpy as np

#: Maps frames, float32 (n, 28, 28) in 0..1, white ink on black, to the probability of each digit given that the frame
#: shows one, float32 (n, 10), rows sum to 1; and to the probability that it shows none, float32 (n,).
Network = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

#: Side of a frame and of the box that the digit is scaled to, in pixels.
SIDE = 28
BOX = 20
#: Strokes thinner than MIN_STROKE, in pixels of the frame, are widened to USUAL_STROKE: MNIST has none as thin.
MIN_STROKE, USUAL_STROKE = 1.5, 2.5
#: Ink below this fraction of the strongest does not count for the digit's extent.
FAINT = 0.25
#: Ink from this value on is inside a stroke.
INSIDE = 0.5
#: A picture of a frame's size is one if its digit's longer side differs from BOX, and the centre of its mass from the
#: frame's, by at most this many pixels.
BOX_TOLERANCE, CENTRE_TOLERANCE = 1, 1.0


def from_uint8(images: np.ndarray) -> np.ndarray:
    """Convert images or ink of any shape, uint8 in 0..255, to float32 in 0..1."""
    return images.astype(np.float32) / 255


def to_uint8(frames: np.ndarray) -> np.ndarray:
    """Convert frames or ink of any shape, float in 0..1, to uint8 in 0..255."""
    return (frames * 255).round().astype(np.uint8)


def as_frame(grey: np.ndarray) -> np.ndarray | None:
    """Return a picture, uint8 (h, w), as a frame if it has MNIST's form, of either polarity; otherwise None."""
    if grey.shape != (SIDE, SIDE):
        return None
    for pixels in (grey, 255 - grey):
        frame = from_uint8(pixels)
        _, _, width, height = cv2.boundingRect(pixels)
        if abs(max(width, height) - BOX) > BOX_TOLERANCE:
            continue
        ys, xs = np.mgrid[:SIDE, :SIDE] + 0.5
        centre = np.array([(frame * xs).sum(), (frame * ys).sum()]) / frame.sum()
        if abs(centre - SIDE / 2).max() <= CENTRE_TOLERANCE:
            return frame
    return None


def make_frame(ink: np.ndarray) -> np.ndarray:
    """Return the frame of a digit's ink.

    Args:
        ink: float32 (h, w), 0 for paper, 1 for full ink.

    Returns:
        float32 (28, 28) in 0..1, white ink on black.

    Raises:
        ValueError: there is no ink.
    """
    ink = _crop(ink)
    ink = _crop(_widen(ink))
    scale = BOX / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    digit = cv2.resize(ink, (width, height), interpolation=method).clip(0, 1)

    ys, xs = np.mgrid[:height, :width]
    mass = digit.sum()
    left = round(SIDE / 2 - (digit * xs).sum() / mass)
    top = round(SIDE / 2 - (digit * ys).sum() / mass)
    left, top = np.clip([left, top], 0, [SIDE - width, SIDE - height])
    frame = np.zeros((SIDE, SIDE), np.float32)
    frame[top : top + height, left : left + width] = digit
    return frame


def _crop(ink: np.ndarray) -> np.ndarray:
    """Crop to the ink and its soft edge, one pixel of the 20×20 box wide; faint traces further off do not count."""
    if not ink.any():
        raise ValueError("there is no ink to make a frame of")
    left, top, width, height = cv2.boundingRect((ink > FAINT * ink.max()).astype(np.uint8))
    edge = -(-max(width, height) // (BOX - 2))
    ink = ink[max(top - edge, 0) : top + height + edge, max(left - edge, 0) : left + width + edge]
    left, top, width, height = cv2.boundingRect((ink > 0).astype(np.uint8))
    return ink[top : top + height, left : left + width]


def _widen(ink: np.ndarray) -> np.ndarray:
    """Widen strokes that would be thinner in the frame than any of MNIST's."""
    inside = np.pad((ink > INSIDE).astype(np.uint8), 1)
    to_edge = cv2.distanceTransform(inside, cv2.DIST_L2, 3)[inside > 0]
    # Across a stroke the distance to its edge grows from 0 to half the width: on average it is a quarter of it.
    stroke = 4 * to_edge.mean() if to_edge.size else 1
    scale = BOX / max(ink.shape)
    if stroke * scale >= MIN_STROKE:
        return ink
    margin = (USUAL_STROKE / scale - stroke) / 2
    padded = np.pad(ink, int(np.ceil(margin)) + 1)
    to_ink = cv2.distanceTransform((padded <= INSIDE).astype(np.uint8), cv2.DIST_L2, 5)
    return np.maximum(padded, np.clip(margin + 1 - to_ink, 0, 1))
