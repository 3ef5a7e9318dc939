"""Negative examples: training frames that show no digit, for the network's eleventh class.

They are handwritten letters and signs (the strokes of signs.txt, varied), printed characters (the free fonts that come
with matplotlib, DejaVu and STIX, distorted), faces, scribbles, shapes, and MNIST's digits rotated, mirrored, paired or
overwritten. None comes from the pictures that the network is evaluated on. All become frames by ``make_frame``, as
users' pictures do.
"""

import pathlib
import unicodedata
from collections.abc import Callable

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.data import strokes
from model.data.mnist import Split
from model.data.strokes import CANVAS
from model.preparation.frame import SIDE, from_uint8, make_frame, to_uint8

#: The label of all images made here; 0..9 are the digits.
NOT_A_DIGIT_LABEL = 10

#: The strokes of letters and signs, in text form.
SIGNS = [
    line
    for line in pathlib.Path(__file__).with_name("signs.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
FONT_FOLDER = pathlib.Path(matplotlib.get_data_path(), "fonts", "ttf")
FONTS = ("DejaVuSans", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSerif", "STIXGeneral", "STIXGeneralItalic")
#: Unicode ranges that all the FONTS contain: Latin, Greek, Cyrillic.
COMMON_BLOCKS = (range(0x21, 0x17F), range(0x391, 0x3CA), range(0x410, 0x450))
#: Unicode ranges that only the first of the FONTS contains: Armenian, Hebrew, Arabic, Georgian, Tifinagh, arrows,
#: mathematical operators, geometric shapes, symbols.
RARE_BLOCKS = (
    *(range(0x531, 0x557), range(0x561, 0x588), range(0x5D0, 0x5EB), range(0x621, 0x63B), range(0x641, 0x64B)),
    *(range(0x10D0, 0x10F7), range(0x2D30, 0x2D66), range(0x2190, 0x21B0), range(0x2200, 0x2280)),
    *(range(0x25A0, 0x25D0), range(0x2600, 0x2670)),
)
#: Characters that look like a digit, printed or handwritten.
DIGIT_LOOKALIKES = set(
    "OoQDIilj|!¡/\\()[]{}'\"`,´SsZzBbgqG$§ØøŁłß°¦ıſ¬ΙιΟοσςΘθΖζΒβδϐБбВвЗзОоЧчЬьЪъЭэ"
    "ԶԿՀՁՅՇՉՋՎՏՑՕզլկղյշջսվտցօգדוזךןסםרףاأإآهةوაბვჳკპჰხსიოⴰⵀⵙⵔⵏⵊⵓⵚⵤ∅⊖⊘⊙⊚⊝∕∖∘∙∣■□▢▫▪▬▭▮▯▰▱◃◇◊○◌●◯◎☉☽☾♢♭☐"
)

# Pairs are ranges, ends included.
#: Width of the pen, in fractions of the CANVAS, and iterations of smoothing, of handwriting.
PEN_WIDTH, SMOOTHING = (0.05, 0.2), (1, 3)
#: Points of a scribble of one stroke; strokes, and points of each, of a scribble of several.
SINGLE_STROKE_POINTS = (7, 15)
SEVERAL_STROKES, SEVERAL_STROKES_POINTS = (2, 4), (2, 5)

#: Faces, in a square from -1 to 1: half the width and height of the outline; places of the eyes, half their sizes, and
#: how often they are closed; place, half the width and curvature of the mouth; how often there are brows, their place.
FACE, EYES, EYE, CLOSED_PROBABILITY = (0.75, 1.0), ((0.25, 0.45), (-0.4, -0.1)), (0.04, 0.2), 0.3
MOUTH, HALF_MOUTH, SMILE, BROWS_PROBABILITY, BROWS = (0.3, 0.55), (0.15, 0.5), (-0.3, 0.3), 0.4, (0.15, 0.35)
#: Points of an ellipse or an arc, and width of the pen in fractions of the CANVAS.
ARC_POINTS, FACE_PEN = 24, (0.03, 0.1)

#: Fraction of the printed characters that are from COMMON_BLOCKS.
COMMON_PROBABILITY = 0.6
#: Width of the outline that makes a character bolder, in pixels.
OUTLINE = (0, 4)
#: Distortion of characters: standard deviations of the linear map's elements, and of the displacement at the knots of a
#: grid, in fractions of the CANVAS; knots along each axis.
LINEAR_DISTORTION, WAVE, WAVE_KNOTS = 0.15, 0.03, 5

#: Blank columns between the digits of a pair.
PAIR_GAP = (0, 5)
#: Digits that rotated by 90°, or mirrored, are no longer digits. 0, 1, 8 and others may stay what they are.
ROTATABLE, MIRRORABLE = (2, 3, 4, 5, 7), (3, 6, 7, 9)
ROTATION_PROBABILITY = 0.6
#: Lines that strike out a digit: how many, the coordinates of their ends and their width, in pixels of the frame.
STRIKES, STRIKE_ENDS, STRIKE_WIDTH = (2, 4), (2, 26), (1, 3)

#: Corners of polygons, and their distance from the centre in fractions of the CANVAS.
CORNERS, RADIUS = (3, 8), (0.3, 0.5)
#: Blotches: standard deviation of the blur in pixels of the CANVAS, and fraction of it that stays blank.
BLOTCH_BLUR, BLOTCH_BLANK = (2, 16), (0.4, 0.85)

#: Draws the ink, float32 (h, w) in 0..1, of one example.
Draw = Callable[[np.random.Generator], np.ndarray]


def not_digits(digits: Split, count: int, rng: np.random.Generator) -> Split:
    """Draw frames that show no digit.

    Args:
        digits: MNIST's, which some of the examples are made from.
        count: how many; the result may differ by a few, because each kind's number is rounded.
        rng: the only source of randomness.

    Returns:
        Images, uint8 (n, 28, 28), white ink on black, and their labels, uint8 (n,), all NOT_A_DIGIT_LABEL.
    """
    kinds = (
        (0.36, _draw_sign),
        (0.25, _printed_characters()),
        (0.05, _draw_face),
        (0.1, _draw_scribble),
        (0.05, _digit_pairs(digits)),
        (0.05, _rotated_digits(digits)),
        (0.1, _overwritten_digits(digits)),
        (0.04, _draw_shape),
    )
    images = [to_uint8(make_frame(draw(rng))) for fraction, draw in kinds for _ in range(round(fraction * count))]
    return Split(np.stack(images), np.full(len(images), NOT_A_DIGIT_LABEL, np.uint8))


def characters(blocks: tuple[range, ...]) -> list[str]:
    """Return the visible characters of Unicode ranges, without those that are digits or look like one."""
    return [chr(code) for block in blocks for code in block if _is_negative(chr(code))]


def _is_negative(character: str) -> bool:
    base = unicodedata.normalize("NFKD", character)[0]
    is_visible = unicodedata.category(character)[0] in "LPS"  # letters, punctuation, symbols
    is_number = unicodedata.category(base)[0] == "N"
    return is_visible and not is_number and base not in DIGIT_LOOKALIKES


def _draw_sign(rng: np.random.Generator) -> np.ndarray:
    return _handwrite(strokes.vary(strokes.parse(SIGNS[rng.integers(len(SIGNS))]), rng), rng)


def _draw_scribble(rng: np.random.Generator) -> np.ndarray:
    # One stroke needs many points: with few it may well look like a digit.
    if rng.random() < 0.5:
        counts = [rng.integers(*SINGLE_STROKE_POINTS, endpoint=True)]
    else:
        number = rng.integers(*SEVERAL_STROKES, endpoint=True)
        counts = rng.integers(*SEVERAL_STROKES_POINTS, number, endpoint=True)
    return _handwrite([rng.random((count, 2)) for count in counts], rng)


def _draw_face(rng: np.random.Generator) -> np.ndarray:
    """Draw a face as in an emoji: an outline, two eyes, a mouth, and sometimes brows."""
    drawing = [_ellipse((0, 0), rng.uniform(*FACE, 2))]
    x, y = (rng.uniform(*limits) for limits in EYES)
    size, is_closed = rng.uniform(*EYE, 2), rng.random() < CLOSED_PROBABILITY
    has_brows, brow, tilt = rng.random() < BROWS_PROBABILITY, rng.uniform(*BROWS), rng.uniform(*SMILE)
    for side in (-1, 1):
        eye = _arc((side * x, y), size[0], size[1]) if is_closed else _ellipse((side * x, y), size)
        drawing.append(eye)
        if has_brows:
            half = 1.5 * size[0]
            drawing.append(np.array([(side * (x - half), y - brow), (side * (x + half), y - brow + tilt)]))
    drawing.append(_arc((0, rng.uniform(*MOUTH)), rng.uniform(*HALF_MOUTH), rng.uniform(*SMILE)))
    return strokes.render(strokes.vary(drawing, rng), rng.uniform(*FACE_PEN) * CANVAS)


def _ellipse(centre: tuple[float, float], half_axes: np.ndarray) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, ARC_POINTS)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * half_axes + centre


def _arc(centre: tuple[float, float], half_width: float, depth: float) -> np.ndarray:
    """Return a parabola's points; its middle is lower than its ends by ``depth``."""
    x = np.linspace(-1, 1, ARC_POINTS)
    return np.stack([half_width * x, depth * (1 - x**2)], axis=1) + centre


def _handwrite(drawing: strokes.Strokes, rng: np.random.Generator) -> np.ndarray:
    """Render strokes, smoothed, with a pen of random width."""
    drawing = strokes.smooth(drawing, rng.integers(*SMOOTHING, endpoint=True))
    return strokes.render(drawing, rng.uniform(*PEN_WIDTH) * CANVAS)


def _printed_characters() -> Draw:
    """Return a function that draws printed characters, distorted."""
    common, rare = characters(COMMON_BLOCKS), characters(RARE_BLOCKS)
    fonts = [ImageFont.truetype(FONT_FOLDER / f"{name}.ttf", CANVAS) for name in FONTS]
    side = 2 * CANVAS
    y, x = np.mgrid[:side, :side]
    positions = np.stack([x, y], axis=-1)

    def draw(rng: np.random.Generator) -> np.ndarray:
        if rng.random() < COMMON_PROBABILITY:
            choices, font = common, fonts[rng.integers(len(fonts))]
        else:
            choices, font = rare, fonts[0]
        character, outline = choices[rng.integers(len(choices))], rng.integers(*OUTLINE, endpoint=True)
        image = Image.new("L", (side, side))
        ImageDraw.Draw(image).text((CANVAS, CANVAS), character, 255, font, "mm", stroke_width=outline)
        change = np.eye(2) + rng.normal(0, LINEAR_DISTORTION, (2, 2))
        shift = CANVAS - change @ [CANVAS, CANVAS]  # keeps the centre in place
        knots = rng.normal(0, WAVE * CANVAS, (WAVE_KNOTS, WAVE_KNOTS, 2))
        wave = cv2.resize(knots, (side, side), interpolation=cv2.INTER_CUBIC)
        source = positions @ change.T + shift + wave
        return from_uint8(cv2.remap(np.array(image), source.astype(np.float32), None, cv2.INTER_LINEAR))

    return draw


def _digit_pairs(digits: Split) -> Draw:
    """Return a function that draws two digits side by side."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        left, right = (image[:, image.any(axis=0)] for image in digits.images[rng.integers(len(digits.labels), size=2)])
        gap = np.zeros((SIDE, rng.integers(*PAIR_GAP, endpoint=True)), np.uint8)
        return from_uint8(np.hstack([left, gap, right]))

    return draw


def _rotated_digits(digits: Split) -> Draw:
    """Return a function that draws digits rotated by 90° or mirrored."""
    rotatable = digits.images[np.isin(digits.labels, ROTATABLE)]
    mirrorable = digits.images[np.isin(digits.labels, MIRRORABLE)]

    def draw(rng: np.random.Generator) -> np.ndarray:
        if rng.random() < ROTATION_PROBABILITY:
            return from_uint8(np.rot90(rotatable[rng.integers(len(rotatable))], rng.choice([1, 3])))
        return from_uint8(mirrorable[rng.integers(len(mirrorable))][:, ::-1])

    return draw


def _overwritten_digits(digits: Split) -> Draw:
    """Return a function that draws a digit with another, rotated one on top of it, or struck out."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        first, second = digits.images[rng.integers(len(digits.labels), size=2)]
        if rng.random() < 0.5:
            return from_uint8(np.maximum(first, np.rot90(second)))
        lines = rng.uniform(*STRIKE_ENDS, (rng.integers(*STRIKES, endpoint=True), 2, 2))
        return from_uint8(strokes.draw(list(lines), first, rng.uniform(*STRIKE_WIDTH)))

    return draw


def _draw_shape(rng: np.random.Generator) -> np.ndarray:
    """Draw a filled polygon or blotches, as left by pictures without a digit."""
    return _draw_polygon(rng) if rng.random() < 0.5 else _draw_blotches(rng)


def _draw_polygon(rng: np.random.Generator) -> np.ndarray:
    corners = rng.integers(*CORNERS, endpoint=True)
    sector = 2 * np.pi / corners
    angle = np.sort(rng.uniform(0, sector, corners) + np.arange(corners) * sector)
    radius = rng.uniform(*RADIUS, (corners, 1)) * CANVAS
    outline = CANVAS / 2 + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return from_uint8(cv2.fillPoly(np.zeros((CANVAS, CANVAS), np.uint8), [outline.astype(np.int32)], 255))


def _draw_blotches(rng: np.random.Generator) -> np.ndarray:
    noise = cv2.GaussianBlur(rng.normal(0, 1, (CANVAS, CANVAS)), (0, 0), rng.uniform(*BLOTCH_BLUR))
    return (noise > np.quantile(noise, rng.uniform(*BLOTCH_BLANK))).astype(np.float32)
