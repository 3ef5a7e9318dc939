import numpy as np
import pytest

from model.data.mnist import Split
from model.data.not_digits import COMMON_BLOCKS, NOT_A_DIGIT_LABEL, RARE_BLOCKS, SIGNS, characters, not_digits
from model.data.strokes import parse
from model.data.styles import drawn_digits
from model.network.base import REJECTION_THRESHOLD
from model.preparation.frame import SIDE, from_uint8

DIGITS = drawn_digits(40, np.random.default_rng(0))


def negatives(seed: int) -> Split:
    return not_digits(DIGITS, 200, np.random.default_rng(seed))


def test_not_digits_are_images_with_ink_and_their_own_label():
    images, labels = negatives(0)
    assert images.shape == (200, SIDE, SIDE)
    assert images.dtype == np.uint8
    assert (images.max(axis=(1, 2)) > 100).all()
    assert labels.shape == (200,)
    assert (labels == NOT_A_DIGIT_LABEL).all()


def test_not_digits_are_deterministic_for_a_seed():
    assert np.array_equal(negatives(1).images, negatives(1).images)
    assert not np.array_equal(negatives(1).images, negatives(2).images)


def test_not_digits_leaves_the_given_digits_unchanged():
    before = DIGITS.images.copy()
    negatives(0)
    assert np.array_equal(DIGITS.images, before)


def test_signs_are_distinct_strokes_in_the_unit_square():
    assert len(set(SIGNS)) == len(SIGNS) > 100
    for sign in SIGNS:
        points = np.concatenate(parse(sign))
        assert len(points) > 1
        assert points.min() >= 0
        assert points.max() <= 1


@pytest.mark.parametrize("blocks", [COMMON_BLOCKS, RARE_BLOCKS])
def test_printed_characters_exclude_digits_and_lookalikes(blocks):
    printed = characters(blocks)
    assert len(printed) > 150
    assert not any(character.isdigit() or character in "OoIlSsZzBbgq|/" for character in printed)


def test_the_shipped_network_rejects_most_negatives_and_few_digits(classifier):
    _, rejected = classifier.network(from_uint8(negatives(3).images))
    assert np.mean(rejected > REJECTION_THRESHOLD) >= 0.85
    _, rejected = classifier.network(from_uint8(drawn_digits(200, np.random.default_rng(5)).images))
    assert np.mean(rejected > REJECTION_THRESHOLD) <= 0.02
