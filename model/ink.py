"""From a grey picture to the ink of the one digit in it.

Nobody says whether the ink is dark or light, how the light falls, or where the digit is. The steps: settle the
polarity, take away the paper, mark what stands out of the noise, choose the marks that are the digit, and cut them out
as ink of 0 to 1.
"""

from dataclasses import dataclass

import cv2
import numpy as np

#: Smaller pictures are enlarged to at least this many pixels on the longer side: edges then fall between pixels.
LEAST_SIDE = 200
#: Ink fainter than this many grey levels of 255 is not told from paper.
LEAST_CONTRAST = 8


@dataclass(frozen=True)
class Ink:
    """The digit's ink, cut out: ``strength``, float32 (h, w), 0 is paper and 1 is full ink.

    ``box`` says where it was, as shares of the picture's width and height: left, top, right, bottom, each 0..1.
    """

    strength: np.ndarray
    box: tuple[float, float, float, float]


def find_ink(grey: np.ndarray) -> Ink | None:
    """Find the digit's ink in an upright grey picture, uint8 (H, W); None where there is nothing drawn."""
    if min(grey.shape) < 3:
        return None
    enlarged = max(1, -(-LEAST_SIDE // max(grey.shape)))
    if enlarged > 1:
        grey = cv2.resize(grey, None, fx=enlarged, fy=enlarged, interpolation=cv2.INTER_CUBIC)
    if is_light_on_dark(grey):
        grey = 255 - grey
    contrast = without_paper(grey)
    mark, level = _marks(contrast)
    digit = _choose(mark, contrast)
    if digit is None:
        return None
    return _cut_out(contrast, mark, digit, level)


def is_light_on_dark(grey: np.ndarray) -> bool:
    """Tell whether the ink is lighter than its ground.

    Ink covers the lesser part, so the median of a wide neighbourhood is the ground; ink is what departs from it
    furthest, which the sign of the third moment tells. Both are exactly opposite for the inverted picture.
    """
    small = _shrunk(grey, 64)
    window = int(0.7 * max(small.shape)) | 1
    departure = small.astype(np.float32) - cv2.medianBlur(small, window)
    return bool((departure**3).mean() > 0)


def without_paper(grey: np.ndarray) -> np.ndarray:
    """How much darker than the paper around it each place is: uint8 (H, W).

    The paper is a morphological closing, wider than any pen's stroke: it keeps to the brightness of the paper under
    slow changes of light, and drops with it at the edge of a shadow or a desk, where a smoothing filter would ring.
    """
    small = _shrunk(grey, 400)
    width = int(0.3 * min(small.shape)) | 1
    window = np.ones((width, width), np.uint8)
    paper = cv2.morphologyEx(cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, window)
    paper = cv2.blur(paper, (9, 9))
    paper = cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.subtract(paper, grey)


def _shrunk(grey: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)


def _marks(contrast: np.ndarray) -> tuple[np.ndarray, float]:
    """What stands out of the paper's own unevenness: a mask, uint8 (H, W), and the contrast it begins at."""
    smooth = cv2.GaussianBlur(contrast, (0, 0), max(0.8, max(contrast.shape) / 700))
    middle = float(np.median(smooth))
    spread = 1.4826 * float(np.median(cv2.absdiff(smooth, np.full_like(smooth, round(middle)))))
    noise = middle + 4 * spread
    standing_out = smooth[smooth > noise + LEAST_CONTRAST / 2]
    if standing_out.size == 0:
        return np.zeros_like(contrast), 0
    otsu, _ = cv2.threshold(standing_out, 0, 255, cv2.THRESH_OTSU)
    level = max(noise + LEAST_CONTRAST / 2, LEAST_CONTRAST, 0.6 * otsu)
    return (smooth > level).astype(np.uint8), level


@dataclass(frozen=True)
class _Digit:
    labels: np.ndarray
    chosen: list[int]
    box: tuple[int, int, int, int]


def _choose(mark: np.ndarray, contrast: np.ndarray) -> _Digit | None:
    """The marks that make up the digit: the weightiest one near the middle, and its detached pieces."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mark, connectivity=8)
    if count == 1:
        return None
    height, width = mark.shape
    left, top, w, h, area = stats[1:].T
    right, bottom = left + w, top + h
    weight = np.bincount(labels.ravel(), contrast.ravel(), count)[1:]
    from_centre = np.hypot(*((centres[1:] - [width / 2, height / 2]) / max(width, height)).T)
    touches = (left <= 1).astype(int) + (top <= 1) + (right >= width - 1) + (bottom >= height - 1)
    score = weight * np.exp(-2 * from_centre) * np.where(touches > 0, 0.3**touches, 1)
    best = int(np.argmax(score))
    if area[best] < 12:
        return None
    box = np.array([left[best], top[best], right[best], bottom[best]])
    chosen = [best]
    # Detached pieces join where they are near and not slight; each one that joins may bring others within reach.
    for other in np.argsort(-weight):
        if other in chosen or weight[other] < 0.04 * weight[best] or touches[other]:
            continue
        reach = 0.2 * max(box[2] - box[0], box[3] - box[1])
        gap_x = max(left[other] - box[2], box[0] - right[other], 0)
        gap_y = max(top[other] - box[3], box[1] - bottom[other], 0)
        if max(gap_x, gap_y) <= reach:
            chosen.append(int(other))
            box = np.array(
                [
                    min(box[0], left[other]),
                    min(box[1], top[other]),
                    max(box[2], right[other]),
                    max(box[3], bottom[other]),
                ]
            )
    return _Digit(labels, [index + 1 for index in chosen], tuple(int(edge) for edge in box))


def _cut_out(contrast: np.ndarray, mark: np.ndarray, digit: _Digit, level: float) -> Ink:
    left, top, right, bottom = digit.box
    height, width = contrast.shape
    margin = 2 + max(right - left, bottom - top) // 20
    left, top = max(left - margin, 0), max(top - margin, 0)
    right, bottom = min(right + margin, width), min(bottom + margin, height)
    window = np.s_[top:bottom, left:right]
    own = np.isin(digit.labels[window], digit.chosen)
    values = contrast[window].astype(np.float32)
    full = float(np.percentile(values[own], 75))
    near = cv2.dilate(own.astype(np.uint8), np.ones((2 * margin + 1, 2 * margin + 1), np.uint8))
    others = (digit.labels[window] > 0) & ~own
    low, high = max(0.2 * full, 0.6 * level), 0.75 * full
    strength = np.clip((values - low) / max(high - low, 1), 0, 1) * near * ~others
    return Ink(strength, (left / width, top / height, right / width, bottom / height))
