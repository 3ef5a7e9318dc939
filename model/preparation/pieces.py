"""Cut the ink of a map into pieces: connected marks, and parts of them where characters may touch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from model.preparation.ink import INKED, MIN_AREA, InkMap

#: A mark must somewhere be ink with this probability.
MIN_PEAK = 0.85
#: Marks are cut where the probability of contact is above this.
IN_CONTACT = 0.5
#: The largest number of parts that marks are cut into there; the smallest are left out.
MAX_PARTS = 40

#: The height of a line is this percentile of its marks' heights, without those below that fraction of the highest.
TYPICAL_PERCENTILE, MIN_TYPICAL = 60, 0.4
#: The slants that writing may have: how far the top of a stem is to the right of its foot, in heights of the stem.
SLANTS = tuple(sorted((0.075 * step for step in range(-12, 13)), key=abs))
# In heights of the line:
#: Marks wider than this are cut where there is little ink in a column, once their slant is removed, ...
MAX_UNCUT_WIDTH = 0.8
#: ... the sum of ink in a column being at most this, smoothed with that standard deviation;
MAX_CUT_INK, CUT_BLUR = 0.45, 0.02
#: at that distance from the mark's ends and from each other, and at most one cut for each of the last.
CUT_MARGIN, CUT_DISTANCE, CUT_SPACING = 0.12, 0.18, 0.4

#: Left, top, right and bottom in pixels of the map.
PixelBox = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of ink.

    Attributes:
        number: its number in ``Segmentation.owners``.
        box: in pixels of the map.
        mark: the connected mark that it belongs to.
    """

    number: int
    box: PixelBox
    mark: int

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]


def cut(ink_map: InkMap) -> tuple[np.ndarray, list[Piece]]:
    """Find connected marks and cut them into pieces: where characters may be in contact, and wide ones along the slant.

    Returns:
        The number of the piece that each pixel belongs or is nearest to, int32 (h, w), and the pieces.
    """
    inked = (ink_map.ink > INKED).astype(np.uint8)
    _, marks = cv2.connectedComponents(inked)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(inked * (ink_map.contact <= IN_CONTACT))
    is_clear = np.bincount(parts[ink_map.ink > MIN_PEAK], minlength=count) > 0
    areas = stats[:, cv2.CC_STAT_AREA]
    chosen = [part for part in range(1, count) if areas[part] >= MIN_AREA and is_clear[part]]
    chosen = sorted(chosen, key=lambda part: -areas[part])[:MAX_PARTS]
    numbers, pieces = np.zeros(parts.shape, np.int32), []
    if not chosen:
        return numbers, pieces
    usual = typical(stats[chosen, cv2.CC_STAT_HEIGHT])
    is_wide = stats[chosen, cv2.CC_STAT_WIDTH] > MAX_UNCUT_WIDTH * usual
    slant = _slant(ink_map.ink) if is_wide.any() else 0.0
    for part in chosen:
        x, y, width, height, _ = map(int, stats[part])
        window = np.s_[y : y + height, x : x + width]
        own = parts[window] == part
        mark = int(marks[window][own][0])
        for inside in _split(ink_map.ink[window] * own, usual, slant):
            if inside.sum() < MIN_AREA:
                continue
            number = len(pieces) + 1
            numbers[window][inside] = number
            px, py, pw, ph = cv2.boundingRect(inside.astype(np.uint8))
            box = (x + px, y + py, x + px + pw, y + py + ph)
            pieces.append(Piece(number, box, mark))
    _, nearest = cv2.distanceTransformWithLabels(
        (numbers == 0).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner_of = np.zeros(nearest.max() + 1, np.int32)
    owner_of[nearest[numbers > 0]] = numbers[numbers > 0]
    return owner_of[nearest], pieces


def contacts(ink_map: InkMap, owners: np.ndarray, count: int) -> np.ndarray:
    """Return the highest probability of contact along the border between each two pieces.

    Args:
        ink_map: the map.
        owners: int32 (h, w), as ``cut`` returns it.
        count: how many pieces there are.

    Returns:
        float32 (count + 1, count + 1), by the numbers of the pieces; 1 where no border of theirs is inked.
    """
    inked = ink_map.ink > INKED
    highest = np.full((count + 1, count + 1), -1, np.float32)
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        is_border = (owners[one] != owners[other]) & inked[one] & inked[other]
        contact = np.maximum(ink_map.contact[one], ink_map.contact[other])[is_border]
        np.maximum.at(highest, (owners[one][is_border], owners[other][is_border]), contact)
    highest = np.maximum(highest, highest.T)
    return np.where(highest < 0, 1, highest)


def _slant(ink: np.ndarray) -> float:
    """Return the slant of the writing in a map: once it is removed, the ink is in the fewest columns.

    The method is that of Vinciarelli and Luettin 2001, "A new normalization technique for cursive handwritten words",
    with the sum of squares of the inked pixels in each column as its measure.
    """
    y, x = np.nonzero(ink > INKED)
    return max(SLANTS, key=lambda slant: np.square(np.bincount(_upright(x, y, slant))).sum())


def _upright(x: np.ndarray, y: np.ndarray, slant: float) -> np.ndarray:
    """Return the columns, from 0 on, of pixels once the slant is removed."""
    columns = np.floor(x + slant * y + 0.5).astype(int)
    return columns - columns.min()


def _split(ink: np.ndarray, line_height: float, slant: float) -> Iterator[np.ndarray]:
    """Yield the pieces of a mark, float32 (h, w), from left to right: masks, bool (h, w)."""
    y, x = np.nonzero(ink)
    columns = _upright(x, y, slant)
    piece = np.searchsorted(_cuts(np.bincount(columns, ink[y, x]), line_height), columns, side="right")
    for number in range(piece.max() + 1):
        inside = np.zeros(ink.shape, bool)
        inside[y[piece == number], x[piece == number]] = True
        yield inside


def _cuts(columns: np.ndarray, line_height: float) -> list[int]:
    """Return the columns at which a mark is cut: those with least ink, of its sum in each column, float (w,)."""
    width = len(columns)
    margin = max(3, int(CUT_MARGIN * line_height))
    if width < MAX_UNCUT_WIDTH * line_height or width <= 2 * margin:
        return []
    columns = cv2.GaussianBlur(columns.astype(np.float32)[None], (0, 0), max(0.7, CUT_BLUR * line_height))[0]
    cuts = []
    for column in np.argsort(columns[margin : width - margin]) + margin:
        if columns[column] > MAX_CUT_INK * line_height or len(cuts) >= max(1, int(width / (CUT_SPACING * line_height))):
            break
        if all(abs(column - cut) >= CUT_DISTANCE * line_height for cut in cuts):
            cuts.append(int(column))
    return sorted(cuts)


def typical(heights: Iterable[int]) -> float:
    """Return the height of a line from those of its marks, of which there is at least one; low ones do not count."""
    return float(np.percentile([h for h in heights if h > MIN_TYPICAL * max(heights)], TYPICAL_PERCENTILE))
