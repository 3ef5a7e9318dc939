import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from model.data.prepared import intersection_over_union
from model.data.shapes import make_alphabet
from model.data.strokes import draw
from model.data.styles import drawn_digits
from model.data.synthetic_photos import NUMBER_KINDS, synthetic_photo
from model.preparation.digits import segment
from model.preparation.ink import InkMap
from model.preparation.pieces import contacts
from tests.helpers.drawings import digit_centre, number_picture, picture

ORIENTATION_TAG = 0x0112
NUMBERS = ["42", "2026", "007", "1234567890", "8", "12\n345"]


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_are_read_in_reading_order(classifier, number):
    prediction = classifier.predict(number_picture(number))
    assert prediction.number == number
    assert prediction.reason == (None if len(number) == 1 else "several digits")


@pytest.mark.parametrize("number", NUMBERS)
def test_the_answer_is_the_same_for_the_inverse_for_double_size_and_after_a_shift(classifier, number):
    grey = number_picture(number)
    shifted = cv2.copyMakeBorder(grey, 31, 7, 12, 44, cv2.BORDER_CONSTANT, value=255)
    double = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    variants = [255 - grey, shifted, double]
    assert [prediction.number for prediction in classifier.predict_many(variants)] == [number] * 3


@pytest.mark.parametrize("number", ["42", "007"])
@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_rotated_exif_changes_nothing(classifier, number, orientation, stored):
    exif, file = Image.Exif(), io.BytesIO()
    exif[ORIENTATION_TAG] = orientation
    Image.fromarray(number_picture(number)).transpose(stored).save(file, "PNG", exif=exif)
    assert classifier.predict(file.getvalue()).number == number


@pytest.mark.parametrize("number", ["42", "2026", "007"])
@pytest.mark.parametrize("spacing", [30, 47, 90])
def test_added_ruling_changes_nothing(classifier, number, spacing):
    grey = number_picture(number, ink=40)
    grey[spacing // 2 :: spacing] = np.minimum(grey[spacing // 2 :: spacing], 190)
    grey[:, spacing // 3 :: spacing] = np.minimum(grey[:, spacing // 3 :: spacing], 190)
    assert classifier.predict(grey).number == number


def test_operators_and_points_are_not_digits(classifier):
    grey = number_picture("12034")
    x, y = round(digit_centre(2)), 120
    grey[:, x - 50 : x + 50] = 255  # a plus in place of the 0
    plus = [np.array([(x - 25, y), (x + 25, y)]), np.array([(x, y - 25), (x, y + 25)])]
    grey = np.minimum(grey, 255 - draw(plus, np.zeros_like(grey), 11))
    cv2.circle(grey, (round(digit_centre(3) + digit_centre(4)) // 2, 180), 6, 0, -1)
    assert classifier.predict(grey).number == "1234"


def test_boxes_and_outlines_surround_each_digit(classifier):
    grey = number_picture("428")
    digits = classifier.predict(grey).digits
    size = np.array(grey.shape[::-1])
    for index, digit in enumerate(digits):
        left, top, right, bottom = digit.box
        assert abs((left + right) / 2 * size[0] - digit_centre(index)) < 12
        assert abs((bottom - top) * size[1] - 130) < 20
        inside = np.zeros_like(grey)
        cv2.fillPoly(inside, [(polygon * size).round().astype(np.int32) for polygon in digit.outline], 255)
        columns = slice(round(left * size[0]), round(right * size[0]))
        drawn = grey[:, columns] < 128
        assert np.mean((inside[:, columns] > 0) != drawn) < 0.25 * np.mean(drawn)


@pytest.mark.parametrize("slant", [-0.6, -0.3, 0, 0.3, 0.6])
def test_touching_strokes_are_cut_along_their_slant(slant):
    ink = np.zeros((60, 140), np.float32)
    stems = [(x + slant * 25, x - slant * 25) for x in (30, 55, 80, 105)]
    for top, foot in stems:
        cv2.line(ink, (round(top), 5), (round(foot), 55), 1, 5)
    cv2.line(ink, (round(stems[0][1]), 55), (round(stems[-1][1]), 55), 1, 3)
    (line,) = segment(InkMap(ink, np.zeros_like(ink))).lines
    assert len(line.pieces) == 4
    for piece, (top, foot) in zip(line.pieces, stems, strict=True):
        left, _, right, _ = piece.box
        assert left < min(top, foot) <= max(top, foot) < right
        assert piece.height > 50


def test_pieces_that_touch_have_the_highest_contact_along_their_border():
    owners = np.repeat([[1, 1, 2, 2, 3, 3]], 4, axis=0).astype(np.int32)
    ink, contact = np.ones(owners.shape, np.float32), np.full(owners.shape, 0.1, np.float32)
    contact[2, 1], contact[2, 5] = 0.4, 0.6
    ink[:, 4] = 0  # the last piece touches none
    found = contacts(InkMap(ink, contact), owners, 3)
    assert found[1, 2] == found[2, 1] == np.float32(0.4)
    assert found[2, 3] == found[1, 3] == 1


def test_a_detached_bar_belongs_to_its_five(classifier):
    five = picture(5)
    five[:80] = np.roll(five[:80], -12, axis=0)  # the bar moves up, off the rest
    assert cv2.connectedComponents((five < 128).astype(np.uint8))[0] - 1 == 2
    assert classifier.predict(five).number == "5"


def test_a_picture_that_is_a_frame_is_taken_as_it_is(classifier, mnist_data):
    image = mnist_data.test.images[0]
    for pixels in (image, 255 - image):
        assert np.array_equal(classifier.predict(pixels).frame, image / np.float32(255))


@settings(max_examples=25, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 200), st.integers(1, 200)), fill=st.integers(0, 255)))
def test_any_picture_gets_a_consistent_answer(classifier, grey):
    prediction = classifier.predict(grey)
    assert prediction.number.replace("\n", "") == "".join(str(digit.digit) for digit in prediction.digits)
    assert (prediction.digit is None) == (len(prediction.digits) != 1) == (prediction.reason is not None)
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-4)
    for digit in prediction.digits:
        left, top, right, bottom = digit.box
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1


@pytest.mark.slow
def test_boxes_of_digits_in_generated_photos_are_found(classifier):
    digits = drawn_digits(200, np.random.default_rng(0))
    alphabet, kind = make_alphabet(digits, np.random.default_rng(1)), NUMBER_KINDS["wide number"]
    found = []
    for seed in range(60):
        photo = synthetic_photo(alphabet, (240, 640), np.random.default_rng(seed), kind)
        boxes = [np.array(digit.box) * [640, 240, 640, 240] for digit in classifier.predict(photo.pixels).digits]
        for character in photo.characters:
            found.append(max((intersection_over_union(box, character.box) for box in boxes), default=0) >= 0.7)
    assert np.mean(found) >= 0.95
