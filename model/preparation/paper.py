"""What the ink is on: lighter or darker than the ink, unevenly lit, and perhaps a sheet on a larger ground."""

from dataclasses import dataclass

import cv2
import numpy as np

from model.preparation.marks import sharpness
from model.preparation.picture import shrink

#: Paper darker than this, of 255, is taken to be this bright when the share of light that ink takes away is reckoned.
DEEP_SHADOW = 100
#: Of the contrast of ink so much must be left by a narrower closing, or it is as narrow as the strokes.
KEPT = 0.8


def is_light_on_dark(grey: np.ndarray) -> bool:
    """Tell whether the ink of a grey picture, uint8 (H, W), is lighter than its ground.

    Ink covers the lesser part, so the median of a wide neighbourhood is the ground, and ink is what departs furthest
    from it: the sign of the third moment tells, weighted by how sharp the picture is there, because light departs too,
    but softly. All of it is exactly opposite for the inverted picture.
    """
    small = _without_highlights(shrink(grey, 128))
    smaller = shrink(small, 64)
    ground = cv2.medianBlur(smaller, int(0.7 * max(smaller.shape)) | 1)
    ground = cv2.resize(ground, small.shape[::-1], interpolation=cv2.INTER_NEAREST)
    departure = small.astype(np.float32) - ground
    return bool((departure * departure**2 * sharpness(small)).mean() > 0)  # numpy is slow at cubes


def _without_highlights(small: np.ndarray) -> np.ndarray:
    """A small grey picture, uint8 (h, w), with a lamp's reflection, clipped and wide, in the brightness of the ground.

    Clipped light has an edge as sharp as ink. But where it is much, or nothing else stands out, it is no reflection.
    """
    ground = np.median(small[::2, ::2])
    if not 60 < ground < 195:
        return small
    clipped = ((small >= 250) | (small <= 5)).astype(np.uint8)
    wide = cv2.morphologyEx(clipped, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    reflection = cv2.dilate(wide, np.ones((17, 17), np.uint8)) > 0
    stands_out = np.abs(small - ground) > 30
    if reflection.mean() > 0.3 or not stands_out[~reflection].any():
        return small
    return np.where(reflection, np.uint8(ground), small)


def contrast_with_paper(grey: np.ndarray, light_on_dark: bool) -> np.ndarray:
    """The share of the paper's light that is missing at each place, 255 being all of it: uint8 (H, W).

    Light ink on a dark ground is taken as dark ink on light, inverted.

    The paper is a morphological closing (Serra 1982) wider than any pen's stroke: it follows slow changes of light,
    and drops at the edge of a shadow or a desk, where a smoothing filter would leave a rim that looks like ink.
    """
    small = shrink(grey, 400)
    if light_on_dark:
        grey, small = 255 - grey, 255 - small
    small = cv2.medianBlur(small, 3)
    # Where the light falls off towards the border there is nothing darker beyond to stop the closing: level it first.
    slope = _slope(small)
    # In a narrow picture, of a 1 cut out say, strokes are as wide as in one twice as wide.
    width = 0.3 * max(min(small.shape), max(small.shape) / 2)
    paper = slope + _under_ink(small - slope, widest=width)
    paper = cv2.resize(paper.clip(0, 255).astype(np.uint8), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.divide(cv2.subtract(paper, grey), cv2.max(paper, DEEP_SHADOW), scale=255)


def _under_ink(level: np.ndarray, widest: float) -> np.ndarray:
    """The brightness of the paper under dark ink in a levelled picture, int16 (h, w), with strokes up to that width.

    The narrower the closing, the closer the paper follows shadows and folds; one as narrow as the strokes would take
    them for paper too. So closings are halved for as long as they keep what is sharp, and the last but one is taken,
    for strokes are wider where they meet.
    """
    _, dark = cv2.threshold(level.clip(0, 255).astype(np.uint8), 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    wide = round(1.2 * widest)
    if 0.3 < dark.mean() < 1 and not cv2.erode(dark, np.ones((wide, wide)), borderValue=0).any():
        # Much is dark, but no place of it is wide: a digit that was cut out closely. At the border its strokes have
        # paper on one side only, and would be closed less than they are; but so small a piece of paper is evenly lit.
        return np.full_like(level, np.median(level[dark == 0]))
    sharp = sharpness(level)
    paper = narrower = _closed(level, widest)
    least = KEPT * _contrast(narrower, level, sharp)
    for halvings in (1, 2, 3):
        wider, narrower = narrower, _closed(level, widest / 2**halvings)
        if _contrast(narrower, level, sharp) < least:
            break
        paper = wider
    return paper


def _contrast(paper: np.ndarray, level: np.ndarray, sharp: np.ndarray) -> float:
    return float(np.vdot(cv2.max(paper - level, 0).astype(np.float32), sharp))


def _closed(level: np.ndarray, width: float) -> np.ndarray:
    """A levelled picture, int16 (h, w), without what is dark and narrower than that."""
    width = int(width) | 1
    paper = cv2.dilate(level, np.ones((width, width), np.uint8))
    # Two wider than a closing: at an edge between pixels of the small picture rather too dark than too light.
    return cv2.erode(paper, np.ones((width + 2, width + 2), np.uint8))


def _slope(values: np.ndarray) -> np.ndarray:
    """The even slope of values (h, w) as most of them have it, int16 (h, w); steps and ink do not count."""
    few = values[::4, ::4].astype(np.int16)
    slopes = []
    for few_along in (few, few.T):
        apart = len(few_along) // 4
        slopes.append(np.median(few_along[apart:] - few_along[:-apart]) / (4 * apart) if apart else 0)
    height, width = values.shape
    return (slopes[0] * np.arange(height)[:, None] + slopes[1] * np.arange(width)).round().astype(np.int16)


@dataclass(frozen=True)
class Part:
    """A part cut out of a picture: its own picture, uint8 (h, w), and its first column and row in the whole one."""

    grey: np.ndarray
    left: int
    top: int


def without_bars(grey: np.ndarray) -> Part:
    """Cut off the flat bars that a screen, a scan or a frame leaves beside a picture, uint8 (H, W).

    A bar is of one brightness, but for small things like a clock, and ends at once, at a picture that has hardly
    anything of that brightness. There may be several, one after the other.
    """
    left, top, right, bottom = 0, 0, *grey.shape[::-1]
    while True:
        part = grey[top:bottom, left:right]
        cut = [_bar(part.T), _bar(part), _bar(part.T[::-1]), _bar(part[::-1])]
        if not any(cut):
            return Part(part, left, top)
        left, top, right, bottom = left + cut[0], top + cut[1], right - cut[2], bottom - cut[3]


def _bar(part: np.ndarray) -> int:
    """How many of the first rows of a picture (h, w) are a bar."""
    flat = float(np.median(part[0]))
    alike = cv2.reduce(cv2.inRange(part, flat - 3, flat + 3), 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)[:, 0] / 255
    other = np.flatnonzero(alike < 0.25)
    if alike[0] < 0.9 or other.size == 0:
        return 0
    first, last = other[0], other[-1] + 1
    # It ends at once, but for a row that is mixed: a broad stroke's edge is not so straight.
    is_flat = first < 0.4 * len(alike) and alike[:first].mean() > 0.9 and alike[max(first - 2, 0)] > 0.9
    is_picture = last - first > 0.25 * len(alike) and alike[first:last].mean() < 0.15
    # Light that falls off makes no step.
    step = np.median(np.abs(part[first : first + 2][-1] - flat))
    return int(first) if is_flat and is_picture and step > 15 else 0


def find_sheet(grey: np.ndarray, light_on_dark: bool) -> Part | None:
    """Find a sheet of paper, a card or a board that lies whole within a grey picture, uint8 (H, W).

    Its ground covers more of the picture than it does, and so the sheet differs from that as ink does from paper.
    Where the sheet's bounding box shows the ground, its picture is painted in the sheet's own brightness.
    """
    small = shrink(grey, 200)
    differing = cv2.THRESH_BINARY if light_on_dark else cv2.THRESH_BINARY_INV
    _, mask = cv2.threshold(small, 0, 255, differing | cv2.THRESH_OTSU)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
    inside = cv2.fillConvexPoly(np.zeros_like(small), hull, 255)
    left, top, width, height = cv2.boundingRect(hull)
    within = left > 1 and top > 1 and left + width < small.shape[1] - 1 and top + height < small.shape[0] - 1
    sides = sorted(cv2.minAreaRect(hull)[1])
    large = sides[0] * sides[1] > 0.08 * small.size and sides[0] > 0.4 * sides[1]
    bare = cv2.mean(mask, inside)[0] > 0.8 * 255
    corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
    round_like_a_plate = cv2.contourArea(hull) > 0.85 * np.pi * cv2.minEnclosingCircle(hull)[1] ** 2
    if not (within and large and bare and (len(corners) == 4 or round_like_a_plate)):
        return None

    # Less a margin, because at its very edge the sheet's brightness is mixed with the ground's.
    inside = cv2.resize(cv2.erode(inside, np.ones((7, 7), np.uint8)), grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    left, top, width, height = cv2.boundingRect(inside)
    if width == 0:
        return None
    window = np.s_[top : top + height, left : left + width]
    brightness = np.median(grey[inside > 0])
    return Part(np.where(inside[window] > 0, grey[window], brightness).astype(np.uint8), left, top)
