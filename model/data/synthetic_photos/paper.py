"""Paper and what is printed or drawn on it that is not ink: factors of the light that they leave, 0..1."""

import functools

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.data.not_digits import FONT_FOLDER, FONTS
from model.data.shapes import SUBPIXEL_BITS
from model.data.synthetic_photos.fields import (
    Range,
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

#: What small print consists of.
PRINTED = list("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,:-")


def paper(size: Size, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Return blank paper: grain, stains, creases."""
    uneven = rng.uniform(0, 0.07) if rng.random() < 0.7 else rng.uniform(0.05, 0.15)
    sheet = 1 + noise(size, rng.choice([0, 0.7, 1.2, 2.5]), rng.uniform(0, 0.03), rng) + clouds(size, 6, uneven, rng)
    if rng.random() < kind.creases:
        for _ in range(rng.integers(1, 5)):
            distance = distance_to_line(size, rng.uniform(0, np.pi), rng) / unit(size)
            sheet = sheet + rng.normal(0, 0.05) * np.tanh(distance / rng.uniform(3, 25))
            sheet = sheet + rng.normal(0, 0.07) * np.exp(-((distance / rng.uniform(0.5, 2)) ** 2))
    return sheet.astype(np.float32)


def printed(slots: list[Slot], ink: np.ndarray, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Return what printed and drawn things leave of the paper's light."""
    size, kept = ink.shape, np.ones(ink.shape, np.float32)
    if rng.random() < kind.ruling:
        kept *= 1 - _ruling(size, kind, rng)
        if rng.random() < 0.1:
            kept *= 1 - _ruling(size, kind, rng)
    if rng.random() < kind.pattern:
        kept *= 1 - _pattern(size, rng)
    if slots and rng.random() < kind.box:
        kept *= 1 - _boxes(slots, size, rng)
    if slots and rng.random() < kind.underline:
        kept *= 1 - _underline(slots, size, rng)
    if rng.random() < kind.text:
        kept *= 1 - _text(size, rng) * (cv2.dilate(ink, np.ones((5, 5))) < 0.05)
    if rng.random() < kind.specks:
        for _ in range(rng.integers(1, 15)):
            place = (int(rng.uniform(0, size[1])), int(rng.uniform(0, size[0])))
            cv2.circle(kept, place, int(rng.integers(0, 2) * unit(size)), rng.uniform(0.2, 0.8), -1)
    return kept


def _ruling(
    size: Size,
    kind: PhotoKind,
    rng: np.random.Generator,
    tilt: float = 4,
    absorption: Range = (0.04, 0.5),
    dark: Range = (0.4, 0.9),
    line_width: Range = (0.3, 2.5),
    blur: Range = (0.4, 2.0),
) -> np.ndarray:
    """Lines, squares or dots, and sometimes a margin. ``tilt`` is the standard deviation of the angle in degrees."""
    scale = unit(size)
    low, high = kind.spacing
    spacing = log_uniform(rng, max(5, low * max(size)), max(6, high * max(size)))
    angle = np.radians(rng.normal(0, tilt) if rng.random() < 0.85 else rng.uniform(-45, 45))
    thinnest, thickest = line_width
    width = rng.uniform(thinnest, max(2 * thinnest, min(thickest, spacing / scale / 5))) * scale
    darkness = rng.uniform(*absorption) if rng.random() < 0.75 else rng.uniform(*dark)
    x, y = grid(size)
    across = y * np.cos(angle) + x * np.sin(angle) + rng.uniform(0, spacing)
    along = x * np.cos(angle) - y * np.sin(angle) + rng.uniform(0, spacing)
    if rng.random() < 0.3:  # the paper is not flat
        across = across + rng.normal(0, 3e-4) / scale * (x - size[1] / 2) ** 2

    def lines(position: np.ndarray) -> np.ndarray:
        return np.clip(width / 2 + 0.5 - np.abs((position + spacing / 2) % spacing - spacing / 2), 0, 1)

    chance = rng.random()
    if chance < 0.45:
        ruling = np.maximum(lines(across), lines(along))
    elif chance < 0.9:
        ruling = lines(across)
    elif chance < 0.95:
        ruling = lines(along)
    else:
        ruling = lines(across) * lines(along)
    if rng.random() < 0.15:
        margin = np.abs(along - rng.uniform(0.05, 0.3) * size[1])
        ruling = np.maximum(ruling, np.clip(width / 2 + 0.5 - margin, 0, 1))
    if rng.random() < 0.5:
        ruling = cv2.GaussianBlur(ruling, (0, 0), rng.uniform(*blur) * scale)
    if rng.random() < 0.3:
        ruling = ruling * np.clip(0.7 + clouds(size, 5, 0.4, rng), 0, 1)
    return darkness * np.clip(ruling, 0, 1)


def _pattern(size: Size, rng: np.random.Generator, absorption: Range = (0.08, 0.5)) -> np.ndarray:
    """Fine waved lines in one or two directions, as on cheques."""
    pattern = np.zeros(size, np.float32)
    for _ in range(rng.integers(1, 3)):
        angle = rng.normal(0, 0.15) if rng.random() < 0.5 else rng.uniform(0, np.pi)
        fine = waves(size, log_uniform(rng, 3, 12) * unit(size), angle + np.pi / 2, rng.uniform(0, 4), rng)
        pattern = np.maximum(pattern, np.clip((fine - rng.uniform(0.4, 0.8)) * 4, 0, 1))
    return rng.uniform(*absorption) * pattern


def _boxes(slots: list[Slot], size: Size, rng: np.random.Generator, absorption: Range = (0.15, 0.9)) -> np.ndarray:
    """A box, an ellipse or form fields around the characters, or lines along the edges of the photo."""
    drawn = np.zeros(size, np.uint8)
    height, width = size
    x, y, tall = np.array([(slot.x, slot.y, slot.height) for slot in slots]).T
    margins = tall.max() * rng.uniform(0.6, 1.2, 4)
    left, right = int(x.min() - margins[0]), int(x.max() + margins[1])
    top, bottom = int(y.min() - margins[2]), int(y.max() + margins[3])
    thickness, chance = max(1, round(rng.integers(1, 4) * unit(size))), rng.random()
    if chance < 0.35:
        cv2.rectangle(drawn, (left, top), (right, bottom), 255, thickness, cv2.LINE_AA)
    elif chance < 0.62:
        centre, axes = (
            ((left + right) // 2, (top + bottom) // 2),
            (int((right - left) / 1.7), int((bottom - top) / 1.7)),
        )
        cv2.ellipse(drawn, centre, axes, 0, 0, 360, 255, thickness, cv2.LINE_AA)
    elif chance < 0.73:
        for index in range(-2, 4):
            shift = index * (right - left)
            cv2.rectangle(drawn, (left + shift, top), (right + shift, bottom), 255, thickness, cv2.LINE_AA)
    elif chance < 0.84:
        for slot in slots:
            half = 0.65 * slot.height
            corners = (int(slot.x - half), int(slot.y - half)), (int(slot.x + half), int(slot.y + half))
            cv2.rectangle(drawn, *corners, 255, thickness, cv2.LINE_AA)
    else:
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)]) + rng.normal(0, 0.04 * min(size), (4, 2))
        for index in rng.permutation(4)[: rng.integers(1, 5)]:
            start, end = corners[index].astype(int).tolist(), corners[(index + 1) % 4].astype(int).tolist()
            cv2.line(drawn, start, end, 255, int(rng.integers(1, 8) * unit(size)), cv2.LINE_AA)
    return rng.uniform(*absorption) * drawn / np.float32(255)


def _underline(slots: list[Slot], size: Size, rng: np.random.Generator, absorption: Range = (0.3, 0.9)) -> np.ndarray:
    x, y, tall = np.array([(slot.x, slot.y, slot.height) for slot in slots]).T
    level = y.max() + tall.max() * rng.uniform(0.5, 0.75)
    reach = tall.max() * rng.uniform(0.3, 1, 2)
    ends = np.array([(x.min() - reach[0], level), (x.max() + reach[1], level)])
    ends[:, 1] += rng.normal(0, 0.05 * tall.max(), 2)
    points, width = np.round(ends * 2**SUBPIXEL_BITS).astype(np.int32), round(rng.integers(1, 4) * unit(size))
    drawn = cv2.polylines(np.zeros(size, np.uint8), [points], False, 255, width, cv2.LINE_AA, SUBPIXEL_BITS)
    return rng.uniform(*absorption) * drawn / np.float32(255)


def _text(size: Size, rng: np.random.Generator, absorption: Range = (0.3, 0.9)) -> np.ndarray:
    """A few lines of small print."""
    image = Image.new("L", size[::-1])
    draw, height = ImageDraw.Draw(image), round(rng.integers(6, 13) * unit(size))
    font = _font(FONTS[rng.integers(len(FONTS))], height)
    top = rng.uniform(0, 0.8 * size[0])
    for line in range(rng.integers(1, 4)):
        words = "".join(rng.choice(PRINTED, int(rng.integers(5, 30))))
        draw.text((rng.uniform(-20, 30) * unit(size), top + 1.4 * line * height), words, 255, font)
    return rng.uniform(*absorption) * np.asarray(image, np.float32) / 255


@functools.cache
def _font(name: str, height: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT_FOLDER / f"{name}.ttf", height)
