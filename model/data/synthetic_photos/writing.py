"""Characters in a photo: where they are, and the ink that draws them."""

import itertools
from dataclasses import dataclass, replace

import cv2
import numpy as np

from model.data.shapes import CHARACTER, FAR, FIELD, SUBPIXEL_BITS, Alphabet, Shape
from model.data.synthetic_photos.fields import Size, clouds, log_uniform, noise, unit, waves
from model.data.synthetic_photos.kinds import PhotoKind

# Pairs are ranges, ends included. Lengths in heights are in heights of the character.
#: Photos wider than this many heights always get rows.
WIDE = 1.6

#: How often the logarithm of a single character's height is uniform; otherwise the height is, from SMALL of the largest
#: on. Characters below SMALL of the photo's shorter side may get a second one beside them; its height, relative to
#: theirs.
LOG_HEIGHT_PROBABILITY, SMALL, SECOND_HEIGHT = 0.6, 0.4, (0.6, 1.2)
#: How often a single character is about the middle, and the standard deviation in fractions of the photo's sides.
MIDDLE_PROBABILITY, MIDDLE = 0.6, 1 / 8

#: Several rows; the height of characters in fractions of a row's, and the distance between rows in heights.
SEVERAL_ROWS, ROW_HEIGHT, ROW_SPACING = (2, 3), (0.3, 0.95), (1.15, 1.8)
#: The longest row in fractions of the photo's width, and the width of its last character in heights.
ROW_WIDTH, LAST_WIDTH = 0.96, 0.8
#: How often characters are as far apart as the kind says; otherwise they are up to this many times further.
USUAL_ADVANCE_PROBABILITY, WIDE_ADVANCE = 0.8, 1.5
#: Standard deviations of the left end of rows, relative to the usual one, of the level of rows in fractions of the
#: photo's height, of their slope, and of the places of characters in heights.
LEFT, LEVEL, SLOPE, SCATTER = 0.1, 0.03, 0.05, 0.04
#: Heights of characters in a row, relative to the usual one.
HEIGHTS = (0.8, 1.1)
#: How probable others are in rows of digits with few of them, and in rows of both.
FEW_OTHERS, MANY_OTHERS = 0.03, 0.5
#: How often an operator takes the place of a character in a sum, and its height relative to a character's.
OPERATOR_PROBABILITY, OPERATOR_HEIGHT = 0.3, 0.5
#: How many characters are raised, how far in heights of the others, and their height relative to the others'.
RAISED, RAISED_BY, RAISED_HEIGHT = (1, 3), 0.25, 0.65

#: Width of the pen in heights, and how much strokes that have a width may be changed to have the pen's, relative to
#: their own: to less of it they would break.
PEN_WIDTH, CHANGE = (0.02, 0.2), (-0.35, 0.9)
#: How often all digits of a photo are of straight segments.
SEGMENTS_PROBABILITY = 0.08
#: Standard deviations of the slant of a writer, and of each character beside it.
WRITER_SLANT, SLANT = 0.12, 0.05
#: How often characters are almost upright and in proportion; the standard deviations of their angle in radians, and of
#: the logarithm of the factor of their width, then and otherwise.
USUAL_PROBABILITY, ANGLE, RARE_ANGLE, LOG_STRETCH, RARE_LOG_STRETCH = 0.9, 0.1, 0.3, 0.12, 0.3
#: A box reaches as far as the character's ink is above this value.
INSIDE = 0.5
#: The narrowest stroke and the smallest half width of a pen in pixels.
MIN_HALF_STROKE, MIN_HALF_PEN = 0.65, 0.55
#: How far from its slot's centre a character may reach: in heights, and pixels that are added.
REACH, REACH_MARGIN = 0.95, 3
#: Characters are drawn if the part of the photo that they may reach has sides of at least this many pixels.
MIN_PART = 2
#: Distance in heights within which two characters are in contact.
CONTACT = 0.04

#: How often something is drawn to the right of a character; what it is, and how often.
SEPARATOR_PROBABILITY = 0.3
SEPARATORS, SEPARATOR_FREQUENCIES = ("point", "comma", "dash", "two dashes"), (0.35, 0.3, 0.25, 0.1)
#: Width of separators in widths of the pen; their distance from the character's centre to the right, and that of points
#: and commas down, in heights.
SEPARATOR_WIDTH, SEPARATOR_DISTANCE, BASELINE = (1, 1.6), (0.4, 0.6), 0.48
#: A point is a line of this length in pixels; how far a comma reaches to the left and down, the length of a dash, and
#: the distance of two, in heights; the standard deviation of their slope.
POINT, COMMA_LEFT, COMMA_DOWN, DASH, DASH_DISTANCE, DASH_SLOPE = 0.01, (0.02, 0.15), (0.1, 0.35), (0.1, 0.6), 0.18, 0.2

#: How often two neighbours are joined by a line, where characters are. It begins and ends that far from their centres
#: to the sides and up, and bends in the middle by the last standard deviation, in heights.
JOINT_PROBABILITY, JOINT_SIDE, JOINT_UP, JOINT_BEND = 0.6, (0.1, 0.25), (-0.4, 0.5), 0.06

#: Textures of ink, and how often each is drawn.
TEXTURES, TEXTURE_FREQUENCIES = ("grain", "hatching", "gaps", "outlines"), (0.45, 0.18, 0.27, 0.1)
#: Grain: standard deviations of its blur in pixels and of its noise; mean of the ink, and the least that is left.
GRAIN_BLUR, GRAIN, GRAINY_INK, MIN_GRAINY_INK = (0.3, 1.2), (0.2, 0.7), (0.7, 1), 0.05
#: Hatching: distance between its lines and their displacement in pixels, and the ink between them.
HATCHING_PERIOD, HATCHING_WOBBLE, HATCHED_INK = (2, 8), 1.5, (0.2, 0.8)
#: Gaps: knots and standard deviation of what varies; mean of the ink, and the least that is left.
GAP_KNOTS, GAPS, BROKEN_INK, MIN_BROKEN_INK = 7, 0.2, 0.85, 0.15
#: Outlines: side in pixels of the neighbourhood that they are found in, and the ink between them.
OUTLINE_NEIGHBOURHOOD, INK_IN_OUTLINES = 3, (0.4, 0.8)

#: x and y in pixels.
Point = tuple[float, float]


@dataclass(frozen=True)
class Character:
    """A character in a photo: its label, 0..9 or None, its box, left, top, right, bottom in pixels, and its row."""

    label: int | None
    box: tuple[float, float, float, float]
    row: int = 0


@dataclass(frozen=True)
class Slot:
    """A place for a character: its centre and height in pixels, the source of its shape in the alphabet, its row."""

    x: float
    y: float
    height: float
    source: str = "digits"
    row: int = 0


@dataclass(frozen=True)
class Writing:
    """What is written: ink, float32 (h, w) in 0..1, where characters are in contact, likewise, and the characters."""

    ink: np.ndarray
    contact: np.ndarray
    characters: list[Character]


# Layout


def layout(size: Size, kind: PhotoKind, rng: np.random.Generator) -> list[Slot]:
    """Choose where characters are, in reading order."""
    height, width = size
    if rng.random() < kind.blank:
        return []
    if rng.random() < kind.rows or (width > WIDE * height and kind.rows):
        return _rows(size, kind, rng)
    return _single(size, kind, rng)


def _single(size: Size, kind: PhotoKind, rng: np.random.Generator) -> list[Slot]:
    """One character of any size, mostly about the middle, and sometimes a second one if it is small."""
    height, width = size
    shorter = min(size)
    low, high = kind.height
    is_log = rng.random() < LOG_HEIGHT_PROBABILITY
    tall = shorter * (log_uniform(rng, low, high) if is_log else rng.uniform(max(low, SMALL * high), high))
    margin = min(tall / 2 + 1, shorter / 2)
    if rng.random() < MIDDLE_PROBABILITY:
        x, y = rng.normal(width / 2, MIDDLE * width), rng.normal(height / 2, MIDDLE * height)
    else:
        x, y = rng.uniform(0, width), rng.uniform(0, height)
    source = "others" if rng.random() < kind.other else "digits"
    slots = [Slot(np.clip(x, margin, width - margin), np.clip(y, margin, height - margin), tall, source)]
    if tall < SMALL * shorter and rng.random() < kind.second:
        source = "others" if rng.random() < 0.5 else "digits"
        slots.append(Slot(rng.uniform(0, width), rng.uniform(0, height), tall * rng.uniform(*SECOND_HEIGHT), source))
    return slots


def _rows(size: Size, kind: PhotoKind, rng: np.random.Generator) -> list[Slot]:
    """Rows of characters, from far apart to touching."""
    height, width = size
    columns, rows = int(rng.integers(*kind.columns, endpoint=True)), 1
    if width <= WIDE * height and rng.random() < kind.several_rows:
        rows = int(rng.integers(*SEVERAL_ROWS, endpoint=True))
    closest, furthest = kind.advance
    if rng.random() < USUAL_ADVANCE_PROBABILITY:
        advance = rng.uniform(closest, furthest)
    else:
        advance = rng.uniform(furthest, WIDE_ADVANCE * furthest)
    row_width = advance * (columns - 1) + LAST_WIDTH
    tall = min(log_uniform(rng, *ROW_HEIGHT) * height / rows, ROW_WIDTH * width / row_width)
    step, line = tall * advance, tall * rng.uniform(*ROW_SPACING)
    left = (width - step * (columns - 1)) / 2 * (1 + rng.normal(0, LEFT))
    top = height / 2 - (rows - 1) * line / 2 + rng.normal(0, LEVEL * height)
    slope, probability = rng.normal(0, SLOPE), _other_probability(kind, rng)
    is_sum = rng.random() < kind.sums
    raised = int(rng.integers(*RAISED, endpoint=True)) if rng.random() < kind.raised else 0
    slots = []
    for row in range(rows):
        for column in range(columns):
            source = "others" if rng.random() < probability else "digits"
            if is_sum and 0 < column < columns - 1 and rng.random() < OPERATOR_PROBABILITY:
                source = "operators"
            x = left + column * step + rng.normal(0, SCATTER * tall)
            y = top + row * line + slope * column * step + rng.normal(0, SCATTER * tall)
            slot = Slot(x, y, tall * rng.uniform(*HEIGHTS), source, row)
            if source == "operators":
                slot = replace(slot, height=slot.height * OPERATOR_HEIGHT)
            elif column >= columns - raised > 1:
                slot = replace(slot, y=y - RAISED_BY * tall, height=slot.height * RAISED_HEIGHT)
            slots.append(slot)
    return slots


def _other_probability(kind: PhotoKind, rng: np.random.Generator) -> float:
    """Choose how probable others are among the digits of rows."""
    chance = rng.random()
    if chance < kind.others:
        return 1.0
    if chance < kind.others + kind.mixed:
        return MANY_OTHERS
    return FEW_OTHERS if kind.mixed else 0.0


# Ink


def write(slots: list[Slot], alphabet: Alphabet, size: Size, kind: PhotoKind, rng: np.random.Generator) -> Writing:
    """Draw a character in each slot with one pen, and points, commas and dashes between some."""
    writing = Writing(np.zeros(size, np.float32), np.zeros(size, np.float32), [])
    pen_width, leaning = log_uniform(rng, *PEN_WIDTH), rng.normal(0, WRITER_SLANT)
    of_segments = alphabet.segment_digits and rng.random() < SEGMENTS_PROBABILITY
    digits = alphabet.segment_digits if of_segments else alphabet.digits
    for slot in slots:
        shapes = digits if slot.source == "digits" else getattr(alphabet, slot.source)
        _draw(writing, shapes[rng.integers(len(shapes))], slot, pen_width, leaning, rng)
    if len(slots) > 1 and rng.random() < kind.separators:
        _draw_separators(writing.ink, slots, pen_width, rng)
    if rng.random() < kind.joined:
        _join(writing, slots, pen_width, rng)
    return writing


def _draw(
    writing: Writing,
    shape: Shape,
    slot: Slot,
    pen_width: float,
    leaning: float,
    rng: np.random.Generator,
) -> None:
    """Draw a shape in its slot, varied, unless it is outside of the photo."""
    height, width = writing.ink.shape
    scale = slot.height / CHARACTER
    change = scale * _variation(leaning, rng)
    reach = int(REACH * slot.height) + REACH_MARGIN
    left, top = max(0, int(slot.x) - reach), max(0, int(slot.y) - reach)
    right, bottom = min(width, int(slot.x) + reach + 1), min(height, int(slot.y) + reach + 1)
    if right - left < MIN_PART or bottom - top < MIN_PART:
        return
    offset = np.array([slot.x - left, slot.y - top]) - change @ [FIELD / 2, FIELD / 2]
    matrix = np.column_stack([change, offset]).astype(np.float32)
    distance = scale * cv2.warpAffine(shape.field, matrix, (right - left, bottom - top), borderValue=FAR)
    half_pen, half = pen_width * slot.height / 2, shape.half_width * scale
    if half:
        thinnest, widest = CHANGE
        wider = max(np.clip(half_pen - half, thinnest * half, widest * half), MIN_HALF_STROKE - half)
    else:
        wider = max(half_pen, MIN_HALF_PEN)
    coverage = np.clip(distance + wider + 0.5, 0, 1)
    x, y, w, h = cv2.boundingRect((coverage > INSIDE).astype(np.uint8))
    if w == 0:
        return
    part = np.s_[top:bottom, left:right]
    _add(coverage, writing.ink[part], writing.contact[part], max(1, round(CONTACT * slot.height)))
    writing.characters.append(Character(shape.label, (left + x, top + y, left + x + w, top + y + h), slot.row))


def _variation(leaning: float, rng: np.random.Generator) -> np.ndarray:
    """Return the 2×2 matrix that turns, stretches and slants a character."""
    angle = rng.normal(0, ANGLE if rng.random() < USUAL_PROBABILITY else RARE_ANGLE)
    stretch = np.exp(rng.normal(0, LOG_STRETCH if rng.random() < USUAL_PROBABILITY else RARE_LOG_STRETCH))
    shear = leaning + rng.normal(0, SLANT)
    return np.array([[np.cos(angle) * stretch, -np.sin(angle) - shear], [np.sin(angle), np.cos(angle) / stretch]])


def _add(coverage: np.ndarray, ink: np.ndarray, contact: np.ndarray, reach: int) -> None:
    """Add a character to the ink, and what is within ``reach`` pixels of both to the contact."""
    if ink.any():
        kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
        np.maximum(contact, np.minimum(cv2.dilate(ink, kernel), cv2.dilate(coverage, kernel)), out=contact)
    np.maximum(ink, coverage, out=ink)


def _draw_separators(ink: np.ndarray, slots: list[Slot], pen_width: float, rng: np.random.Generator) -> None:
    """Draw points, commas and dashes to the right of some of the slots."""
    for slot in slots:
        if rng.random() > SEPARATOR_PROBABILITY:
            continue
        height = slot.height
        width = max(1, round(pen_width * height * rng.uniform(*SEPARATOR_WIDTH)))
        x, y = slot.x + height * rng.uniform(*SEPARATOR_DISTANCE), slot.y + height * BASELINE
        separator = rng.choice(SEPARATORS, p=SEPARATOR_FREQUENCIES)
        if separator == "point":
            lines = [[(x, y), (x + POINT, y)]]
        elif separator == "comma":
            lines = [[(x, y), (x - rng.uniform(*COMMA_LEFT) * height, y + rng.uniform(*COMMA_DOWN) * height)]]
        else:
            length, slope = rng.uniform(*DASH) * height, rng.normal(0, DASH_SLOPE)
            levels = [slot.y] if separator == "dash" else [slot.y, slot.y + DASH_DISTANCE * height]
            lines = [[(x, level), (x + length, level + slope * length)] for level in levels]
        for line in lines:
            np.maximum(ink, _line(line, ink.shape, width), out=ink)


def _join(writing: Writing, slots: list[Slot], pen_width: float, rng: np.random.Generator) -> None:
    """Join some neighbours in rows by a line, as a pen does that is not lifted. In its middle they are in contact."""
    for slot, following in itertools.pairwise(slots):
        if slot.row != following.row or rng.random() > JOINT_PROBABILITY:
            continue
        height = slot.height
        side, up = height * rng.uniform(*JOINT_SIDE), height * rng.uniform(*JOINT_UP)
        ends = np.array([(slot.x + side, slot.y - up), (following.x - side, following.y - up)])
        middle = ends.mean(axis=0) + np.array([0, height * rng.normal(0, JOINT_BEND)])
        width = max(1, round(pen_width * height))
        line = _line([ends[0], middle, ends[1]], writing.ink.shape, width)
        np.maximum(writing.ink, line, out=writing.ink)
        contact = _line([(ends[0] + middle) / 2, middle, (middle + ends[1]) / 2], writing.ink.shape, width + 2)
        np.maximum(writing.contact, contact, out=writing.contact)


def _line(points: list[Point], size: Size, width: int) -> np.ndarray:
    """Draw a line of that width in pixels through points x, y: float32 (h, w) in 0..1."""
    fixed_point = np.round(np.array(points) * 2**SUBPIXEL_BITS).astype(np.int32)
    drawn = cv2.polylines(np.zeros(size, np.uint8), [fixed_point], False, 255, width, cv2.LINE_AA, SUBPIXEL_BITS)
    return drawn / np.float32(255)


def uneven(ink: np.ndarray, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Return ink with the grain of pencil and chalk, hatched, broken, or as outlines."""
    if rng.random() > kind.texture:
        return ink
    size, texture = ink.shape, rng.choice(TEXTURES, p=TEXTURE_FREQUENCIES)
    if texture == "grain":
        grain = noise(size, rng.uniform(*GRAIN_BLUR), rng.uniform(*GRAIN), rng)
        return ink * np.clip(rng.uniform(*GRAINY_INK) + grain, MIN_GRAINY_INK, 1)
    if texture == "hatching":
        period, angle = log_uniform(rng, *HATCHING_PERIOD) * unit(size), rng.uniform(0, np.pi)
        hatching = waves(size, period, angle, HATCHING_WOBBLE, rng)
        return ink * np.clip(rng.uniform(*HATCHED_INK) + hatching, 0, 1)
    if texture == "gaps":
        return ink * np.clip(BROKEN_INK + clouds(size, GAP_KNOTS, GAPS, rng), MIN_BROKEN_INK, 1)
    outlines = cv2.morphologyEx(ink, cv2.MORPH_GRADIENT, np.ones((OUTLINE_NEIGHBOURHOOD, OUTLINE_NEIGHBOURHOOD)))
    return ink * np.maximum(rng.uniform(*INK_IN_OUTLINES), outlines)
