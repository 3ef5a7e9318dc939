import numpy as np
import pytest

from model.mnist import Split
from model.not_digits import COMMON, NOT_A_DIGIT, RARE, SIGNS, characters, not_digits
from model.strokes import parse
from model.styles import written_digits

DIGITS = written_digits(40, np.random.default_rng(0))


def made(seed: int) -> Split:
    return not_digits(DIGITS, 200, np.random.default_rng(seed))


def test_they_are_frames_with_ink_and_a_label_of_their_own():
    images, labels = made(0)
    assert images.shape == (200, 28, 28)
    assert images.dtype == np.uint8
    assert (images.max(axis=(1, 2)) > 100).all()
    assert (labels == NOT_A_DIGIT).all()


def test_the_generator_decides_all():
    assert np.array_equal(made(1).images, made(1).images)
    assert not np.array_equal(made(1).images, made(2).images)


def test_signs_are_strokes_in_a_square():
    assert len(set(SIGNS)) == len(SIGNS) > 100
    for sign in SIGNS:
        points = np.concatenate(parse(sign))
        assert len(points) > 1
        assert points.min() >= 0
        assert points.max() <= 1


@pytest.mark.parametrize("blocks", [COMMON, RARE])
def test_no_printed_character_is_a_digit_or_looks_like_one(blocks):
    of_blocks = characters(blocks)
    assert len(of_blocks) > 150
    assert not any(character.isdigit() or character in "OoIlSsZzBbgq|/" for character in of_blocks)


def test_the_shipped_network_turns_most_away_and_hardly_a_digit(classifier):
    drawn = written_digits(200, np.random.default_rng(5)).images / np.float32(255)
    assert np.mean(classifier.network(made(3).images / np.float32(255))[1] > 0.5) >= 0.85
    assert np.mean(classifier.network(drawn)[1] > 0.5) <= 0.02
