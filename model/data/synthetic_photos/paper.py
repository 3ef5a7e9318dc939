"""Paper and what is printed or drawn on it that is not ink: factors of the light that they leave, 0..1."""

import functools

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.data.not_digits import FONT_FOLDER, FONTS
from model.data.shapes import SUBPIXEL_BITS
from model.data.synthetic_photos.fields import (
    Size,
    clouds,
    distance_to_line,
    grid,
    log_uniform,
    noise,
    unit,
    waves,
)
from model.data.synthetic_photos.kinds import PhotoKind
from model.data.synthetic_photos.writing import Slot

# Pairs are ranges, ends included. Absorption is the fraction of light that a printed thing takes.
#: How often paper is almost even; standard deviations of its reflectance then, and otherwise; knots of what varies.
EVEN_PROBABILITY, EVEN, UNEVEN, PAPER_KNOTS = 0.7, (0, 0.07), (0.05, 0.15), 6
#: Grain of paper: standard deviations of its blur in pixels, and of its noise.
GRAIN_BLURS, GRAIN = (0, 0.7, 1.2, 2.5), (0, 0.03)
#: How many creases; standard deviation of the difference of reflectance between their sides, and the half width in
#: pixels of where it changes; the same of a crease's own reflectance.
CREASES, FOLD, FOLD_WIDTH, CREASE, CREASE_WIDTH = (1, 4), 0.05, (3, 25), 0.07, (0.5, 2)

#: How often ruled paper has a second ruling.
SECOND_RULING_PROBABILITY = 0.1
#: Kinds of rulings, and how often each is drawn.
RULINGS, RULING_FREQUENCIES = ("squares", "lines", "columns", "dots"), (0.45, 0.45, 0.05, 0.05)
#: The limits of the distance between lines are at least these, in pixels.
MIN_SPACING = (5, 6)
#: How often lines are about level; the standard deviation of their angle then, and its range otherwise, in degrees.
LEVEL_PROBABILITY, TILT, ANY_TILT = 0.85, 4, (-45, 45)
#: Width of lines in pixels; the distance between lines is at least this many widths.
RULING_WIDTH, SPACING_WIDTHS = (0.3, 2.5), 5
#: How often lines are pale; their absorption then, and otherwise.
PALE_PROBABILITY, PALE_ABSORPTION, DARK_ABSORPTION = 0.75, (0.04, 0.5), (0.4, 0.9)
#: How often paper is not flat, and the standard deviation of the lines' curvature in 1/pixels.
BENT_PROBABILITY, BEND = 0.3, 3e-4
#: How often there is the line of a margin, and its place in fractions of the photo's width.
MARGIN_PROBABILITY, MARGIN = 0.15, (0.05, 0.3)
#: Standard deviation of the blur of blurred lines in pixels.
RULING_BLUR = (0.4, 2.0)
#: How often lines fade here and there; mean, standard deviation and knots of what is left of them.
FADED_PROBABILITY, FADED, FADING, FADING_KNOTS = 0.3, 0.7, 0.4, 5

#: Patterns of waves: in how many directions, the standard deviation of the angle of level ones, the period and the
#: displacement in pixels.
PATTERN_DIRECTIONS, PATTERN_TILT, PATTERN_PERIOD, PATTERN_WOBBLE = (1, 2), 0.15, (3, 12), (0, 4)
#: The value of the waves that lines begin at, how much steeper they are than the waves, and their absorption.
PATTERN_THRESHOLD, PATTERN_STEEPNESS, PATTERN_ABSORPTION = (0.4, 0.8), 4, (0.08, 0.5)

#: What is drawn around characters: a box or an ellipse around all, a row of form fields, a box around each, or lines
#: along the photo's edges; how often each is, and its absorption.
FRAMES, FRAME_FREQUENCIES = ("box", "ellipse", "fields", "boxes", "edges"), (0.35, 0.27, 0.11, 0.11, 0.16)
FRAME_ABSORPTION = (0.15, 0.9)
#: Width of the lines in pixels, and distance from the outer characters' centres to the box around all, in heights.
FRAME_WIDTH, FRAME_MARGIN = (1, 3), (0.6, 1.2)
#: Width of the box around all in half axes of the ellipse; half the side of a box around one character in heights.
BOX_IN_ELLIPSE, HALF_BOX = 1.7, 0.65
#: Places of form fields in a row; that of the characters is 0.
FIELD_PLACES = range(-2, 4)
#: How many lines along the photo's edges, their width in pixels, and the standard deviation of their ends in fractions
#: of its shorter side.
EDGES, EDGE_WIDTH, EDGE_JITTER = (1, 4), (1, 7), 0.04

#: Lines under characters: distance from the centres, how far they reach beyond the outer ones, and the standard
#: deviation of the ends' level, all in heights; their width in pixels and their absorption.
UNDERLINE_DISTANCE, UNDERLINE_REACH, UNDERLINE_JITTER = (0.5, 0.75), (0.3, 1), 0.05
UNDERLINE_WIDTH, UNDERLINE_ABSORPTION = (1, 3), (0.3, 0.9)

#: What small print consists of.
PRINTED = list("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,:-")
#: Lines of small print, characters in each, and their height in pixels; the largest distance of the first from the top
#: in fractions of the photo's height, the beginning of each in pixels, the distance between them in heights.
TEXT_LINES, TEXT_LENGTH, TEXT_HEIGHT = (1, 3), (5, 29), (6, 12)
TEXT_TOP, TEXT_LEFT, TEXT_SPACING, TEXT_ABSORPTION = 0.8, (-20, 30), 1.4, (0.3, 0.9)
#: Small print keeps away from ink: side of the neighbourhood in pixels, and the largest ink in it.
TEXT_NEIGHBOURHOOD, MAX_TEXT_INK = 5, 0.05
#: How many specks, their radius in pixels, and the light that they leave.
SPECKS, SPECK_RADIUS, SPECK = (1, 14), (0, 1), (0.2, 0.8)


def paper(size: Size, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Return blank paper: grain, stains, creases."""
    unevenness = rng.uniform(*(EVEN if rng.random() < EVEN_PROBABILITY else UNEVEN))
    sheet = 1 + noise(size, rng.choice(GRAIN_BLURS), rng.uniform(*GRAIN), rng)
    sheet = sheet + clouds(size, PAPER_KNOTS, unevenness, rng)
    if rng.random() < kind.creases:
        for _ in range(rng.integers(*CREASES, endpoint=True)):
            distance = distance_to_line(size, rng.uniform(0, np.pi), rng) / unit(size)
            sheet = sheet + rng.normal(0, FOLD) * np.tanh(distance / rng.uniform(*FOLD_WIDTH))
            sheet = sheet + rng.normal(0, CREASE) * np.exp(-((distance / rng.uniform(*CREASE_WIDTH)) ** 2))
    return sheet.astype(np.float32)


def printed(slots: list[Slot], ink: np.ndarray, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Return what printed and drawn things leave of the paper's light."""
    size, kept = ink.shape, np.ones(ink.shape, np.float32)
    if rng.random() < kind.ruling:
        kept *= 1 - _ruling(size, kind, rng)
        if rng.random() < SECOND_RULING_PROBABILITY:
            kept *= 1 - _ruling(size, kind, rng)
    if rng.random() < kind.pattern:
        kept *= 1 - _pattern(size, rng)
    if slots and rng.random() < kind.box:
        kept *= 1 - _frame(slots, size, rng)
    if slots and rng.random() < kind.underline:
        kept *= 1 - _underline(slots, size, rng)
    if rng.random() < kind.text:
        near = cv2.dilate(ink, np.ones((TEXT_NEIGHBOURHOOD, TEXT_NEIGHBOURHOOD)))
        kept *= 1 - _text(size, rng) * (near < MAX_TEXT_INK)
    if rng.random() < kind.specks:
        for _ in range(rng.integers(*SPECKS, endpoint=True)):
            place = (int(rng.uniform(0, size[1])), int(rng.uniform(0, size[0])))
            radius = int(rng.integers(*SPECK_RADIUS, endpoint=True) * unit(size))
            cv2.circle(kept, place, radius, rng.uniform(*SPECK), -1)
    return kept


def _ruling(size: Size, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Lines, squares or dots, and sometimes a margin."""
    scale = unit(size)
    spacing = log_uniform(rng, *np.maximum(MIN_SPACING, np.multiply(kind.spacing, max(size))))
    angle = np.radians(rng.normal(0, TILT) if rng.random() < LEVEL_PROBABILITY else rng.uniform(*ANY_TILT))
    thin, thick = RULING_WIDTH
    width = rng.uniform(thin, max(2 * thin, min(thick, spacing / scale / SPACING_WIDTHS))) * scale
    darkness = rng.uniform(*(PALE_ABSORPTION if rng.random() < PALE_PROBABILITY else DARK_ABSORPTION))
    across, along = _positions(size, angle, spacing, rng)

    def lines(position: np.ndarray) -> np.ndarray:
        return _line((position + spacing / 2) % spacing - spacing / 2, width)

    form = rng.choice(RULINGS, p=RULING_FREQUENCIES)
    if form == "squares":
        ruling = np.maximum(lines(across), lines(along))
    elif form == "lines":
        ruling = lines(across)
    elif form == "columns":
        ruling = lines(along)
    else:  # dots
        ruling = lines(across) * lines(along)
    if rng.random() < MARGIN_PROBABILITY:
        ruling = np.maximum(ruling, _line(along - rng.uniform(*MARGIN) * size[1], width))
    if rng.random() < 0.5:
        ruling = cv2.GaussianBlur(ruling, (0, 0), rng.uniform(*RULING_BLUR) * scale)
    if rng.random() < FADED_PROBABILITY:
        ruling = ruling * np.clip(FADED + clouds(size, FADING_KNOTS, FADING, rng), 0, 1)
    return darkness * np.clip(ruling, 0, 1)


def _positions(size: Size, angle: float, shift: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return each pixel's place in pixels across and along lines at that angle, shifted by up to ``shift``."""
    x, y = grid(size)
    across = y * np.cos(angle) + x * np.sin(angle) + rng.uniform(0, shift)
    along = x * np.cos(angle) - y * np.sin(angle) + rng.uniform(0, shift)
    if rng.random() < BENT_PROBABILITY:
        across = across + rng.normal(0, BEND) / unit(size) * (x - size[1] / 2) ** 2
    return across, along


def _line(distance: np.ndarray, width: float) -> np.ndarray:
    """Return how much of each pixel, 0..1, a line of that width covers at that distance of the pixel in pixels."""
    return np.clip(width / 2 + 0.5 - np.abs(distance), 0, 1)


def _pattern(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Fine waved lines in one or two directions, as on cheques."""
    pattern = np.zeros(size, np.float32)
    for _ in range(rng.integers(*PATTERN_DIRECTIONS, endpoint=True)):
        angle = rng.normal(0, PATTERN_TILT) if rng.random() < 0.5 else rng.uniform(0, np.pi)
        period = log_uniform(rng, *PATTERN_PERIOD) * unit(size)
        fine = waves(size, period, angle + np.pi / 2, rng.uniform(*PATTERN_WOBBLE), rng)
        lines = np.clip((fine - rng.uniform(*PATTERN_THRESHOLD)) * PATTERN_STEEPNESS, 0, 1)
        pattern = np.maximum(pattern, lines)
    return rng.uniform(*PATTERN_ABSORPTION) * pattern


def _frame(slots: list[Slot], size: Size, rng: np.random.Generator) -> np.ndarray:
    """A box, an ellipse or form fields around the characters, or lines along the edges of the photo."""
    drawn = np.zeros(size, np.uint8)
    x, y, tall = np.array([(slot.x, slot.y, slot.height) for slot in slots]).T
    margins = tall.max() * rng.uniform(*FRAME_MARGIN, 4)
    left, right = int(x.min() - margins[0]), int(x.max() + margins[1])
    top, bottom = int(y.min() - margins[2]), int(y.max() + margins[3])
    width = max(1, round(rng.integers(*FRAME_WIDTH, endpoint=True) * unit(size)))
    form, boxes = rng.choice(FRAMES, p=FRAME_FREQUENCIES), []
    if form == "box":
        boxes = [(left, top, right, bottom)]
    elif form == "ellipse":
        centre = ((left + right) // 2, (top + bottom) // 2)
        axes = (int((right - left) / BOX_IN_ELLIPSE), int((bottom - top) / BOX_IN_ELLIPSE))
        cv2.ellipse(drawn, centre, axes, 0, 0, 360, 255, width, cv2.LINE_AA)
    elif form == "fields":
        shifts = [place * (right - left) for place in FIELD_PLACES]
        boxes = [(left + shift, top, right + shift, bottom) for shift in shifts]
    elif form == "boxes":
        places = [(slot.x, slot.y, HALF_BOX * slot.height) for slot in slots]
        boxes = [(int(x - half), int(y - half), int(x + half), int(y + half)) for x, y, half in places]
    else:  # edges
        _draw_edges(drawn, rng)
    for box in boxes:
        cv2.rectangle(drawn, box[:2], box[2:], 255, width, cv2.LINE_AA)
    return rng.uniform(*FRAME_ABSORPTION) * drawn / np.float32(255)


def _draw_edges(drawn: np.ndarray, rng: np.random.Generator) -> None:
    """Draw lines along some of the photo's edges."""
    height, width = drawn.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    corners = (corners + rng.normal(0, EDGE_JITTER * min(drawn.shape), (4, 2))).astype(int).tolist()
    for index in rng.permutation(4)[: rng.integers(*EDGES, endpoint=True)]:
        thickness = int(rng.integers(*EDGE_WIDTH, endpoint=True) * unit(drawn.shape))
        cv2.line(drawn, corners[index], corners[(index + 1) % 4], 255, thickness, cv2.LINE_AA)


def _underline(slots: list[Slot], size: Size, rng: np.random.Generator) -> np.ndarray:
    x, y, tall = np.array([(slot.x, slot.y, slot.height) for slot in slots]).T
    level = y.max() + tall.max() * rng.uniform(*UNDERLINE_DISTANCE)
    reach = tall.max() * rng.uniform(*UNDERLINE_REACH, 2)
    ends = np.array([(x.min() - reach[0], level), (x.max() + reach[1], level)])
    ends[:, 1] += rng.normal(0, UNDERLINE_JITTER * tall.max(), 2)
    points = np.round(ends * 2**SUBPIXEL_BITS).astype(np.int32)
    width = round(rng.integers(*UNDERLINE_WIDTH, endpoint=True) * unit(size))
    drawn = cv2.polylines(np.zeros(size, np.uint8), [points], False, 255, width, cv2.LINE_AA, SUBPIXEL_BITS)
    return rng.uniform(*UNDERLINE_ABSORPTION) * drawn / np.float32(255)


def _text(size: Size, rng: np.random.Generator) -> np.ndarray:
    """A few lines of small print."""
    image = Image.new("L", size[::-1])
    draw, height = ImageDraw.Draw(image), round(rng.integers(*TEXT_HEIGHT, endpoint=True) * unit(size))
    font = _font(FONTS[rng.integers(len(FONTS))], height)
    top = rng.uniform(0, TEXT_TOP * size[0])
    for line in range(rng.integers(*TEXT_LINES, endpoint=True)):
        words = "".join(rng.choice(PRINTED, int(rng.integers(*TEXT_LENGTH, endpoint=True))))
        place = (rng.uniform(*TEXT_LEFT) * unit(size), top + TEXT_SPACING * line * height)
        draw.text(place, words, 255, font)
    return rng.uniform(*TEXT_ABSORPTION) * np.asarray(image, np.float32) / 255


@functools.cache
def _font(name: str, height: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT_FOLDER / f"{name}.ttf", height)
