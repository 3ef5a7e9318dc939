import numpy as np
import pytest
from PIL import Image

import model
from tests.drawings import picture


@pytest.fixture
def six(tmp_path):
    Image.fromarray(picture(6)).save(tmp_path / "six.png")
    return tmp_path / "six.png"


def test_predict_digit(six):
    assert model.predict_digit(six) == 6
    assert model.predict_digit(np.full((9, 9), 255, np.uint8)) is None


def test_display_prediction(six, tmp_path):
    figure = model.display_prediction(six, save=tmp_path / "answer.png")
    shown, seen, bars = figure.axes
    assert shown.get_title() == "6"
    assert seen.images[0].get_array().shape == (28, 28)
    assert [bar.get_width() for bar in bars.patches].index(max(bar.get_width() for bar in bars.patches)) == 6
    with Image.open(tmp_path / "answer.png") as saved:
        assert saved.size == (900, 300)


def test_display_of_a_blank_page():
    assert model.display_prediction(np.full((9, 9), 255, np.uint8)).axes[0].get_title() == "nothing drawn"
