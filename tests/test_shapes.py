import cv2
import numpy as np
import pytest

from model.data.shapes import CHARACTER, FIELD, from_image, from_strokes, make_alphabet
from model.data.styles import drawn_digits
from tests.helpers.digits import DRAWN
from tests.helpers.drawings import strokes


def extent(inside: np.ndarray) -> tuple[float, float, float]:
    """Return the longer side and the centre of what is inside."""
    x, y, width, height = cv2.boundingRect(inside.astype(np.uint8))
    return max(width, height), x + width / 2, y + height / 2


@pytest.mark.parametrize("digit", range(10))
def test_shape_of_an_image_is_scaled_and_centred(digit):
    shape = from_image(DRAWN.images[digit], digit)
    side, x, y = extent(shape.field > 0)
    assert shape.label == digit
    assert side == pytest.approx(CHARACTER, abs=3)
    assert (x, y) == pytest.approx((FIELD / 2, FIELD / 2), abs=2)


@pytest.mark.parametrize("digit", range(10))
def test_shape_of_strokes_is_scaled_and_centred_and_has_no_width(digit):
    shape = from_strokes(strokes(digit), digit)
    side, x, y = extent(shape.field > -1)
    assert shape.half_width == 0
    assert side == pytest.approx(CHARACTER, abs=4)
    assert (x, y) == pytest.approx((FIELD / 2, FIELD / 2), abs=2)


def test_field_of_an_image_gives_its_strokes_width():
    shape = from_image(DRAWN.images[0], 0)  # drawn with a pen a tenth as wide as the digit is high
    assert 2 * shape.half_width == pytest.approx(CHARACTER / 10, rel=0.4)


def test_an_alphabet_has_all_digits_and_others():
    alphabet = make_alphabet(drawn_digits(30, np.random.default_rng(0)), np.random.default_rng(0))
    assert {shape.label for shape in alphabet.digits} == set(range(10))
    assert {shape.label for shape in alphabet.segment_digits} == set(range(10))
    assert {shape.label for shape in alphabet.operators + alphabet.others} == {None}
    assert len(alphabet.others) > 1000


def test_an_alphabet_depends_on_its_seed_alone():
    digits = drawn_digits(30, np.random.default_rng(0))
    one, same = (make_alphabet(digits, np.random.default_rng(5)).others[7].field for _ in range(2))
    assert np.array_equal(one, same)
