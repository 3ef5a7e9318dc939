import numpy as np

from model.augmentation import augment
from model.frame import make_frame
from tests.drawings import mask

FRAMES = np.stack([make_frame(mask(digit)) for digit in range(10)])


def test_frames_stay_frames():
    varied = augment(FRAMES, np.random.default_rng(0))
    assert varied.shape == FRAMES.shape
    assert varied.dtype == np.float32
    assert varied.min() >= 0
    assert varied.max() <= 1


def test_the_generator_decides_all():
    one, same, other = (augment(FRAMES, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_given_frames_are_left_alone():
    before = FRAMES.copy()
    augment(FRAMES, np.random.default_rng(0))
    assert np.array_equal(FRAMES, before)


def test_digits_stay_readable(classifier):
    many = np.repeat(FRAMES, 50, axis=0)
    varied = augment(many, np.random.default_rng(0))
    assert np.abs(varied - many).mean() > 0.02
    read = classifier.network(varied)[0].argmax(1)
    assert np.mean(read == np.repeat(np.arange(10), 50)) > 0.95
