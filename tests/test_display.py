import numpy as np
import pytest
from PIL import Image

import model
from model.display import describe
from tests.helpers.drawings import number_picture, picture

BLANK = np.full((9, 9), 255, np.uint8)


@pytest.fixture
def six(tmp_path):
    Image.fromarray(picture(6)).save(tmp_path / "six.png")
    return tmp_path / "six.png"


def test_predict_digit_returns_the_digit(six):
    assert model.predict_digit(six) == 6


def test_predict_digit_returns_none_for_blank_pictures():
    assert model.predict_digit(BLANK) is None


def test_predict_digit_returns_none_for_several_digits():
    assert model.predict_digit(number_picture("42")) is None


@pytest.mark.parametrize("number", ["6", "42", "2026", "007", "42\n07"])
def test_predict_number_returns_all_digits_in_reading_order(number):
    assert model.predict_number(number_picture(number)) == number


def test_predict_number_is_empty_for_blank_pictures():
    assert model.predict_number(BLANK) == ""


def test_display_prediction_plots_and_saves_picture_frame_and_probabilities(six, tmp_path):
    figure = model.display_prediction(six, save=tmp_path / "answer.png")
    shown, seen, bars = figure.axes
    assert shown.get_title() == "6"
    assert seen.images[0].get_array().shape == (28, 28)
    assert np.argmax([bar.get_width() for bar in bars.patches]) == 6
    with Image.open(tmp_path / "answer.png") as saved:
        assert saved.size == (900, 300)


def test_display_prediction_shows_a_number_as_the_title():
    shown, seen, _ = model.display_prediction(number_picture("42")).axes
    assert shown.get_title() == "42"
    assert seen.images[0].get_array().shape == (28, 28)


def test_display_prediction_of_a_blank_picture_has_no_frame():
    shown, seen, _ = model.display_prediction(BLANK).axes
    assert shown.get_title() == "nothing drawn"
    assert not seen.images


@pytest.mark.parametrize(
    ("number", "reason", "text"),
    [
        ("4", None, "4"),
        ("4\n2", "several digits", "4\n2"),
        ("", "blank", "nothing drawn"),
        ("", "not a digit", "not a digit"),
    ],
)
def test_describe_returns_the_number_or_the_reason(number, reason, text):
    assert describe(number, reason) == text
