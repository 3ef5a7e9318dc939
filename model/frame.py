"""From ink to the 28×28 frame that MNIST would have made of it.

MNIST's own making (LeCun, Cortes and Burges, "The MNIST database of handwritten digits"): the digit is scaled to fit a
box of 20×20 keeping its aspect, grey levels come from the anti-aliasing of that scaling, and its centre of mass is
moved to the centre of the field.
"""

import cv2
import numpy as np

SIDE = 28
BOX = 20
#: Strokes thinner than the first, in pixels of the frame, are widened to the second: MNIST's pens were not thinner.
THIN_STROKE, USUAL_STROKE = 1.5, 2.5


def make_frame(strength: np.ndarray) -> np.ndarray:
    """Make MNIST's frame of ink, float32 (h, w) with 0 for paper and 1 for full ink: float32 (28, 28) in 0..1.

    Raises ValueError where there is no ink at all.
    """
    strength = _cropped(strength)
    strength = _cropped(_widened(strength))
    scale = BOX / max(strength.shape)
    height, width = (max(1, round(side * scale)) for side in strength.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    digit = cv2.resize(strength, (width, height), interpolation=method).clip(0, 1)

    ys, xs = np.mgrid[:height, :width]
    mass = digit.sum()
    left = round(SIDE / 2 - (digit * xs).sum() / mass)
    top = round(SIDE / 2 - (digit * ys).sum() / mass)
    left, top = np.clip([left, top], 0, [SIDE - width, SIDE - height])
    frame = np.zeros((SIDE, SIDE), np.float32)
    frame[top : top + height, left : left + width] = digit
    return frame


def _cropped(strength: np.ndarray) -> np.ndarray:
    """Cut down to where there is ink and its soft edge, a pixel of MNIST's box; traces further off do not count."""
    if not strength.any():
        raise ValueError("there is no ink to make a frame of")
    left, top, width, height = cv2.boundingRect((strength > 0.25 * strength.max()).astype(np.uint8))
    edge = -(-max(width, height) // (BOX - 2))
    strength = strength[max(top - edge, 0) : top + height + edge, max(left - edge, 0) : left + width + edge]
    left, top, width, height = cv2.boundingRect((strength > 0).astype(np.uint8))
    return strength[top : top + height, left : left + width]


def _widened(strength: np.ndarray) -> np.ndarray:
    """Widen strokes that would come out thinner in the frame than any of MNIST's."""
    inked = np.pad((strength > 0.5).astype(np.uint8), 1)
    to_edge = cv2.distanceTransform(inked, cv2.DIST_L2, 3)[inked > 0]
    # Across a stroke the distance to its edge runs from nothing to half the width: a quarter of it on average.
    stroke = 4 * to_edge.mean() if to_edge.size else 1
    scale = BOX / max(strength.shape)
    if stroke * scale >= THIN_STROKE:
        return strength
    more = (USUAL_STROKE / scale - stroke) / 2
    padded = np.pad(strength, int(np.ceil(more)) + 1)
    from_ink = cv2.distanceTransform((padded <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    return np.maximum(padded, np.clip(more + 1 - from_ink, 0, 1))
