import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.preparation.frame import make_frame
from model.preparation.ink import INKED, MAX_ENLARGEMENT, SHAPES, InkMap, find_ink, standardised
from tests.helpers.drawings import mask, picture

DIGITS = range(10)


@pytest.fixture(scope="session")
def ink_network(classifier):
    return classifier.ink_network


def noisy(grey: np.ndarray, spread: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, spread, grey.shape)
    return np.clip(grey + noise, 0, 255).round().astype(np.uint8)


def similarity(ink: np.ndarray, reference: np.ndarray) -> float:
    """Return the cosine similarity, 0..1, of the frames of ink, up to a shift by a pixel."""
    one, other = make_frame(np.where(ink > INKED, ink, 0)), make_frame(reference)
    common = max((np.roll(one, (y, x), (0, 1)) * other).sum() for y in (-1, 0, 1) for x in (-1, 0, 1))
    return float(common / np.sqrt((one**2).sum() * (other**2).sum()))


def assert_valid(ink_map: InkMap) -> None:
    left, top, right, bottom = ink_map.box
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
    assert ink_map.ink.shape == ink_map.contact.shape
    for plane in (ink_map.ink, ink_map.contact):
        assert plane.min() >= 0
        assert plane.max() <= 1


@pytest.mark.parametrize(
    "empty",
    [
        np.full((280, 280), 255, np.uint8),
        np.zeros((280, 280), np.uint8),
        np.full((1, 1), 7, np.uint8),
        np.full((3, 900), 7, np.uint8),
        noisy(np.full((600, 800), 128), 6),
        np.tile(np.linspace(80, 240, 500).astype(np.uint8), (400, 1)),
    ],
    ids=["white", "black", "one pixel", "a strip", "noise", "a gradient"],
)
def test_blank_pictures_have_no_ink(ink_network, empty):
    assert find_ink(empty, ink_network).ink.max() < INKED


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 300), st.integers(1, 300)), fill=st.integers(0, 255)))
def test_ink_map_of_any_picture_is_valid(ink_network, grey):
    assert_valid(find_ink(grey, ink_network))


@pytest.mark.parametrize("digit", DIGITS)
def test_inverted_picture_has_the_same_ink(ink_network, digit):
    grey = noisy(picture(digit, paper=200, ink=90), 3)
    one, other = find_ink(grey, ink_network), find_ink(255 - grey, ink_network)
    assert np.array_equal(one.ink, other.ink)
    assert one.box == other.box


@pytest.mark.parametrize("digit", DIGITS)
def test_ink_of_a_drawing_is_what_was_drawn(ink_network, digit):
    assert similarity(find_ink(picture(digit), ink_network).ink, mask(digit)) > 0.93


@pytest.mark.parametrize("size", [(20, 20), (60, 100), (480, 640), (1000, 750)])
def test_a_map_is_no_larger_than_the_network_sees_and_keeps_the_aspect(ink_network, size):
    ink_map = find_ink(picture(3, size=size), ink_network)
    height, width = ink_map.ink.shape
    assert any(height <= h and width <= w for h, w in SHAPES)
    assert height <= MAX_ENLARGEMENT * size[0] + 1
    assert width / height == pytest.approx(size[1] / size[0], rel=0.05)


def test_small_writing_is_looked_at_again(ink_network):
    small = picture(5, size=(900, 1200), height=0.07, place=(0.3, 0.6))
    ink_map = find_ink(small, ink_network)
    left, top, right, bottom = ink_map.box
    assert left < 0.3 < right < 0.5
    assert top < 0.6 < bottom
    assert similarity(ink_map.ink, mask(5)) > 0.9


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60))))
def test_standardised_pictures_are_finite_and_limited(grey):
    planes = standardised(grey)
    assert planes.shape == (*grey.shape, 2)
    assert planes.dtype == np.float32
    assert np.isfinite(planes).all()
    assert abs(planes).max() <= 6


def test_standardised_picture_does_not_depend_on_exposure():
    grey = noisy(picture(3, paper=120, ink=40), 5)
    assert np.abs(standardised(grey) - standardised(grey // 2 + 60)).mean() < 0.2
