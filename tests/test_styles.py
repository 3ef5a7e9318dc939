import numpy as np

from model.data.styles import drawn_digits, styled_digits
from model.preparation.frame import BOX, SIDE, from_uint8


def test_styled_digits_are_scaled_and_centred_like_mnist():
    images, labels = styled_digits(10_000, np.random.default_rng(0))
    assert images.shape == (10_000, SIDE, SIDE)
    assert images.dtype == np.uint8
    assert labels.shape == (10_000,)
    assert set(labels) == set(range(10))
    inside = images > 128
    rows, columns = inside.any(axis=2), inside.any(axis=1)
    longer = np.maximum(rows.sum(axis=1), columns.sum(axis=1))
    assert longer.min() >= BOX - 2
    assert longer.max() <= BOX + 1
    position = np.arange(SIDE)
    for axis in (1, 2):
        mass = images.sum(axis=3 - axis, dtype=float)
        assert np.abs((mass * position).sum(axis=1) / mass.sum(axis=1) - SIDE / 2).max() < 0.51


def test_styled_digits_are_deterministic_for_a_seed():
    one, same, other = (styled_digits(100, np.random.default_rng(seed)).images for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_drawn_digits_are_deterministic_for_a_seed():
    one, same, other = (drawn_digits(10, np.random.default_rng(seed)).images for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_drawn_digits_are_recognised(classifier):
    images, labels = drawn_digits(200, np.random.default_rng(7))
    assert labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    probabilities, _ = classifier.network(from_uint8(images))
    assert np.mean(probabilities.argmax(axis=1) == labels) >= 0.98
