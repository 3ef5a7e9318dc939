import numpy as np
import pytest

from model.explanation import occlusion, saliency_map
from model.preparation.frame import SIDE, make_frame
from tests.helpers.drawings import mask


@pytest.mark.parametrize("digit", range(10))
def test_occlusion_attributes_the_answer_to_ink_only(classifier, digit):
    frame = make_frame(mask(digit))
    attribution = occlusion(classifier.network, frame, digit)
    assert attribution.shape == (SIDE, SIDE)
    assert attribution.dtype == np.float32
    assert np.isfinite(attribution).all()
    assert not attribution[frame == 0].any()
    assert attribution.sum() > 0


def test_occlusion_left_half_of_an_eight_opposes_a_three(classifier):
    eight = make_frame(mask(8))
    for_eight, for_three = (occlusion(classifier.network, eight, digit) for digit in (8, 3))
    left = np.s_[4:24, 4:12]
    assert for_eight[left].sum() > 0 > for_three[left].sum()


def test_occlusion_finds_the_one_pixel_that_a_network_uses():
    def network(frames):
        seen = frames[:, 10, 12]
        probabilities = np.full((len(frames), 10), 0.05, np.float32)
        probabilities[:, 7] = 0.05 + 0.5 * seen
        return probabilities / probabilities.sum(axis=1, keepdims=True), np.zeros(len(frames))

    attribution = occlusion(network, np.ones((SIDE, SIDE), np.float32), 7)
    assert attribution[10, 12] == attribution.max() > 0
    distance = np.hypot(*(np.mgrid[:SIDE, :SIDE] - np.array([10, 12])[:, None, None]))
    assert not attribution[distance > 7].any()


def test_occlusion_of_a_frame_without_ink_is_zero(classifier):
    assert not occlusion(classifier.network, np.zeros((SIDE, SIDE), np.float32), 3).any()


def test_saliency_map_colours_supporting_ink_blue_opposing_orange_and_other_grey():
    frame, attribution = np.zeros((2, SIDE, SIDE), np.float32)
    frame[0, :3] = 1
    attribution[0, :3] = 2, -1, 0
    colours = saliency_map(frame, attribution)
    assert colours.shape == (SIDE, SIDE, 3)
    assert colours.dtype == np.uint8
    (red, _, blue), (opposing_red, _, opposing_blue), grey = colours[0, :3]
    assert blue > red
    assert opposing_red > opposing_blue
    assert len(set(grey.tolist())) == 1
    assert not colours[frame == 0].any()


def test_saliency_map_without_attribution_is_grey():
    colours = saliency_map(np.ones((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.float32))
    assert np.ptp(colours) == 0
