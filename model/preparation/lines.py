"""Group pieces of ink into lines, and find what may be characters in each."""

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from model.preparation.frame import make_frame
from model.preparation.ink import INKED, InkMap
from model.preparation.pieces import Piece, PixelBox, contacts, typical

#: The largest number of pieces of one character, unless it is all there is in a line.
MAX_PIECES = 5
# In heights of the line:
#: A character is at most this wide, unless it is higher than the line, and its pieces at most that far apart.
MAX_WIDTH, MAX_INNER_GAP = 1.7, 0.2

#: Lines less high than this fraction of the highest are specks.
MIN_LINE_HEIGHT = 0.35

# Two pieces are in one line if they are of one mark, or ...
#: ... if they overlap vertically by this fraction of the less high one, and their gap is less than this many heights;
MIN_OVERLAP, MAX_GAP = 0.45, 3.0
#: ... or if the less high one, of less than this many heights of a usual mark, is that close above or below the other;
MAX_STACKED_HEIGHT, MAX_STACKED_GAP = 0.5, 0.3
#: ... or if one is this close above the other, in heights of a usual mark.
MAX_BREAK = 0.08

#: Ink of 0..1 becomes blank below the first and full above the second of these before frames are made.
BLANK, FULL = 0.25, 0.75
#: Enlargement of the map for frames, and the width of the soft edge that belongs to a mark, in pixels of the map.
ENLARGEMENT, EDGE = 2, 2


@dataclass(frozen=True, eq=False)
class Candidate:
    """What may be a character.

    Attributes:
        start, stop: the first of its pieces in the line, and the one after its last.
        box: in pixels of the map.
        make_frame: makes ``frame``, when it is first asked for: most candidates are never classified.
    """

    start: int
    stop: int
    box: PixelBox
    make_frame: Callable[[], np.ndarray]

    @functools.cached_property
    def frame(self) -> np.ndarray:
        """The frame of its ink, float32 (28, 28) in 0..1."""
        return self.make_frame()


@dataclass(frozen=True, eq=False)
class Line:
    """A line of pieces.

    Attributes:
        pieces: from left to right.
        contacts: the probability that each piece is in contact with the next, if they touch, or else 1.
        height: in pixels of the map.
        candidates: what may be characters.
    """

    pieces: list[Piece]
    contacts: list[float]
    height: float
    candidates: list[Candidate]


def find_lines(ink_map: InkMap, owners: np.ndarray, pieces: list[Piece]) -> list[Line]:
    """Group the pieces of an ink map into lines, from top to bottom.

    Args:
        ink_map: the map.
        owners: int32 (h, w), the number of the piece that each pixel of the map belongs to.
        pieces: as ``pieces.cut`` returns them.
    """
    ink = np.clip((ink_map.ink - BLANK) / (FULL - BLANK), 0, 1)
    inked = (ink_map.ink > INKED).astype(np.uint8)
    ink[cv2.dilate(inked, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8)) == 0] = 0
    table = contacts(ink_map, owners, len(pieces))
    lines = [_line(line, table, owners, ink) for line in _grouped(pieces)]
    highest = max((line.height for line in lines), default=0)
    return [line for line in lines if line.height >= MIN_LINE_HEIGHT * highest]


def _grouped(pieces: list[Piece]) -> list[list[Piece]]:
    """Group pieces into lines, from top to bottom."""
    usual = typical([piece.height for piece in pieces]) if pieces else 0
    lines = []
    for piece in pieces:
        joined = [line for line in lines if any(_in_one_line(piece, other, usual) for other in line)]
        lines = [line for line in lines if line not in joined]
        lines.append([piece, *(other for line in joined for other in line)])
    return sorted(lines, key=lambda line: np.mean([piece.box[1] + piece.box[3] for piece in line]))


def _in_one_line(piece: Piece, other: Piece, usual: float) -> bool:
    left, top, right, bottom = piece.box
    other_left, other_top, other_right, other_bottom = other.box
    overlap = min(bottom, other_bottom) - max(top, other_top)
    gap = max(left, other_left) - min(right, other_right)
    low, high = sorted([piece.height, other.height])
    is_beside = overlap > MIN_OVERLAP * low and gap < MAX_GAP * high
    is_small = low < MAX_STACKED_HEIGHT * usual
    is_stacked = gap < 0 and -overlap < (MAX_STACKED_GAP if is_small else MAX_BREAK) * usual
    return piece.mark == other.mark or is_beside or is_stacked


def _line(pieces: list[Piece], table: np.ndarray, owners: np.ndarray, ink: np.ndarray) -> Line:
    pieces = sorted(pieces, key=lambda piece: piece.box[0] + piece.box[2])
    in_contact = [float(table[piece.number, following.number]) for piece, following in itertools.pairwise(pieces)]
    height = typical([piece.height for piece in pieces])
    candidates = []
    for start, stop in _runs(len(pieces)):
        box = _around(pieces[start:stop])
        is_wide = box[2] - box[0] > MAX_WIDTH * max(height, box[3] - box[1])
        if stop - start > 1 and (is_wide or _largest_gap(pieces[start:stop]) > MAX_INNER_GAP * height):
            continue
        frame = functools.partial(_frame, pieces[start:stop], box, owners, ink)
        candidates.append(Candidate(start, stop, box, frame))
    return Line(pieces, in_contact, height, candidates)


def _frame(pieces: list[Piece], box: PixelBox, owners: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Return the frame of pieces, whose ink is enlarged before."""
    left, top, right, bottom = max(0, box[0] - EDGE), max(0, box[1] - EDGE), box[2] + EDGE, box[3] + EDGE
    near = owners[top:bottom, left:right]
    own = near == pieces[0].number if len(pieces) == 1 else np.isin(near, [piece.number for piece in pieces])
    cut_out = np.where(own, ink[top:bottom, left:right], 0)
    enlarged = cv2.resize(cut_out, None, fx=ENLARGEMENT, fy=ENLARGEMENT, interpolation=cv2.INTER_CUBIC)
    return make_frame(enlarged.clip(0, 1))


def _runs(count: int) -> Iterator[tuple[int, int]]:
    """Yield start and stop of each run of at most MAX_PIECES pieces, and of all."""
    for start in range(count):
        for stop in range(start + 1, min(count, start + MAX_PIECES) + 1):
            yield start, stop
    if count > MAX_PIECES:
        yield 0, count


def _around(pieces: list[Piece]) -> PixelBox:
    left, top, right, bottom = zip(*(piece.box for piece in pieces), strict=True)
    return min(left), min(top), max(right), max(bottom)


def _largest_gap(pieces: list[Piece]) -> float:
    """Return the width of the widest blank column between pieces that are sorted by their centres."""
    gap, reached = 0, pieces[0].box[2]
    for piece in pieces[1:]:
        gap = max(gap, piece.box[0] - reached)
        reached = max(reached, piece.box[2])
    return gap
