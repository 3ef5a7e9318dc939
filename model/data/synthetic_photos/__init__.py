"""Synthetic photos of handwriting, with the ink of each and a box and label for every character.

A photo is reflectance × light, seen by a camera. Reflectance is paper, with printed things on it, and ink over it. All
values are in 0..1 until the camera; lengths are in pixels. Lengths that are given as numbers are those of a photo of
REFERENCE_SIDE, and grow with larger ones.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from model.data.shapes import Alphabet
from model.data.synthetic_photos import camera
from model.data.synthetic_photos.fields import Size, log_uniform
from model.data.synthetic_photos.kinds import NUMBER_KINDS, PHOTO_KINDS, PhotoKind
from model.data.synthetic_photos.light import light, reflection, surroundings
from model.data.synthetic_photos.paper import paper, printed
from model.data.synthetic_photos.writing import INSIDE, Character, Slot, Writing, layout, uneven, write
from model.preparation.picture import WORKING_SIDE, load_grey, shrink

__all__ = ["NUMBER_KINDS", "PHOTO_KINDS", "TRAINING", "Character", "Photo", "PhotoKind", "synthetic_photo"]

#: The mixture that networks are trained on.
TRAINING = PhotoKind()
#: Photos whose ink differs from what is around it by less than this many grey levels of 256 are drawn again.
MIN_CONTRAST = 2.5
#: Side of the neighbourhood of ink, in pixels, and the largest ink in what is around it.
NEIGHBOURHOOD, MAX_AROUND = 7, 0.1
#: Width of a usual stroke in heights of the character, and the height in pixels where there are no characters.
STROKE, DEFAULT_HEIGHT = 0.1, 40

# Pairs are ranges.
#: How often a drawing on a screen is shrunk, and the factor; that of thin strokes, up to this many pixels wide.
SHRINK_PROBABILITY, SHRINK, THIN_SHRINK, THIN_STROKE = 0.6, (0.16, 1), 0.7, 6
#: How often a screen is white, otherwise it is black; the brightness of pens on either, and the standard deviation
#: that is added to each channel of a coloured one.
WHITE_PROBABILITY, PEN_ON_WHITE, PEN_ON_BLACK, PEN_COLOUR = 0.7, (0, 0.55), (0.45, 1), 0.3
#: The fraction of light that ink absorbs.
ABSORPTION, FAINT_ABSORPTION = (0.45, 0.95), (0.07, 0.5)
#: The reflectance of each channel of coloured paper, and of what surrounds it, relative to grey's.
PAPER_COLOUR, GROUND_COLOUR = (0.6, 1), (0.4, 1)
#: The brightness of white paper in full light, and of what is black in a negative.
EXPOSURE, NEGATIVE_EXPOSURE = (0.35, 1.0), (0.4, 1)


@dataclass(frozen=True)
class Photo:
    """A synthetic photo.

    Attributes:
        pixels: uint8 (h, w), (h, w, 3) or (h, w, 4).
        ink: float32 (h, w) in 0..1.
        contact: float32 (h, w) in 0..1, where two characters touch or nearly do.
        characters: in reading order.
    """

    pixels: np.ndarray
    ink: np.ndarray
    contact: np.ndarray
    characters: list[Character]


def synthetic_photo(alphabet: Alphabet, size: Size, rng: np.random.Generator, kind: PhotoKind = TRAINING) -> Photo:
    """Make a photo.

    Args:
        alphabet: the shapes to write with.
        size: height and width in pixels.
        rng: the only source of randomness.
        kind: what may be in it.
    """
    while True:
        slots = layout(size, kind, rng)
        writing = write(slots, alphabet, size, kind, rng)
        photo = _screen(slots, writing, kind, rng) if rng.random() < kind.screen else _photo(slots, writing, kind, rng)
        if _is_visible(photo):
            return photo


def _screen(slots: list[Slot], writing: Writing, kind: PhotoKind, rng: np.random.Generator) -> Photo:
    """Make a drawing on a screen, sometimes shrunk and enlarged."""
    ink, stroke = writing.ink, _stroke(slots)
    if rng.random() < SHRINK_PROBABILITY:
        ink = camera.low_resolution(ink, log_uniform(rng, *SHRINK) if stroke > THIN_STROKE else THIN_SHRINK, rng)
    ink = ink.clip(0, 1)[..., None]
    background, pen = (1.0, PEN_ON_WHITE) if rng.random() < WHITE_PROBABILITY else (0.0, PEN_ON_BLACK)
    brightness = rng.uniform(*pen)
    colour = np.full(3, brightness, np.float32)
    if rng.random() < kind.colour:
        colour = np.clip(brightness + rng.normal(0, PEN_COLOUR, 3), 0, 1).astype(np.float32)
    if rng.random() < kind.transparent:
        pixels = np.dstack([np.broadcast_to(colour, (*ink.shape[:2], 3)), ink])
    else:
        pixels = background * (1 - ink) + colour * ink
        pixels = pixels if np.ptp(colour) else pixels[..., 0]
    return Photo(camera.to_eight_bits(pixels), writing.ink, writing.contact, writing.characters)


def _photo(slots: list[Slot], writing: Writing, kind: PhotoKind, rng: np.random.Generator) -> Photo:
    """Take a photo of writing on paper."""
    size = writing.ink.shape
    reflectance, covered = _reflectance(slots, writing.ink, kind, rng)
    planes = (lambda plane: plane[..., None]) if reflectance.ndim > len(size) else (lambda plane: plane)
    pixels = reflectance * planes(light(size, kind, rng)) * rng.uniform(*EXPOSURE)
    if rng.random() < kind.reflection:
        pixels = pixels + planes(reflection(size, rng))
    if rng.random() < kind.negative:
        pixels = (1 - np.clip(pixels, 0, 1)) * rng.uniform(*NEGATIVE_EXPOSURE)
    writing = replace(writing, ink=writing.ink * (1 - covered))
    if rng.random() < kind.perspective:
        pixels, writing = _turned(pixels, writing, rng)
    pixels = camera.photograph(pixels.astype(np.float32), _stroke(slots), kind, rng)
    return Photo(pixels, writing.ink, writing.contact, writing.characters)


def _reflectance(
    slots: list[Slot], ink: np.ndarray, kind: PhotoKind, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the reflectance, (h, w) or (h, w, 3), and how much of each pixel is not paper, (h, w)."""
    absorption = log_uniform(rng, *FAINT_ABSORPTION) if rng.random() < kind.faint else rng.uniform(*ABSORPTION)
    drawn = 1 - absorption * uneven(ink, kind, rng)
    covered, ground = surroundings(ink, kind, rng)
    layers, outside = [paper(ink.shape, kind, rng), printed(slots, ink, kind, rng), drawn], covered
    if rng.random() < kind.colour:
        layers, outside = [_tinted(layer, rng) for layer in layers], covered[..., None]
        layers[0] = layers[0] * rng.uniform(*PAPER_COLOUR, 3).astype(np.float32)
        ground = ground[..., None] * rng.uniform(*GROUND_COLOUR, 3).astype(np.float32)
    return layers[0] * layers[1] * layers[2] * (1 - outside) + ground * outside, covered


def _tinted(layer: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a layer in colour, (h, w, 3): what it absorbs, it absorbs of some colours less."""
    tint = rng.uniform(0, 1, 3)
    return 1 - (1 - layer[..., None]) * (tint / tint.max()).astype(np.float32)


def _turned(pixels: np.ndarray, writing: Writing, rng: np.random.Generator) -> tuple[np.ndarray, Writing]:
    """Change the perspective of a photo and of what is written in it."""
    matrix = camera.perspective(writing.ink.shape, rng)
    characters = []
    for character in writing.characters:
        left, top, right, bottom = character.box
        corners = np.float32([[(left, top), (right, top), (right, bottom), (left, bottom)]])
        turned = cv2.perspectiveTransform(corners, matrix)[0]
        characters.append(replace(character, box=(*turned.min(axis=0).tolist(), *turned.max(axis=0).tolist())))
    ink, contact = (camera.warp(plane, matrix, cv2.BORDER_CONSTANT) for plane in (writing.ink, writing.contact))
    return camera.warp(pixels, matrix, cv2.BORDER_REPLICATE), Writing(ink, contact, characters)


def _stroke(slots: list[Slot]) -> float:
    """Return a usual width of a stroke in pixels."""
    return STROKE * max((slot.height for slot in slots), default=DEFAULT_HEIGHT)


def _is_visible(photo: Photo) -> bool:
    """Return whether there is no ink or it differs enough from what is around it."""
    ink = shrink(photo.ink, WORKING_SIDE)  # as load_grey does
    inside = ink > INSIDE
    around = cv2.dilate(inside.astype(np.uint8), np.ones((NEIGHBOURHOOD, NEIGHBOURHOOD), np.uint8)) > 0
    around &= ink < MAX_AROUND
    if not inside.any() or not around.any():
        return True
    grey = load_grey(photo.pixels)
    return abs(float(grey[inside].mean()) - float(grey[around].mean())) >= MIN_CONTRAST
