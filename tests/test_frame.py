import numpy as np
import pytest

from model.preparation.frame import BOX, SIDE, from_uint8, make_frame, to_uint8
from tests.helpers.drawings import mask


def enlarge_and_shift(frame: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    field = np.zeros((400, 400), np.float32)
    left, top = rng.integers(0, 120, 2)
    field[top : top + 280, left : left + 280] = np.kron(frame, np.ones((10, 10), np.float32))
    return field


def test_make_frame_reproduces_mnist_images(mnist_data):
    rng = np.random.default_rng(0)
    originals = from_uint8(mnist_data.test.images[:1000])
    errors = np.array([np.abs(make_frame(enlarge_and_shift(frame, rng)) - frame).mean() for frame in originals])
    # One in twenty has strokes so thin that they are widened.
    assert np.mean(errors < 1e-6) > 0.95
    assert errors.mean() < 0.003


@pytest.mark.slow
def test_make_frame_keeps_accuracy_on_mnist(mnist_data, classifier):
    rng = np.random.default_rng(0)
    labels = mnist_data.test.labels
    originals = from_uint8(mnist_data.test.images)
    frames = np.stack([make_frame(enlarge_and_shift(frame, rng)) for frame in originals])
    before = np.mean(classifier.network(originals)[0].argmax(1) == labels)
    after = np.mean(classifier.network(frames)[0].argmax(1) == labels)
    assert after >= before - 0.001


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [0.01, 0.1, 0.25])
def test_frame_is_scaled_to_the_box_and_centred_by_mass(digit, pen):
    frame = make_frame(mask(digit, pen=pen))
    assert frame.dtype == np.float32
    assert frame.shape == (SIDE, SIDE)
    assert frame.min() == 0
    assert 0.5 < frame.max() <= 1
    inked = np.argwhere(frame > 0)
    assert max(np.ptp(inked, axis=0) + 1) == BOX
    centre = (np.indices((SIDE, SIDE)) * frame).sum(axis=(1, 2)) / frame.sum()
    assert np.abs(centre - SIDE / 2).max() < 0.501


def test_make_frame_widens_strokes_of_thin_pens():
    thin, usual = (make_frame(mask(3, size=(1000, 1000), pen=pen)).sum() for pen in (0.004, 0.1))
    assert 0.7 < thin / usual < 1.4


@pytest.mark.parametrize("digit", range(10))
def test_make_frame_ignores_faint_traces_far_from_the_ink(digit):
    ink = mask(digit, height=0.4)
    traced = ink.copy()
    traced[140] = np.maximum(traced[140], 0.1)  # the remains of a printed line
    rows = np.flatnonzero((make_frame(traced) > 0.5).any(axis=1))
    assert np.ptp(rows) + 1 >= 17


def test_make_frame_raises_value_error_without_ink():
    with pytest.raises(ValueError, match="no ink"):
        make_frame(np.zeros((5, 5), np.float32))


def test_conversion_to_frames_and_back_keeps_every_value():
    values = np.arange(256, dtype=np.uint8)
    assert from_uint8(values).max() == 1
    assert np.array_equal(to_uint8(from_uint8(values)), values)
