import numpy as np
import pytest
from PIL import Image

import model
from model.display import describe
from tests.helpers.drawings import picture

BLANK = np.full((9, 9), 255, np.uint8)


@pytest.fixture
def six(tmp_path):
    Image.fromarray(picture(6)).save(tmp_path / "six.png")
    return tmp_path / "six.png"


def test_predict_digit_returns_the_digit(six):
    assert model.predict_digit(six) == 6


def test_predict_digit_returns_none_for_blank_pictures():
    assert model.predict_digit(BLANK) is None


def test_display_prediction_plots_and_saves_picture_frame_and_probabilities(six, tmp_path):
    figure = model.display_prediction(six, save=tmp_path / "answer.png")
    shown, seen, bars = figure.axes
    assert shown.get_title() == "6"
    assert seen.images[0].get_array().shape == (28, 28)
    assert np.argmax([bar.get_width() for bar in bars.patches]) == 6
    with Image.open(tmp_path / "answer.png") as saved:
        assert saved.size == (900, 300)


def test_display_prediction_of_a_blank_picture_has_no_frame():
    shown, seen, _ = model.display_prediction(BLANK).axes
    assert shown.get_title() == "nothing drawn"
    assert not seen.images


@pytest.mark.parametrize(
    ("digit", "reason", "text"),
    [(4, None, "4"), (None, "blank", "nothing drawn"), (None, "not a digit", "not a digit")],
)
def test_describe_returns_the_digit_or_the_reason(digit, reason, text):
    assert describe(digit, reason) == text
