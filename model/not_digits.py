"""What is not a digit, made for training: letters and signs, scribbles, shapes, and digits spoilt.

Nothing here was drawn by people whom the network is measured on. Handwriting is strokes of our own (signs.txt) varied
as hands vary; print is the free fonts that come with matplotlib (DejaVu and STIX), distorted; the rest is chance, or
made of the training digits. All are brought to frames by the same ``make_frame`` as a user's picture.
"""

import pathlib
import unicodedata
from collections.abc import Callable

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model import strokes
from model.frame import make_frame
from model.mnist import Split

NOT_A_DIGIT = 10
SIGNS = [
    line
    for line in pathlib.Path(__file__).with_name("signs.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
FONTS = pathlib.Path(matplotlib.get_data_path(), "fonts", "ttf")
FACES = ("DejaVuSans", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSerif", "STIXGeneral", "STIXGeneralItalic")
#: What all those fonts can print, in Unicode: Latin, Greek, Cyrillic; and what the first can besides: Armenian, Hebrew,
#: Arabic, Georgian, Tifinagh, arrows, mathematics, shapes, symbols.
COMMON = (range(0x21, 0x17F), range(0x391, 0x3CA), range(0x410, 0x450))
RARE = (
    *(range(0x531, 0x557), range(0x561, 0x588), range(0x5D0, 0x5EB), range(0x621, 0x63B), range(0x641, 0x64B)),
    *(range(0x10D0, 0x10F7), range(0x2D30, 0x2D66), range(0x2190, 0x21B0), range(0x2200, 0x2280)),
    *(range(0x25A0, 0x25D0), range(0x2600, 0x2670)),
)
#: Printed characters that are digits too, or would be in somebody's hand.
LIKE_DIGITS = set(
    "OoQDIilj|!¡/\\()[]{}'\"`,´SsZzBbgqG$§ØøŁłß°¦ıſ¬ΙιΟοσςΘθΖζΒβδϐБбВвЗзОоЧчЬьЪъЭэ"
    "ԶԿՀՁՅՇՉՋՎՏՑՕզլկղյշջսվտցօգדוזךןסםרףاأإآهةوაბვჳკპჰხსიოⴰⵀⵙⵔⵏⵊⵓⵚⵤ∅⊖⊘⊙⊚⊝∕∖∘∙∣■□▢▫▪▬▭▮▯▰▱◃◇◊○◌●◯◎☉☽☾♢♭☐"
)
CANVAS = strokes.CANVAS

#: Makes the ink, float32 (H, W) of 0..1, of one thing.
Maker = Callable[[np.random.Generator], np.ndarray]


def not_digits(digits: Split, count: int, rng: np.random.Generator) -> Split:
    """Make about that many frames of what is not a digit: images uint8 (n, 28, 28), labels (n,), all NOT_A_DIGIT.

    ``digits`` are MNIST's, some of which are turned, joined and overwritten.
    """
    makers = (
        (0.34, _sign),
        (0.30, _printed()),
        (0.10, _scribble),
        (0.09, _pair(digits)),
        (0.08, _turned(digits)),
        (0.03, _overwritten(digits)),
        (0.06, _shape),
    )
    images = [
        (255 * make_frame(make(rng))).astype(np.uint8) for share, make in makers for _ in range(round(share * count))
    ]
    return Split(np.stack(images), np.full(len(images), NOT_A_DIGIT, np.uint8))


def _sign(rng: np.random.Generator) -> np.ndarray:
    hand = strokes.vary(strokes.parse(SIGNS[rng.integers(len(SIGNS))]), rng)
    return _by_some_pen(hand, rng)


def _scribble(rng: np.random.Generator) -> np.ndarray:
    # A single short stroke may well be a digit: one of many turns, or several.
    turns = [rng.integers(7, 16)] if rng.random() < 0.5 else rng.integers(2, 6, rng.integers(2, 5))
    hand = [rng.random((count, 2)) for count in turns]
    return _by_some_pen(hand, rng)


def _by_some_pen(hand: strokes.Strokes, rng: np.random.Generator) -> np.ndarray:
    return strokes.ink(strokes.smooth(hand, rng.integers(1, 4)), rng.uniform(0.05, 0.2) * CANVAS)


def _printed() -> Maker:
    """A maker of printed characters, each distorted."""
    common, rare = characters(COMMON), characters(RARE)
    faces = [ImageFont.truetype(FONTS / f"{face}.ttf", CANVAS) for face in FACES]

    def printed(rng: np.random.Generator) -> np.ndarray:
        known = rng.random() < 0.6
        characters, face = (common, faces[rng.integers(len(faces))]) if known else (rare, faces[0])
        character, bolder = characters[rng.integers(len(characters))], rng.integers(0, 5)
        side = 2 * CANVAS
        glyph = Image.new("L", (side, side))
        ImageDraw.Draw(glyph).text((CANVAS, CANVAS), character, 255, face, "mm", stroke_width=bolder)
        change = np.eye(2) + rng.normal(0, 0.15, (2, 2))
        shift = CANVAS - change @ [CANVAS, CANVAS]
        wave = cv2.resize(rng.normal(0, 0.03 * CANVAS, (5, 5, 2)), (side, side), interpolation=cv2.INTER_CUBIC)
        y, x = np.mgrid[:side, :side]
        source = np.stack([x, y], axis=-1) @ change.T + shift + wave
        return _ink(cv2.remap(np.array(glyph), source.astype(np.float32), None, cv2.INTER_LINEAR))

    return printed


def characters(blocks: tuple[range, ...]) -> list[str]:
    """The characters of those blocks that show something of their own and are not like digits."""
    return [chr(code) for block in blocks for code in block if _is_sign(chr(code))]


def _is_sign(character: str) -> bool:
    base = unicodedata.normalize("NFKD", character)[0]
    shows, is_number = unicodedata.category(character)[0] in "LPS", unicodedata.category(base)[0] == "N"
    return shows and not is_number and base not in LIKE_DIGITS


def _pair(digits: Split) -> Maker:
    """A maker of two digits beside each other."""

    def pair(rng: np.random.Generator) -> np.ndarray:
        left, right = (image[:, image.any(axis=0)] for image in digits.images[rng.integers(len(digits.labels), size=2)])
        gap = np.zeros((28, rng.integers(0, 6)), np.uint8)
        return _ink(np.hstack([left, gap, right]))

    return pair


def _turned(digits: Split) -> Maker:
    """A maker of digits on their side, or mirrored, and no digits any more: 0, 1, 8 and others remain what they are."""
    sideways = digits.images[np.isin(digits.labels, [2, 3, 4, 5, 7])]
    mirrored = digits.images[np.isin(digits.labels, [3, 6, 7, 9])]

    def turned(rng: np.random.Generator) -> np.ndarray:
        if rng.random() < 0.6:
            return _ink(np.rot90(sideways[rng.integers(len(sideways))], rng.choice([1, 3])))
        return _ink(mirrored[rng.integers(len(mirrored))][:, ::-1])

    return turned


def _overwritten(digits: Split) -> Maker:
    """A maker of a digit with another across it, or struck out."""

    def overwritten(rng: np.random.Generator) -> np.ndarray:
        first, second = digits.images[rng.integers(len(digits.labels), size=2)]
        if rng.random() < 0.5:
            return _ink(np.maximum(first, np.rot90(second)))
        lines = rng.uniform(2, 26, (rng.integers(2, 5), 2, 2))
        return _ink(strokes.draw(list(lines), first, rng.uniform(1, 3)))

    return overwritten


def _shape(rng: np.random.Generator) -> np.ndarray:
    """A filled shape, or blotches, such as come of pictures of other things."""
    ink = np.zeros((CANVAS, CANVAS), np.uint8)
    if rng.random() < 0.5:
        corners = rng.integers(3, 9)
        angle = np.sort(rng.uniform(0, 2 * np.pi / corners, corners) + np.arange(corners) * 2 * np.pi / corners)
        reach = rng.uniform(0.3, 0.5, (corners, 1)) * CANVAS
        outline = CANVAS / 2 + reach * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return _ink(cv2.fillPoly(ink, [outline.astype(np.int32)], 255))
    noise = cv2.GaussianBlur(rng.normal(0, 1, ink.shape), (0, 0), rng.uniform(2, 16))
    return _ink(np.where(noise > np.quantile(noise, rng.uniform(0.4, 0.85)), 255, 0))


def _ink(image: np.ndarray) -> np.ndarray:
    return image.astype(np.float32) / 255
