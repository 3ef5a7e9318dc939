import numpy as np
import pytest

from model.data.not_digits import NOT_A_DIGIT_LABEL
from model.data.prepared import intersection_over_union, prepared_frames
from model.data.shapes import make_alphabet
from model.data.styles import drawn_digits


@pytest.fixture(scope="module")
def frames(classifier):
    alphabet = make_alphabet(drawn_digits(50, np.random.default_rng(0)), np.random.default_rng(1))
    return prepared_frames(alphabet, classifier.ink_network, 60, np.random.default_rng(2))


def test_prepared_frames_are_digits_and_others(frames):
    assert frames.images.shape[1:] == (28, 28)
    assert frames.images.dtype == np.uint8
    assert set(frames.labels) <= set(range(NOT_A_DIGIT_LABEL + 1))
    assert np.mean(frames.labels == NOT_A_DIGIT_LABEL) > 0.15
    assert np.mean(frames.labels < NOT_A_DIGIT_LABEL) > 0.3


def test_labels_are_mostly_what_the_shipped_network_reads(frames, classifier):
    is_digit = frames.labels < NOT_A_DIGIT_LABEL
    probabilities, _ = classifier.network(frames.images[is_digit] / np.float32(255))
    assert np.mean(probabilities.argmax(axis=1) == frames.labels[is_digit]) > 0.8


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [((0, 0, 2, 2), (0, 0, 2, 2), 1), ((0, 0, 2, 2), (1, 0, 3, 2), 1 / 3), ((0, 0, 1, 1), (1, 1, 2, 2), 0)],
)
def test_intersection_over_union_of_boxes(one, other, expected):
    assert intersection_over_union(one, other) == pytest.approx(expected)
