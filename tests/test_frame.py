import numpy as np
import pytest

from model.frame import make_frame
from tests.drawings import mask


def enlarged_and_shifted(frame: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    field = np.zeros((400, 400), np.float32)
    left, top = rng.integers(0, 120, 2)
    field[top : top + 280, left : left + 280] = np.kron(frame, np.ones((10, 10), np.float32))
    return field


def test_mnist_digits_come_back_as_they_were(mnist_data):
    rng = np.random.default_rng(0)
    originals = mnist_data.test.images[:1000].astype(np.float32) / 255
    errors = np.array([np.abs(make_frame(enlarged_and_shifted(frame, rng)) - frame).mean() for frame in originals])
    # All but the one in twenty whose strokes are thinner than the thinnest that are left as they are.
    assert np.mean(errors < 1e-6) > 0.95
    assert errors.mean() < 0.003


def test_mnist_accuracy_is_kept(mnist_data, classifier):
    rng = np.random.default_rng(0)
    labels = mnist_data.test.labels
    originals = mnist_data.test.images.astype(np.float32) / 255
    frames = np.stack([make_frame(enlarged_and_shifted(frame, rng)) for frame in originals])
    before = np.mean(classifier.network(originals)[0].argmax(1) == labels)
    after = np.mean(classifier.network(frames)[0].argmax(1) == labels)
    assert after >= before - 0.001


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [0.01, 0.1, 0.25])
def test_form_of_a_frame(digit, pen):
    frame = make_frame(mask(digit, pen=pen))
    assert frame.dtype == np.float32
    assert frame.shape == (28, 28)
    assert frame.min() == 0
    assert 0.5 < frame.max() <= 1
    inked = np.argwhere(frame > 0)
    assert max(np.ptp(inked, axis=0) + 1) == 20
    centre = (np.indices((28, 28)) * frame).sum(axis=(1, 2)) / frame.sum()
    assert np.abs(centre - 14).max() < 0.501


def test_thin_pens_come_out_about_as_wide_as_usual_ones():
    thin, usual = (make_frame(mask(3, size=(1000, 1000), pen=pen)).sum() for pen in (0.004, 0.1))
    assert 0.7 < thin / usual < 1.4


@pytest.mark.parametrize("digit", range(10))
def test_traces_far_from_the_ink_do_not_make_it_smaller(digit):
    ink = mask(digit, height=0.4)
    traced = ink.copy()
    traced[140] = np.maximum(traced[140], 0.1)  # what is left of a line, from side to side
    rows = np.flatnonzero((make_frame(traced) > 0.5).any(axis=1))
    assert np.ptp(rows) + 1 >= 17


def test_no_ink_is_an_error():
    with pytest.raises(ValueError, match="no ink"):
        make_frame(np.zeros((5, 5), np.float32))
