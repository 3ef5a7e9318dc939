"""Measure how well a network finds the ink in each kind of synthetic photo."""

import zlib
from collections.abc import Callable

import numpy as np

from model.data.shapes import Alphabet
from model.data.synthetic_photos import NUMBER_KINDS, PHOTO_KINDS, PhotoKind, synthetic_photo
from model.preparation.ink import INKED, dark_on_light, standardised
from model.preparation.picture import load_grey

#: Height and width of the photos in pixels, and their seed, which no training run uses.
SIZE, SEED = (160, 160), 10_011
#: Decimal places in reports.
DECIMALS = 4

#: Maps standardised pictures, float32 (n, h, w, 2), to logits of ink and of contact, (n, h, w, 2).
InkLogits = Callable[[np.ndarray], np.ndarray]


def ink_by_kind(network: InkLogits, alphabet: Alphabet, count: int) -> dict[str, float]:
    """Measure the intersection over union of ink: what is found correctly, as a fraction of all found or expected.

    The photos depend on their kind's name and their index alone, not on the other kinds or on ``count``.

    Args:
        network: the network.
        alphabet: the shapes to write with.
        count: the number of photos of each kind.

    Returns:
        For each of the PHOTO_KINDS and NUMBER_KINDS the intersection over union, 0..1, of all pixels of its photos.
    """
    kinds = PHOTO_KINDS | NUMBER_KINDS
    return {name: _intersection_over_union(network, alphabet, count, name, kind) for name, kind in kinds.items()}


def _intersection_over_union(network: InkLogits, alphabet: Alphabet, count: int, name: str, kind: PhotoKind) -> float:
    seeds = ([SEED, zlib.crc32(name.encode()), index] for index in range(count))
    photos = [synthetic_photo(alphabet, SIZE, np.random.default_rng(seed), kind) for seed in seeds]
    found = network(np.stack([standardised(dark_on_light(load_grey(photo.pixels))) for photo in photos]))[..., 0] > 0
    expected = np.stack([photo.ink for photo in photos]) > INKED
    return round(float((found & expected).sum() / (found | expected).sum()), DECIMALS)
