"""From a grey picture to the ink of the one digit in it.

The paper is taken away, what stands out of its noise is marked, the marks that are the digit are chosen, and they are
cut out as ink of 0 to 1.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

from model.preparation.marks import components, sharpness
from model.preparation.paper import Part, contrast_with_paper, find_sheet, is_light_on_dark, without_bars
from model.preparation.ruling import find_ruling

#: Smaller pictures are enlarged to at least this many pixels on the longer side: edges then fall between pixels.
LEAST_SIDE = 200
#: Ink that takes away less of the paper's light than this, of 255, is not told from paper.
LEAST_CONTRAST = 8
#: A mark reaches as far as the first share of full ink's contrast, and must somewhere reach the second.
LOW, HIGH = 0.3, 0.45
#: Marks of fewer pixels are specks.
LEAST_AREA = 12


@dataclass(frozen=True)
class Ink:
    """The digit's ink, cut out: ``strength``, float32 (h, w), 0 is paper and 1 is full ink.

    ``box`` says where in the picture it was, in shares of its width and height: left, top, right, bottom.
    """

    strength: np.ndarray = field(repr=False)
    box: tuple[float, float, float, float]

    def outline(self) -> list[np.ndarray]:
        """The edges of the ink, each a closed polygon, float (n, 2): points x, y in shares of the picture."""
        inked = (np.pad(self.strength, 1) > 0.5).astype(np.uint8)
        polygons, _ = cv2.findContours(inked, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        height, width = self.strength.shape
        left, top, right, bottom = self.box
        scale = [(right - left) / width, (bottom - top) / height]
        return [(polygon[:, 0] - 0.5) * scale + [left, top] for polygon in polygons]


def find_ink(grey: np.ndarray) -> Ink | None:
    """Find the digit's ink in an upright grey picture, uint8 (H, W), dark on light or light on dark.

    Returns None where nothing is drawn.
    """
    part = without_bars(grey)
    return _in_whole(_find_on_sheet(part.grey), part, grey.shape)


def _find_on_sheet(grey: np.ndarray) -> Ink | None:
    light_on_dark = is_light_on_dark(grey)
    sheet = find_sheet(grey, light_on_dark)
    on_sheet = sheet and _find_on_paper(sheet.grey, is_light_on_dark(sheet.grey))
    return _in_whole(on_sheet, sheet, grey.shape) if on_sheet else _find_on_paper(grey, light_on_dark)


def _in_whole(ink: Ink | None, part: Part, whole: tuple[int, int]) -> Ink | None:
    """Ink found in a part of a picture of that shape, as ink of the picture."""
    if ink is None:
        return None
    left, top, right, bottom = ink.box
    (rows, columns), (height, width) = part.grey.shape, whole
    x = [(part.left + share * columns) / width for share in (left, right)]
    y = [(part.top + share * rows) / height for share in (top, bottom)]
    return Ink(ink.strength, (x[0], y[0], x[1], y[1]))


def _find_on_paper(grey: np.ndarray, light_on_dark: bool) -> Ink | None:
    enlarged = -(-LEAST_SIDE // max(grey.shape))
    if enlarged > 1:
        grey = cv2.resize(grey, None, fx=enlarged, fy=enlarged, interpolation=cv2.INTER_CUBIC)
    contrast = contrast_with_paper(grey, light_on_dark)
    marks, level = _marks(contrast)
    ruling = find_ruling(marks, contrast)
    if ruling.any():
        contrast[ruling] = 0
        marks, level = _marks(contrast)
    digit = _digit_among(marks, contrast)
    if not digit.any():
        return None
    strength, (left, top, right, bottom) = _cut_out(contrast, marks, digit, level)
    height, width = contrast.shape
    return Ink(strength, (left / width, top / height, right / width, bottom / height))


def _marks(contrast: np.ndarray) -> tuple[np.ndarray, float]:
    """What stands out of the paper's own unevenness: a mask, uint8 (H, W), and the contrast it begins at.

    Two levels, as in Canny's edge detector (1986): a mark is all that stands out a little and touches what stands out
    clearly, so that strokes stay whole where the pen was light, and creases and smudges of the paper stay out.
    """
    smooth = cv2.GaussianBlur(contrast, (0, 0), max(0.8, max(contrast.shape) / 700))
    paper, unevenness = _typical(smooth[::3, ::3])
    least = max(paper + 4 * unevenness + LEAST_CONTRAST / 2, LEAST_CONTRAST)
    standing_out = smooth[smooth > least]
    if standing_out.size == 0:
        return np.zeros_like(contrast), least
    otsu, _ = cv2.threshold(standing_out, 0, 255, cv2.THRESH_OTSU)
    full = standing_out[standing_out >= otsu].mean()
    low, high = max(least, LOW * full), max(least, HIGH * full)
    count, labels = cv2.connectedComponents((smooth > low).astype(np.uint8))
    clear = np.zeros(count, np.uint8)
    clear[labels[smooth > high]] = 1
    return clear[labels], low


def _typical(contrast: np.ndarray) -> tuple[float, float]:
    """The paper's own contrast in the middle, and how uneven it is: the distance from there to the lower quartile."""
    otsu, _ = cv2.threshold(contrast, 0, 255, cv2.THRESH_OTSU)
    otsu = max(otsu, contrast.min())  # of one value alone OpenCV says 0
    lower, upper = contrast[contrast <= otsu], contrast[contrast > otsu]
    quarter, middle = np.percentile(lower, [25, 50])
    # Two classes are paper and ink if they are far apart; or else all of it, nearly, is paper.
    if upper.size == 0 or upper.mean() - middle < 10 * max(middle - quarter, 1):
        quarter, middle = np.percentile(contrast, [25, 50])
    return middle, max(middle - quarter, 0.5)


def _digit_among(marks: np.ndarray, contrast: np.ndarray) -> np.ndarray:
    """The marks that make up the digit, as a mask, bool (H, W): the sharpest near the middle, with its pieces.

    Of a number they make up two of its digits or more, which the network then turns away.
    """
    height, width = marks.shape
    count, labels, stats, centres = components(marks)
    if count == 2:  # of the ground and one mark, as most drawings are, all the rest would find no other
        return (labels == 1) & (stats[1, cv2.CC_STAT_AREA] >= LEAST_AREA)
    around = _surrounding(marks, labels, stats)
    stats, centres = stats[1:], centres[1:]
    marked = marks > 0
    weight = np.bincount(labels[marked], contrast[marked], count)[1:]
    edges = np.bincount(labels[marked], sharpness(contrast)[marked], count)[1:]
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    # What runs out of the picture is more often the edge of the page, a desk or a finger than the digit.
    borders = (left <= 1) * 1 + (top <= 1) + (right >= width - 1) + (bottom >= height - 1)
    off_centre = np.linalg.norm((centres - [width / 2, height / 2]) / max(width, height), axis=1)
    score = edges * np.exp(-2 * off_centre) * 0.3**borders
    score[stats[:, cv2.CC_STAT_AREA] < LEAST_AREA] = 0
    score[around] = 0
    if not score.any():
        return np.zeros(marks.shape, bool)

    digit = [int(score.argmax())]
    box = np.array([left, top, right, bottom])
    # Detached pieces join where they are near and not slight; each one that joins may bring others within reach.
    for piece in np.argsort(-weight):
        if piece in digit or piece in around or borders[piece] or weight[piece] < 0.04 * weight[digit[0]]:
            continue
        x0, y0, x1, y1 = _extent(box[:, digit])
        gap = max(left[piece] - x1, x0 - right[piece], top[piece] - y1, y0 - bottom[piece])
        if gap <= 0.2 * max(x1 - x0, y1 - y0):
            digit.append(int(piece))
    # So does a mark as tall and as heavy right beside: it is the next digit of a number, which as a whole is none.
    x0, y0, x1, y1 = _extent(box[:, digit])
    for mark in set(np.flatnonzero(weight > 0.3 * weight[digit].sum())) - {*digit, *around}:
        gap = max(left[mark] - x1, x0 - right[mark])
        side_by_side = min(bottom[mark], y1) - max(top[mark], y0)
        as_tall = side_by_side > 0.6 * max(bottom[mark] - top[mark], y1 - y0)
        if as_tall and gap < 0.8 * (y1 - y0) and edges[mark] > 0.3 * edges[digit[0]] and not borders[mark]:
            digit.append(int(mark))
    chosen = np.zeros(count, bool)
    chosen[np.array(digit) + 1] = True
    return chosen[labels]


def _extent(boxes: np.ndarray) -> tuple[int, int, int, int]:
    """The box around boxes (4, n), each left, top, right, bottom."""
    return (*boxes[:2].min(axis=1), *boxes[2:].max(axis=1))


def _surrounding(marks: np.ndarray, labels: np.ndarray, stats: np.ndarray) -> list[int]:
    """Which marks, counted from 0, are drawn around others: in a hole of theirs another one lies, and no mere speck."""
    left, top, width, height, area = stats[1:].T
    right, bottom = left + width, top + height
    outlines, relatives = cv2.findContours(marks, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    surrounding = []
    for outline, (_, _, _, parent) in zip(outlines, relatives[0] if outlines else (), strict=True):
        if parent < 0:
            continue
        x, y, w, h = cv2.boundingRect(outline)
        around = int(labels[outline[0, 0, 1], outline[0, 0, 0]]) - 1  # a hole's outline runs on the mark around it
        within = (left >= x) & (top >= y) & (right <= x + w) & (bottom <= y + h)
        if (within & (height > 0.1 * h) & (area > 0.06 * area[around])).any():
            surrounding.append(around)
    return surrounding


def _cut_out(contrast: np.ndarray, marks: np.ndarray, digit: np.ndarray, level: float) -> tuple[np.ndarray, tuple]:
    """The digit's ink as strength, float32 (h, w), and the box (left, top, right, bottom) it was cut from."""
    left, top, width, height = cv2.boundingRect(digit.astype(np.uint8))
    margin = 2 + max(width, height) // 20
    right, bottom = min(left + width + margin, contrast.shape[1]), min(top + height + margin, contrast.shape[0])
    left, top = max(left - margin, 0), max(top - margin, 0)
    window = np.s_[top:bottom, left:right]
    own, values = digit[window], contrast[window].astype(np.float32)
    # Strength rises to full about the middle of the stroke's soft edge: texture of pencil and paper goes, width stays.
    full = np.percentile(values[own], 75)
    low, high = max(0.3 * full, 0.6 * level), 0.75 * full
    strength = np.clip((values - low) / max(high - low, 1), 0, 1)
    near = cv2.dilate(own.astype(np.uint8), np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)) > 0
    strength[~near | ((marks[window] > 0) & ~own)] = 0
    return strength, (left, top, right, bottom)
