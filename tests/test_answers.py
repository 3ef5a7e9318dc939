import json

import numpy as np
import pytest
from PIL import Image

from model.data.corrections import load_corrections
from model.errors import DigitPadError
from model.feedback import Feedback
from model.preparation.picture import PictureError
from pad.answers import Answers
from pad.errors import RequestError
from tests.helpers.drawings import number_picture, picture
from tests.helpers.encoding import data_url, decode_data_url, png


@pytest.fixture
def answers(classifier, tmp_path):
    return Answers(classifier, Feedback(tmp_path / "feedback"))


def test_read_returns_digit_probabilities_and_frame_as_json(answers):
    answer = json.loads(json.dumps(answers.read(png(picture(2)))))
    assert (answer["number"], answer["digit"], answer["reason"]) == ("2", 2, None)
    assert len(answer["probabilities"]) == 10
    assert np.argmax(answer["probabilities"]) == 2
    assert decode_data_url(answer["frame"]).shape == (28, 28)


def test_read_of_a_blank_picture_has_no_frame(answers):
    answer = answers.read(png(np.full((9, 9), 255, np.uint8)))
    assert (answer["number"], answer["digit"], answer["reason"]) == ("", None, "blank")
    assert answer["probabilities"] == pytest.approx([0.1] * 10)
    assert answer["digits"] == []
    assert answer["frame"] is None


@pytest.mark.parametrize("number", ["42", "2026", "007"])
def test_read_returns_numbers_with_the_place_of_each_digit(answers, number):
    answer = json.loads(json.dumps(answers.read(png(number_picture(number)))))
    assert (answer["number"], answer["digit"], answer["reason"]) == (number, None, "several digits")
    middles = [(digit["box"][0] + digit["box"][2]) / 2 for digit in answer["digits"]]
    assert middles == pytest.approx([(place + 0.5) / len(number) for place in range(len(number))], abs=0.1)


def test_read_raises_picture_error_for_an_unreadable_file(answers):
    with pytest.raises(PictureError, match="not a picture"):
        answers.read(b"seven")


def test_read_photo_returns_the_picture_and_the_outline_of_its_digit(answers, tmp_path):
    Image.fromarray(picture(6, size=(900, 1200), height=0.3, place=(0.25, 0.5))).save(tmp_path / "six.png")
    answer = json.loads(json.dumps(answers.read_photo(tmp_path / "six.png")))
    assert answer["digit"] == 6
    points = np.concatenate(answer["outline"])
    assert abs(points[:, 0].mean() - 0.25) < 0.05
    assert abs(points[:, 1].mean() - 0.5) < 0.1
    assert decode_data_url(answer["picture"]).shape == (480, 640)


def test_read_photo_outlines_every_digit(answers, tmp_path):
    Image.fromarray(number_picture("42")).save(tmp_path / "number.png")
    answer = answers.read_photo(tmp_path / "number.png")
    assert answer["number"] == "42"
    points = np.concatenate(answer["outline"])
    for left, _, right, _ in (digit["box"] for digit in answer["digits"]):
        assert ((points[:, 0] > left) & (points[:, 0] < right)).sum() > 10


def test_read_photo_of_a_blank_picture_has_no_outline(answers, tmp_path):
    Image.new("RGB", (50, 40), "white").save(tmp_path / "blank.png")
    answer = answers.read_photo(tmp_path / "blank.png")
    assert answer["reason"] == "blank"
    assert answer["outline"] == []
    assert decode_data_url(answer["picture"]).shape[:2] == (40, 50)


def test_why_returns_the_digit_and_a_coloured_saliency_map(answers):
    why = answers.why(answers.read(png(picture(2)))["frame"])
    assert why["digit"] == 2
    red, _, blue = decode_data_url(why["map"])[..., :3].astype(int).transpose(2, 0, 1)
    assert (blue > red).sum() > 20


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (None, RequestError),
        (7, RequestError),
        ("", PictureError),
        ("data:x,é", RequestError),
        (data_url(b"seven"), PictureError),
        (data_url(png(np.zeros((29, 28), np.uint8))), RequestError),
    ],
)
def test_why_rejects_what_is_not_a_frame(answers, frame, error):
    with pytest.raises(error) as raised:
        answers.why(frame)
    assert (raised.value.code, raised.value.status) == ("unreadable", 422)


def correction_of(answers: Answers) -> dict:
    drawing = png(picture(1))
    return {"picture": data_url(drawing), "frame": answers.read(drawing)["frame"], "read": 7, "digit": 1}


def test_correct_stores_a_correction(answers):
    correction = correction_of(answers)
    assert answers.correct(correction) == {"kept": 1}
    images, labels = load_corrections(answers.feedback.folder)
    assert labels.tolist() == [1]
    assert np.array_equal(images[0], decode_data_url(correction["frame"]))


@pytest.mark.parametrize(
    "change",
    [
        {"digit": 10},
        {"digit": "1"},
        {"digit": True},
        {"digit": 1.0},
        {"read": True},
        {"digit": None},
        {"read": -1},
        {"picture": "x"},
        {"frame": None},
        {"frame": "x"},
    ],
)
def test_correct_rejects_invalid_values_and_stores_nothing(answers, change):
    with pytest.raises(DigitPadError) as raised:
        answers.correct(correction_of(answers) | change)
    assert raised.value.code == "unreadable"
    assert not answers.feedback.folder.exists()


@pytest.mark.parametrize("correction", [None, [], "x", {}])
def test_correct_rejects_what_is_not_a_correction(answers, correction):
    with pytest.raises(RequestError, match="not in the form"):
        answers.correct(correction)
    assert not answers.feedback.folder.exists()
