import numpy as np

from model.data.augmentation import augment
from model.preparation.frame import SIDE, make_frame
from tests.helpers.drawings import mask

FRAMES = np.stack([make_frame(mask(digit)) for digit in range(10)])


def test_augment_returns_frames():
    augmented = augment(FRAMES, np.random.default_rng(0))
    assert augmented.shape == (10, SIDE, SIDE)
    assert augmented.dtype == np.float32
    assert augmented.min() >= 0
    assert augmented.max() <= 1


def test_augment_is_deterministic_for_a_seed():
    one, same, other = (augment(FRAMES, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_augment_does_not_modify_its_input():
    before = FRAMES.copy()
    augment(FRAMES, np.random.default_rng(0))
    assert np.array_equal(FRAMES, before)


def test_augment_varies_copies_of_one_frame_differently():
    copies = augment(np.repeat(FRAMES[:1], 20, axis=0), np.random.default_rng(0))
    assert len(np.unique(copies, axis=0)) == 20


def test_augment_accepts_an_empty_batch():
    assert augment(FRAMES[:0], np.random.default_rng(0)).shape == (0, SIDE, SIDE)


def test_augmented_digits_are_still_recognised(classifier):
    frames, labels = np.repeat(FRAMES, 50, axis=0), np.repeat(np.arange(10), 50)
    augmented = augment(frames, np.random.default_rng(0))
    assert np.abs(augmented - frames).mean() > 0.02
    probabilities, _ = classifier.network(augmented)
    assert np.mean(probabilities.argmax(axis=1) == labels) > 0.95
