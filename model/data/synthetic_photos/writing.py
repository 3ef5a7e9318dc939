"""Characters in a photo: where they are, and the ink that draws them."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from model.data.shapes import CHARACTER, FAR, FIELD, SUBPIXEL_BITS, Alphabet, Shape
from model.data.synthetic_photos.fields import Range, Size, clouds, log_uniform, noise, unit, waves
from model.data.synthetic_photos.kinds import PhotoKind

#: Photos wider than this many heights always get rows.
WIDE = 1.6
#: A box reaches as far as the character's ink is above this value.
INSIDE = 0.5
#: The narrowest stroke and the smallest half width of a pen in pixels.
MIN_HALF_STROKE, MIN_HALF_PEN = 0.65, 0.55
#: How far beyond its slot's height a character may reach, in heights.
REACH = 0.95
#: Distance in heights within which two characters are in contact.
CONTACT = 0.04


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


def _single(
    size: Size,
    kind: PhotoKind,
    rng: np.random.Generator,
    deviation: float = 1 / 8,
    small: float = 0.4,
    second_height: Range = (0.6, 1.2),
) -> list[Slot]:
    """One character of any size, mostly about the middle, and sometimes a second one if it is small."""
    height, width = size
    shorter = min(size)
    low, high = kind.height
    tall = shorter * (log_uniform(rng, low, high) if rng.random() < 0.6 else rng.uniform(max(low, small * high), high))
    margin = min(tall / 2 + 1, shorter / 2)
    if rng.random() < 0.6:
        x, y = rng.normal(width / 2, deviation * width), rng.normal(height / 2, deviation * height)
    else:
        x, y = rng.uniform(0, width), rng.uniform(0, height)
    source = "others" if rng.random() < kind.other else "digits"
    slots = [Slot(np.clip(x, margin, width - margin), np.clip(y, margin, height - margin), tall, source)]
    if tall < small * shorter and rng.random() < kind.second:
        source = "others" if rng.random() < 0.5 else "digits"
        slots.append(Slot(rng.uniform(0, width), rng.uniform(0, height), tall * rng.uniform(*second_height), source))
    return slots


def _rows(
    size: Size,
    kind: PhotoKind,
    rng: np.random.Generator,
    fill: Range = (0.3, 0.95),
    spacing: Range = (1.15, 1.8),
    variation: Range = (0.8, 1.1),
    slope: float = 0.05,
    scatter: float = 0.04,
) -> list[Slot]:
    """Rows of characters, from far apart to touching.

    ``fill`` limits the height in fractions of a row's, ``spacing`` the distance between rows in heights; ``slope`` and
    ``scatter`` are standard deviations of the rows' slope and of places, in heights.
    """
    height, width = size
    columns = int(rng.integers(*kind.columns, endpoint=True))
    rows = int(rng.integers(2, 4)) if width <= WIDE * height and rng.random() < kind.several_rows else 1
    advance = rng.uniform(*kind.advance) if rng.random() < 0.8 else rng.uniform(kind.advance[1], 1.5 * kind.advance[1])
    tall = min(log_uniform(rng, *fill) * height / rows, 0.96 * width / (advance * (columns - 1) + 0.8))
    step, line = tall * advance, tall * rng.uniform(*spacing)
    left = (width - step * (columns - 1)) / 2 * (1 + rng.normal(0, 0.1))
    top = height / 2 - (rows - 1) * line / 2 + rng.normal(0, 0.03 * height)
    tilt, probability = rng.normal(0, slope), _other_probability(kind, rng)
    is_sum, raised = rng.random() < kind.sums, int(rng.integers(1, 4)) if rng.random() < kind.raised else 0
    slots = []
    for row in range(rows):
        for column in range(columns):
            source = "others" if rng.random() < probability else "digits"
            if is_sum and 0 < column < columns - 1 and rng.random() < 0.3:
                source = "operators"
            x = left + column * step + rng.normal(0, scatter * tall)
            y = top + row * line + tilt * column * step + rng.normal(0, scatter * tall)
            slot = Slot(x, y, tall * rng.uniform(*variation), source, row)
            if source == "operators":
                slot = replace(slot, height=slot.height * 0.5)
            elif column >= columns - raised > 1:
                slot = replace(slot, y=y - 0.25 * tall, height=slot.height * 0.65)
            slots.append(slot)
    return slots


def _other_probability(kind: PhotoKind, rng: np.random.Generator, few: float = 0.03, many: float = 0.5) -> float:
    """Choose how probable others are among the digits of rows."""
    chance = rng.random()
    if chance < kind.others:
        return 1.0
    if chance < kind.others + kind.mixed:
        return many
    return few if kind.mixed else 0.0


# Ink


def write(
    slots: list[Slot],
    alphabet: Alphabet,
    size: Size,
    kind: PhotoKind,
    rng: np.random.Generator,
    pen: Range = (-0.6, 0.9),
    line_width: Range = (0.015, 0.13),
    slant: float = 0.12,
) -> Writing:
    """Draw a character in each slot with one pen, and points, commas and dashes between some.

    ``pen`` limits what is added to the half width of strokes, relative to it; ``line_width`` the width of shapes
    without one, in heights; ``slant`` is the standard deviation of the writer's.
    """
    writing = Writing(np.zeros(size, np.float32), np.zeros(size, np.float32), [])
    widening = rng.uniform(*pen) if rng.random() < 0.6 else 0.0
    width, leaning = log_uniform(rng, *line_width), rng.normal(0, slant)
    for slot in slots:
        shapes = getattr(alphabet, slot.source)
        _draw(writing, shapes[rng.integers(len(shapes))], slot, widening, width, leaning, rng)
    if len(slots) > 1 and rng.random() < kind.separators:
        _draw_separators(writing.ink, slots, width, rng)
    return writing


def _draw(
    writing: Writing,
    shape: Shape,
    slot: Slot,
    widening: float,
    line_width: float,
    leaning: float,
    rng: np.random.Generator,
    rotation: float = 0.1,
    rare_rotation: float = 0.3,
    log_stretch: float = 0.12,
    rare_log_stretch: float = 0.3,
    slant: float = 0.05,
) -> None:
    height, width = writing.ink.shape
    scale = slot.height / CHARACTER
    angle = rng.normal(0, rotation if rng.random() < 0.9 else rare_rotation)
    stretch = np.exp(rng.normal(0, log_stretch if rng.random() < 0.9 else rare_log_stretch))
    shear = leaning + rng.normal(0, slant)
    change = scale * np.array(
        [[np.cos(angle) * stretch, -np.sin(angle) - shear], [np.sin(angle), np.cos(angle) / stretch]]
    )
    reach = int(REACH * slot.height) + 3
    left, top = max(0, int(slot.x) - reach), max(0, int(slot.y) - reach)
    right, bottom = min(width, int(slot.x) + reach + 1), min(height, int(slot.y) + reach + 1)
    if right - left < 2 or bottom - top < 2:
        return
    offset = np.array([slot.x - left, slot.y - top]) - change @ [FIELD / 2, FIELD / 2]
    matrix = np.column_stack([change, offset]).astype(np.float32)
    distance = scale * cv2.warpAffine(shape.field, matrix, (right - left, bottom - top), borderValue=FAR)
    if shape.half_width:
        half = shape.half_width * scale
        wider = max(widening * half, MIN_HALF_STROKE - half)
    else:
        wider = max(line_width * slot.height / 2, MIN_HALF_PEN)
    coverage = np.clip(distance + wider + 0.5, 0, 1)
    x, y, w, h = cv2.boundingRect((coverage > INSIDE).astype(np.uint8))
    if w == 0:
        return
    ink, contact = writing.ink[top:bottom, left:right], writing.contact[top:bottom, left:right]
    reach = 2 * max(1, round(CONTACT * slot.height)) + 1
    kernel = np.ones((reach, reach), np.uint8)
    if ink.any():
        np.maximum(contact, np.minimum(cv2.dilate(ink, kernel), cv2.dilate(coverage, kernel)), out=contact)
    np.maximum(ink, coverage, out=ink)
    writing.characters.append(Character(shape.label, (left + x, top + y, left + x + w, top + y + h), slot.row))


def _draw_separators(
    ink: np.ndarray, slots: list[Slot], line_width: float, rng: np.random.Generator, probability: float = 0.3
) -> None:
    """Draw points, commas and dashes to the right of some of the slots."""
    for slot in slots:
        if rng.random() > probability:
            continue
        height = slot.height
        width = max(1, round(line_width * height * rng.uniform(1, 1.6)))
        x, y, kind = slot.x + height * rng.uniform(0.4, 0.6), slot.y + height * 0.48, rng.random()
        if kind < 0.4:  # a point
            ends = [(x, y), (x + 0.01, y)]
        elif kind < 0.7:  # a comma
            ends = [(x, y), (x - 0.08 * height, y + 0.15 * height)]
        else:  # a dash
            ends = [(x, slot.y), (x + rng.uniform(0.1, 0.6) * height, slot.y + rng.normal(0, 0.03) * height)]
        points = np.round(np.array(ends) * 2**SUBPIXEL_BITS).astype(np.int32)
        mask = cv2.polylines(np.zeros(ink.shape, np.uint8), [points], False, 255, width, cv2.LINE_AA, SUBPIXEL_BITS)
        np.maximum(ink, mask / np.float32(255), out=ink)


def uneven(ink: np.ndarray, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Return ink with the grain of pencil and chalk, hatched, broken, or as outlines."""
    if rng.random() > kind.texture:
        return ink
    size, chance = ink.shape, rng.random()
    if chance < 0.45:
        grain = noise(size, rng.uniform(0.3, 1.2), rng.uniform(0.2, 0.7), rng)
        return ink * np.clip(rng.uniform(0.7, 1) + grain, 0.05, 1)
    if chance < 0.63:
        hatching = waves(size, log_uniform(rng, 2, 8) * unit(size), rng.uniform(0, np.pi), 1.5, rng)
        return ink * np.clip(rng.uniform(0.2, 0.8) + hatching, 0, 1)
    if chance < 0.9:
        return ink * np.clip(0.85 + clouds(size, 7, 0.2, rng), 0.15, 1)
    outline = cv2.morphologyEx(ink, cv2.MORPH_GRADIENT, np.ones((3, 3)))
    return ink * np.maximum(rng.uniform(0.4, 0.8), outline)
