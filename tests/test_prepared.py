import numpy as np
import pytest

from model.data import prepared, strokes
from model.data.not_digits import NOT_A_DIGIT_LABEL
from model.data.prepared import intersection_over_union, prepared_frames
from model.data.shapes import make_alphabet
from model.data.styles import drawn_digits
from model.data.synthetic_photos import Character, Photo
from model.preparation.frame import from_uint8, to_uint8


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


@pytest.fixture
def labels_of(classifier, monkeypatch):
    """Return the labels of the frames that are made of a drawing, float32 (160, 160), in which are these characters."""

    def labels_of(ink: np.ndarray, characters: list[Character]) -> list[int]:
        photo = Photo(to_uint8(1 - ink), ink, np.zeros_like(ink), characters)
        monkeypatch.setattr(prepared, "synthetic_photo", lambda *arguments: photo)
        monkeypatch.setattr(prepared, "SIZES", [ink.shape])
        monkeypatch.setattr(prepared, "FREQUENCIES", [1])
        alphabet = make_alphabet(drawn_digits(50, np.random.default_rng(0)), np.random.default_rng(1))
        return prepared_frames(alphabet, classifier.ink_network, 1, np.random.default_rng(2)).labels.tolist()

    return labels_of


def drawn(*lines: list[tuple[int, int]]) -> np.ndarray:
    return from_uint8(strokes.draw([np.array(line) for line in lines], np.zeros((160, 160), np.uint8), 9))


def test_digit_with_a_comma_joined_to_it_is_that_digit(labels_of):
    seven, comma = [(50, 40), (100, 40), (70, 110)], [(70, 110), (62, 130)]
    assert labels_of(drawn(seven, comma), [Character(7, (46, 36, 104, 114))]) == [7]


@pytest.mark.parametrize(
    ("stroke", "expected"), [([(70, 60), (110, 50)], [1, NOT_A_DIGIT_LABEL]), ([(100, 30), (95, 110)], [1])]
)
def test_lying_strokes_are_no_digits_and_upright_ones_are_left_out(labels_of, stroke, expected):
    one = [(30, 30), (25, 110)]
    assert sorted(set(labels_of(drawn(one, stroke), [Character(1, (20, 26, 35, 114))]))) == expected
