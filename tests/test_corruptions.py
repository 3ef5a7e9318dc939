import numpy as np
import pytest

from model.corruptions import CORRUPTIONS, corrupted
from model.styles import written_digits

IMAGES = written_digits(10, np.random.default_rng(0)).images


def test_there_are_those_of_mnist_c():
    assert len(CORRUPTIONS) == 15


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_images_are_spoilt_but_not_beyond_likeness(name):
    spoilt = corrupted(IMAGES, name)
    assert spoilt.shape == IMAGES.shape
    assert spoilt.dtype == np.uint8
    assert np.array_equal(spoilt, corrupted(IMAGES, name))
    assert not np.array_equal(spoilt, corrupted(IMAGES, name, seed=1)) or name == "canny edges"
    for before, after in zip(IMAGES, spoilt, strict=True):
        assert not np.array_equal(before, after)
        assert after.std() > 20
