import numpy as np
import pytest

from model.explanation import occlusion
from model.frame import make_frame
from tests.drawings import mask


@pytest.mark.parametrize("digit", range(10))
def test_only_ink_has_a_say_and_it_spoke_for_the_answer(classifier, digit):
    frame = make_frame(mask(digit))
    said = occlusion(classifier.network, frame, digit)
    assert said.shape == (28, 28)
    assert said.dtype == np.float32
    assert np.isfinite(said).all()
    assert not said[frame == 0].any()
    assert said.sum() > 0


def test_what_tells_an_eight_from_a_three_speaks_against_the_three(classifier):
    eight = make_frame(mask(8))
    for_eight, for_three = (occlusion(classifier.network, eight, digit) for digit in (8, 3))
    left = np.s_[4:24, 4:12]
    assert for_eight[left].sum() > 0 > for_three[left].sum()


def test_the_one_pixel_that_a_network_looks_at():
    def looks_at_one(frames):
        seen = frames[:, 10, 12]
        chances = np.full((len(frames), 10), 0.05, np.float32)
        chances[:, 7] = 0.05 + 0.5 * seen
        return chances / chances.sum(axis=1, keepdims=True), np.zeros(len(frames))

    said = occlusion(looks_at_one, np.ones((28, 28), np.float32), 7)
    assert said[10, 12] == said.max() > 0
    away = np.hypot(*(np.mgrid[:28, :28] - np.array([10, 12])[:, None, None]))
    assert not said[away > 7].any()


def test_no_ink_says_nothing(classifier):
    assert not occlusion(classifier.network, np.zeros((28, 28), np.float32), 3).any()
