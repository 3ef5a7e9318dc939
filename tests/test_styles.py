import numpy as np

from model.styles import STYLES, styled_digits, written_digits


def test_they_are_frames_like_mnists():
    images, labels = styled_digits(np.random.default_rng(0))
    assert images.shape == (sum(count for _, count, _ in STYLES), 28, 28)
    assert images.dtype == np.uint8
    assert set(labels) == {1, 3, 4, 7, 9}
    inked = images > 128
    rows, columns = inked.any(axis=2), inked.any(axis=1)
    longer = np.maximum(rows.sum(axis=1), columns.sum(axis=1))
    assert longer.min() >= 18
    assert longer.max() <= 21
    middle = np.arange(28)
    for axis in (1, 2):
        mass = images.sum(axis=3 - axis, dtype=float)
        assert np.abs((mass * middle).sum(axis=1) / mass.sum(axis=1) - 14).max() < 0.51


def test_the_generator_decides_all():
    one, same, other = (styled_digits(np.random.default_rng(seed)).images for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_written_digits_are_read(classifier):
    images, labels = written_digits(200, np.random.default_rng(7))
    assert labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert np.mean(classifier.network(images / np.float32(255))[0].argmax(axis=1) == labels) >= 0.98
