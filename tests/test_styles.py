import numpy as np

from model.styles import CROSSED, FLAGGED, FOOTED, styled_digits


def test_they_are_frames_like_mnists():
    images, labels = styled_digits(np.random.default_rng(0))
    assert images.shape == (FLAGGED + FOOTED + CROSSED, 28, 28)
    assert images.dtype == np.uint8
    assert np.bincount(labels).tolist() == [0, FLAGGED + FOOTED, 0, 0, 0, 0, 0, CROSSED]
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
