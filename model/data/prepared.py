"""Frames that the preparation makes of synthetic photos: of digits, parts of them, several, and anything else."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from model.data.mnist import Split
from model.data.not_digits import NOT_A_DIGIT_LABEL
from model.data.shapes import Alphabet
from model.data.synthetic_photos import TRAINING, Character, synthetic_photo
from model.preparation.digits import segment
from model.preparation.frame import to_uint8
from model.preparation.ink import Box, InkNetwork, find_ink
from model.preparation.picture import load_grey

#: Heights and widths of the photos, and how often each is drawn.
SIZES, FREQUENCIES = ((160, 160), (240, 320), (96, 256), (96, 384)), (0.35, 0.15, 0.3, 0.2)
#: More of the photos show rows, and others than digits, than those that the ink network is trained on.
KIND = replace(TRAINING, rows=0.6, blank=0.02, other=0.35, others=0.12)
#: A candidate shows a character if the intersection of their boxes is at least the first fraction of their union, and
#: none if it is less than the second. Between the two it shows a character with something beside it, such as a comma or
#: what is left of a ruled line, if it has all of one, but for the third fraction of its area, and no more than that of
#: any other.
MIN_MATCH, MAX_MISMATCH, MAX_PART = 0.8, 0.5, 0.1
#: What is no character but narrower than this, in its lengths, and upright is left out: it cannot be told from a 1.
MIN_WIDTH = 0.4
#: How many of what is no character are kept from one photo.
MAX_MISMATCHES = 6
#: Ink of a frame from this value on counts for its width.
INSIDE = 0.5


def prepared_frames(alphabet: Alphabet, network: InkNetwork, photos: int, rng: np.random.Generator) -> Split:
    """Make frames of what the preparation takes for candidates in synthetic photos.

    Args:
        alphabet: the shapes to write with.
        network: the ink network.
        photos: how many.
        rng: the only source of randomness.

    Returns:
        Images, uint8 (n, 28, 28), white ink on black, and their labels, uint8 (n,), 0..9 or NOT_A_DIGIT_LABEL.
    """
    examples = [example for _ in range(photos) for example in _examples(alphabet, network, rng)]
    frames, labels = zip(*examples, strict=True)
    return Split(np.stack([to_uint8(frame) for frame in frames]), np.array(labels, np.uint8))


def _examples(alphabet: Alphabet, network: InkNetwork, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, int]]:
    """Yield frames of one photo and their labels."""
    size = SIZES[rng.choice(len(SIZES), p=FREQUENCIES)]
    photo = synthetic_photo(alphabet, size, rng, KIND)
    segmentation = segment(find_ink(load_grey(photo.pixels), network))
    mismatches = []
    for line in segmentation.lines:
        for candidate in line.candidates:
            left, top, right, bottom = segmentation.place(candidate.box)
            box = (left * size[1], top * size[0], right * size[1], bottom * size[0])
            character, overlap = _best_match(box, photo.characters)
            if overlap >= MIN_MATCH or (overlap >= MAX_MISMATCH and _has_only(box, character, photo.characters)):
                yield candidate.frame, NOT_A_DIGIT_LABEL if character.label is None else character.label
            elif overlap < MAX_MISMATCH and not _is_like_1(candidate.frame):
                mismatches.append(candidate.frame)
    for index in rng.permutation(len(mismatches))[:MAX_MISMATCHES]:
        yield mismatches[index], NOT_A_DIGIT_LABEL


def _is_like_1(frame: np.ndarray) -> bool:
    """Return whether a frame's ink is narrow, at any angle, and higher than wide."""
    points = cv2.findNonZero((frame > INSIDE).astype(np.uint8))
    if points is None:
        return False
    _, sides, _ = cv2.minAreaRect(points)
    _, _, width, height = cv2.boundingRect(points)
    return min(sides) + 1 < MIN_WIDTH * (max(sides) + 1) and height > width


def _has_only(box: Box, character: Character, characters: list[Character]) -> bool:
    """Return whether almost all of a character, and almost nothing of any other, is in a box."""
    others = [_inside(other.box, box) for other in characters if other is not character]
    return _inside(character.box, box) >= 1 - MAX_PART and max(others, default=0.0) <= MAX_PART


def _best_match(box: Box, characters: list[Character]) -> tuple[Character | None, float]:
    """Return the character whose box overlaps most, and the intersection over union of both."""
    overlaps = [intersection_over_union(box, character.box) for character in characters]
    if not overlaps:
        return None, 0.0
    best = int(np.argmax(overlaps))
    return characters[best], overlaps[best]


def intersection_over_union(one: Box, other: Box) -> float:
    """Return the intersection of two boxes as a fraction of their union."""
    common = _intersection(one, other)
    return common / (_area(one) + _area(other) - common)


def _inside(box: Box, other: Box) -> float:
    """Return the fraction of a box that is inside another."""
    return _intersection(box, other) / _area(box)


def _intersection(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
