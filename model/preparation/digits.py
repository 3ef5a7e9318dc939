"""From an ink map to characters in reading order: recognition-based segmentation.

Ink falls into pieces: connected marks, cut where characters may touch. A character is one piece of a line or several
neighbouring ones. All that may be characters become frames, the classifier says what each shows, and dynamic
programming finds the most probable way through each line (LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based
learning applied to document recognition", section V: heuristic over-segmentation).
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from model.preparation.frame import SIDE, make_frame
from model.preparation.ink import INKED, MIN_AREA, Box, InkMap

#: A mark must somewhere be ink with this probability.
MIN_PEAK = 0.85
#: Marks are cut where the probability of contact is above this.
IN_CONTACT = 0.5
#: The largest number of parts that marks are cut into there; the smallest are left out.
MAX_PARTS = 40
#: The largest number of pieces of one character, unless it is all there is in a line.
MAX_PIECES = 5

#: The height of a line is this percentile of its marks' heights, without those below that fraction of the highest.
TYPICAL_PERCENTILE, MIN_TYPICAL = 60, 0.4
# In heights of the line:
#: Marks wider than this are cut where there is little ink in a column, ...
MAX_UNCUT_WIDTH = 0.8
#: ... the sum of ink in a column being at most this, smoothed with that standard deviation;
MAX_CUT_INK, CUT_BLUR = 0.45, 0.02
#: at that distance from the mark's ends and from each other, and at most one cut for each of the last.
CUT_MARGIN, CUT_DISTANCE, CUT_SPACING = 0.12, 0.18, 0.3
#: A character is at most this wide, unless it is higher than the line, and its pieces at most that far apart.
MAX_WIDTH, MAX_INNER_GAP = 1.7, 0.2
#: Marks less high, and smaller in squares of the line's height, separate characters: points, commas, dashes.
MAX_SEPARATOR_HEIGHT, MAX_SEPARATOR_AREA = 0.35, 0.12

#: Lines less high than this fraction of the highest are specks.
MIN_LINE_HEIGHT = 0.35

# Two pieces are in one line if they are of one mark, or ...
#: ... if they overlap vertically by this fraction of the less high one, and their gap is less than this many heights;
MIN_OVERLAP, MAX_GAP = 0.45, 3.0
#: ... or if the less high one, of less than this many heights of a usual mark, is that close above or below the other;
MAX_STACKED_HEIGHT, MAX_STACKED_GAP = 0.5, 0.3
#: ... or if one is this close above the other, in heights of a usual mark.
MAX_BREAK = 0.08

# Costs, as negative logarithms of probabilities:
#: of a character that is not a digit, of leaving a separator out, of leaving out anything else.
OTHER_COST, SEPARATOR_COST, OMISSION_COST = 2.5, 0.3, 9.0
#: of a digit beside a character that is none: most lines are either numbers or words.
MIXTURE_COST = 2.0
#: of a cut through a mark, of one where characters seem to be in contact, ...
CUT_COST, CONTACT_COST = 1.5, 0.8
#: ... and of separating what is one above the other: overlaps horizontally by more than this fraction of the narrower.
OVERLAP_COST, MAX_OVERLAP = 0.9, 0.5
#: of a digit, for each height of the line that it is less high than LOWEST of it.
LOW_COST, LOWEST = 3.0, 0.75
#: of a digit, for each height of the line that it is wider than WIDEST of it.
WIDE_COST, WIDEST = 2.0, 0.9
#: Added to the log-odds that a candidate is not a digit: most candidates are parts of digits, or several.
NOT_DIGIT_BIAS = 3.0
#: The smallest probability.
MIN_PROBABILITY = 1e-5

#: Ink of 0..1 becomes blank below the first and full above the second of these before frames are made.
BLANK, FULL = 0.25, 0.75
#: Enlargement of the map for frames, and the width of the soft edge that belongs to a mark, in pixels of the map.
ENLARGEMENT, EDGE = 2, 2
#: The peak that ink must have in a frame.
MIN_INK = 0.3

#: What a character may be.
DIGIT_OR_NOT = (True, False)

#: Left, top, right and bottom in pixels of the map.
PixelBox = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of ink.

    Attributes:
        number: its number in ``Segmentation.owners``.
        box: in pixels of the map.
        area: in pixels of the map.
        mark: the connected mark that it belongs to.
        part: the part of it, between contacts with other characters.
    """

    number: int
    box: PixelBox
    area: int
    mark: int
    part: int

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]


@dataclass(frozen=True, eq=False)
class Candidate:
    """What may be a character.

    Attributes:
        start, stop: the first of its pieces in the line, and the one after its last.
        box: in pixels of the map.
        frame: float32 (28, 28) in 0..1.
    """

    start: int
    stop: int
    box: PixelBox
    frame: np.ndarray


@dataclass(frozen=True, eq=False)
class Line:
    """The pieces of a line from left to right, its height in pixels of the map, and what may be characters of it."""

    pieces: list[Piece]
    height: float
    candidates: list[Candidate]


@dataclass(frozen=True, eq=False)
class Character:
    """A character as it was read.

    Attributes:
        digit: 0..9, or None for what is not a digit.
        probabilities: float32 (10,), of each digit, given that it is one.
        frame: float32 (28, 28) in 0..1, white ink on black.
        line: its line, counted from 0.
        box: in fractions of the picture's width and height.
        outline: polygons, float (n, 2), of points x, y in fractions of the picture's width and height.
    """

    digit: int | None
    probabilities: np.ndarray
    frame: np.ndarray
    line: int
    box: Box
    outline: list[np.ndarray]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """All that may be characters in an ink map.

    Attributes:
        ink_map: the map.
        owners: int32 (h, w), the number of the piece that each pixel of the map belongs to.
        lines: from top to bottom.
    """

    ink_map: InkMap
    owners: np.ndarray
    lines: list[Line]

    def frames(self) -> np.ndarray:
        """Return the frames of all candidates, float32 (n, 28, 28)."""
        frames = [candidate.frame for line in self.lines for candidate in line.candidates]
        return np.stack(frames) if frames else np.zeros((0, SIDE, SIDE), np.float32)

    def read(self, probabilities: np.ndarray, not_digit: np.ndarray) -> list[Character]:
        """Return the most probable characters in reading order.

        Args:
            probabilities: (n, 10), of the digits in each of the ``frames()``, given that it shows one.
            not_digit: (n,), the probability that it shows none.
        """
        characters, at = [], 0
        for number, line in enumerate(self.lines):
            these = slice(at, at + len(line.candidates))
            at = these.stop
            for index, is_digit in best_path(line, probabilities[these], not_digit[these]):
                likely = probabilities[these][index]
                digit = int(likely.argmax()) if is_digit else None
                candidate = line.candidates[index]
                pieces = line.pieces[candidate.start : candidate.stop]
                box, outline = self.place(candidate.box), self._outline(pieces)
                characters.append(Character(digit, likely, candidate.frame, number, box, outline))
        return characters

    def place(self, box: PixelBox) -> Box:
        """Convert a box in pixels of the map to fractions of the picture."""
        return tuple(self._in_picture(np.array(box, float).reshape(2, 2)).ravel().tolist())

    def _in_picture(self, points: np.ndarray) -> np.ndarray:
        """Convert points (n, 2), x and y in pixels of the map, to fractions of the picture."""
        height, width = self.owners.shape
        left, top, right, bottom = self.ink_map.box
        return points * [(right - left) / width, (bottom - top) / height] + [left, top]

    def _outline(self, pieces: list[Piece]) -> list[np.ndarray]:
        """Return the outline of pieces as polygons in fractions of the picture."""
        inside = np.isin(self.owners, [piece.number for piece in pieces]) & (self.ink_map.ink > INKED)
        polygons, _ = cv2.findContours(np.pad(inside, 1).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        return [self._in_picture(polygon[:, 0] - 0.5) for polygon in polygons]


def segment(ink_map: InkMap) -> Segmentation:
    """Find all that may be characters in an ink map."""
    owners, pieces = _cut(ink_map)
    ink = np.clip((ink_map.ink - BLANK) / (FULL - BLANK), 0, 1)
    inked = (ink_map.ink > INKED).astype(np.uint8)
    ink[cv2.dilate(inked, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8)) == 0] = 0
    lines = [_line(line, owners, ink) for line in _lines(pieces)]
    highest = max((line.height for line in lines), default=0)
    return Segmentation(ink_map, owners, [line for line in lines if line.height >= MIN_LINE_HEIGHT * highest])


def segment_frame(frame: np.ndarray) -> Segmentation:
    """Return the segmentation of a picture that is a frame, float32 (28, 28) in 0..1: it is one character."""
    ink = np.ascontiguousarray(frame)
    x, y, width, height = cv2.boundingRect((ink > 0).astype(np.uint8))
    box = (x, y, x + width, y + height)
    line = Line([Piece(1, box, width * height, 1, 1)], height, [Candidate(0, 1, box, frame)])
    return Segmentation(InkMap(ink, np.zeros_like(ink)), np.ones(ink.shape, np.int32), [line])


def _line(pieces: list[Piece], owners: np.ndarray, ink: np.ndarray) -> Line:
    pieces = sorted(pieces, key=lambda piece: piece.box[0] + piece.box[2])
    height = _typical([piece.height for piece in pieces])
    candidates = []
    for start, stop in _runs(len(pieces)):
        box = _around(pieces[start:stop])
        is_wide = box[2] - box[0] > MAX_WIDTH * max(height, box[3] - box[1])
        if stop - start > 1 and (is_wide or _largest_gap(pieces[start:stop]) > MAX_INNER_GAP * height):
            continue
        own = _cut_out(pieces[start:stop], box, owners, ink)
        if own.max(initial=0) >= MIN_INK:
            candidates.append(Candidate(start, stop, box, make_frame(own)))
    return Line(pieces, height, candidates)


def _cut_out(pieces: list[Piece], box: PixelBox, owners: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Return the ink of pieces, enlarged."""
    left, top, right, bottom = max(0, box[0] - EDGE), max(0, box[1] - EDGE), box[2] + EDGE, box[3] + EDGE
    near = owners[top:bottom, left:right]
    own = near == pieces[0].number if len(pieces) == 1 else np.isin(near, [piece.number for piece in pieces])
    cut_out = np.where(own, ink[top:bottom, left:right], 0)
    return cv2.resize(cut_out, None, fx=ENLARGEMENT, fy=ENLARGEMENT, interpolation=cv2.INTER_CUBIC).clip(0, 1)


def best_path(line: Line, probabilities: np.ndarray, not_digit: np.ndarray) -> list[tuple[int, bool]]:
    """Find the most probable characters of a line by dynamic programming over its pieces.

    Args:
        line: the line, with n candidates.
        probabilities: (n, 10), of the digits in each candidate's frame, given that it shows one.
        not_digit: (n,), the probability that it shows none.

    Returns:
        For each character, from left to right, its candidate's index and whether it is a digit.
    """
    ending = [[] for _ in range(len(line.pieces) + 1)]
    for index, costs in enumerate(_character_costs(line, probabilities, not_digit)):
        ending[line.candidates[index].stop].append((index, costs))
    # The least cost of the pieces so far, and the last step of that way, where the last character is a digit or not.
    least, steps = [{True: 0.0, False: 0.0}], [{}]
    for stop, piece in enumerate(line.pieces, start=1):
        ways = {
            is_digit: [(least[-1][is_digit] + _omission_cost(piece, line), None, is_digit)] for is_digit in DIGIT_OR_NOT
        }
        for index, costs in ending[stop]:
            start = line.candidates[index].start
            between = _separation_cost(line.pieces[start - 1], line.pieces[start]) if start else 0.0
            for is_digit, previous in itertools.product(DIGIT_OR_NOT, repeat=2):
                mixture = MIXTURE_COST if is_digit != previous else 0.0
                cost = least[start][previous] + between + mixture + costs[is_digit]
                ways[is_digit].append((cost, index, previous))
        best = {is_digit: min(ways[is_digit], key=lambda way: way[0]) for is_digit in DIGIT_OR_NOT}
        least.append({is_digit: way[0] for is_digit, way in best.items()})
        steps.append({is_digit: way[1:] for is_digit, way in best.items()})
    path, at, is_digit = [], len(line.pieces), min(DIGIT_OR_NOT, key=least[-1].get)
    while at:
        index, previous = steps[at][is_digit]
        if index is not None:
            path.append((index, is_digit))
        at, is_digit = at - 1 if index is None else line.candidates[index].start, previous
    return path[::-1]


def _character_costs(line: Line, probabilities: np.ndarray, not_digit: np.ndarray) -> Iterator[dict[bool, float]]:
    """Yield the costs of each candidate of a line being a digit (True) and another character (False)."""
    odds = not_digit / np.maximum(1 - not_digit, MIN_PROBABILITY) * np.exp(NOT_DIGIT_BIAS)
    not_digit = odds / (1 + odds)
    digit_costs = -np.log(np.maximum(probabilities.max(axis=1) * (1 - not_digit), MIN_PROBABILITY))
    other_costs = -np.log(np.maximum(not_digit, MIN_PROBABILITY)) + OTHER_COST
    for candidate, digit_cost, other_cost in zip(line.candidates, digit_costs, other_costs, strict=True):
        left, top, right, bottom = candidate.box
        height, width = (bottom - top) / line.height, (right - left) / max(line.height, bottom - top)
        misshapen = LOW_COST * max(0.0, LOWEST - height) + WIDE_COST * max(0.0, width - WIDEST)
        yield {True: digit_cost + misshapen, False: other_cost}


def _omission_cost(piece: Piece, line: Line) -> float:
    """Return the cost of a piece being no character, nor a part of one."""
    is_low, is_small = (
        piece.height < MAX_SEPARATOR_HEIGHT * line.height,
        piece.area < MAX_SEPARATOR_AREA * line.height**2,
    )
    return SEPARATOR_COST if is_low and is_small and len(line.pieces) > 1 else OMISSION_COST


def _cut(ink_map: InkMap) -> tuple[np.ndarray, list[Piece]]:
    """Find connected marks and cut them into pieces: where characters may be in contact, and wide ones by columns.

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
    usual = _typical(stats[chosen, cv2.CC_STAT_HEIGHT])
    for part in chosen:
        x, y, width, height, _ = map(int, stats[part])
        own = parts[y : y + height, x : x + width] == part
        mark = int(marks[y : y + height, x : x + width][own][0])
        cuts = _cuts(ink_map.ink[y : y + height, x : x + width] * own, usual)
        for left, right in zip([0, *cuts], [*cuts, width], strict=True):
            inside = own[:, left:right]
            area = int(inside.sum())
            if area < MIN_AREA:
                continue
            number = len(pieces) + 1
            numbers[y : y + height, x + left : x + right][inside] = number
            px, py, pw, ph = cv2.boundingRect(inside.astype(np.uint8))
            box = (x + left + px, y + py, x + left + px + pw, y + py + ph)
            pieces.append(Piece(number, box, area, mark, part))
    _, nearest = cv2.distanceTransformWithLabels(
        (numbers == 0).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner_of = np.zeros(nearest.max() + 1, np.int32)
    owner_of[nearest[numbers > 0]] = numbers[numbers > 0]
    return owner_of[nearest], pieces


def _cuts(ink: np.ndarray, line_height: float) -> list[int]:
    """Return the columns at which a mark, float32 (h, w), is cut: those with least ink."""
    width = ink.shape[1]
    margin = max(3, int(CUT_MARGIN * line_height))
    if width < MAX_UNCUT_WIDTH * line_height or width <= 2 * margin:
        return []
    columns = cv2.GaussianBlur(ink.sum(axis=0)[None], (0, 0), max(0.7, CUT_BLUR * line_height))[0]
    cuts = []
    for column in np.argsort(columns[margin : width - margin]) + margin:
        if columns[column] > MAX_CUT_INK * line_height or len(cuts) >= max(1, int(width / (CUT_SPACING * line_height))):
            break
        if all(abs(column - cut) >= CUT_DISTANCE * line_height for cut in cuts):
            cuts.append(int(column))
    return sorted(cuts)


def _lines(pieces: list[Piece]) -> list[list[Piece]]:
    """Group pieces into lines, from top to bottom."""
    usual = _typical([piece.height for piece in pieces]) if pieces else 0
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


def _separation_cost(piece: Piece, following: Piece) -> float:
    """Return the cost of two neighbouring pieces being of different characters."""
    cost = 0.0
    if piece.part == following.part:
        cost += CUT_COST
    elif piece.mark == following.mark:
        cost += CONTACT_COST
    overlap = min(piece.box[2], following.box[2]) - max(piece.box[0], following.box[0])
    if overlap > MAX_OVERLAP * min(piece.box[2] - piece.box[0], following.box[2] - following.box[0]):
        cost += OVERLAP_COST
    return cost


def _runs(count: int) -> Iterator[tuple[int, int]]:
    """Yield start and stop of each run of at most MAX_PIECES pieces, and of all."""
    for start in range(count):
        for stop in range(start + 1, min(count, start + MAX_PIECES) + 1):
            yield start, stop
    if count > MAX_PIECES:
        yield 0, count


def _typical(heights: Iterable[int]) -> float:
    return float(np.percentile([h for h in heights if h > MIN_TYPICAL * max(heights)], TYPICAL_PERCENTILE))


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
