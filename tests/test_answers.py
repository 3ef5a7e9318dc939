import json

import numpy as np
import pytest

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
    return Answers(classifier, Feedback(tmp_path / "feedback", 100))


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


def test_read_returns_probabilities_frame_and_outline_of_each_digit(answers):
    answer = json.loads(json.dumps(answers.read(png(number_picture("42")))))
    for digit, expected in zip(answer["digits"], (4, 2), strict=True):
        assert digit["digit"] == np.argmax(digit["probabilities"]) == expected
        assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-5)
        assert answers.why(digit["frame"])["digit"] == expected
        points, (left, top, right, bottom) = np.concatenate(digit["outline"]), digit["box"]
        assert points.min(axis=0) == pytest.approx([left, top], abs=0.03)
        assert points.max(axis=0) == pytest.approx([right, bottom], abs=0.03)


def test_read_returns_the_marks_that_are_not_digits(answers):
    height, plus = 120, (320, 70, 400, 150)
    sum_of_two = np.full((200, 720), 255, np.uint8)
    for place, digit in ((130, 4), (580, 2)):
        one = picture(digit, size=sum_of_two.shape, place=(place / 720, 0.5), height=height / 200)
        sum_of_two = np.minimum(sum_of_two, one)
    left, top, right, bottom = plus
    sum_of_two[105:117, left:right] = sum_of_two[top:bottom, 354:366] = 0
    answer = json.loads(json.dumps(answers.read(png(sum_of_two))))
    assert answer["number"] == "42"
    (mark,) = answer["rejected"]
    assert np.multiply(mark["box"], [720, 200, 720, 200]) == pytest.approx(plus, abs=10)
    assert decode_data_url(mark["frame"]).shape == (28, 28)
    assert sum(mark["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_preview_returns_the_picture_upright_as_well(answers):
    answer = json.loads(json.dumps(answers.preview(png(picture(6, size=(900, 1200), height=0.3, place=(0.25, 0.5))))))
    assert answer["digit"] == 6
    points = np.concatenate(answer["digits"][0]["outline"])
    assert abs(points[:, 0].mean() - 0.25) < 0.05
    assert abs(points[:, 1].mean() - 0.5) < 0.1
    assert decode_data_url(answer["picture"]).shape == (480, 640)


def test_why_returns_the_digit_and_a_coloured_saliency_map(answers):
    frame = answers.read(png(picture(2)))["frame"]
    why = answers.why(frame)
    assert why["digit"] == 2
    red, _, blue, opacity = decode_data_url(why["map"]).astype(int).transpose(2, 0, 1)
    assert ((blue > red) & (opacity > 127)).sum() > 20
    ink = decode_data_url(frame)
    assert np.array_equal(opacity, ink)
    left, top, right, bottom = why["ink"]
    outside = ink.copy()
    outside[top:bottom, left:right] = 0
    assert outside.max() < 128 < ink[top:bottom, left:right].max()


def test_inside_returns_what_each_convolution_makes_of_a_frame(answers):
    layers = {digit: answers.inside(answers.read(png(picture(digit)))["frame"])["layers"] for digit in (2, 7)}
    assert [(layer["filters"], layer["side"]) for layer in layers[2]] == [
        *((16, 28), (48, 14), (64, 14), (128, 7), (128, 7), (128, 7)),
    ]
    for of_two, of_seven in zip(layers[2], layers[7], strict=True):
        assert decode_data_url(of_two["tiles"]).std() > 10
        assert of_two["tiles"] != of_seven["tiles"]


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (None, RequestError),
        (7, RequestError),
        ("", RequestError),
        ("data:x,é", RequestError),
        (data_url(b"seven"), RequestError),
        (data_url(png(np.zeros((29, 28), np.uint8))), RequestError),
    ],
)
@pytest.mark.parametrize("method", ["why", "inside"])
def test_what_is_not_a_frame_is_rejected(answers, frame, error, method):
    with pytest.raises(error) as raised:
        getattr(answers, method)(frame)
    assert (raised.value.code, raised.value.status) == ("unreadable", 422)


NUMBER = png(number_picture("42"))


def correction_of(answers: Answers, place: int = 0) -> dict:
    """Return a correction of one digit of NUMBER."""
    box = answers.read(NUMBER)["digits"][place]["box"]
    return {"picture": data_url(NUMBER), "box": box, "read": 7, "digit": 1}


def stored(answers: Answers, name: str) -> dict:
    return json.loads((answers.feedback.folder / f"{name}.json").read_text())


@pytest.mark.parametrize("place", [0, 1])
def test_correct_stores_the_frame_of_the_character_in_the_box(answers, place):
    answers.correct(correction_of(answers, place) | {"frame": data_url(png(np.zeros((28, 28), np.uint8)))})
    images, labels = load_corrections(answers.feedback.folder)
    assert labels.tolist() == [1]
    assert np.array_equal(images[0], decode_data_url(answers.read(NUMBER)["digits"][place]["frame"]))


def test_correct_stores_what_was_answered_and_chosen(answers):
    correction = correction_of(answers) | {"read": None, "digit": None}
    kept = stored(answers, answers.correct(correction)["name"])
    assert (kept["read"], kept["digit"]) == (None, None)


def test_correct_needs_no_box_if_there_is_one_character(answers):
    answers.correct({"picture": data_url(png(picture(1))), "read": 7, "digit": 1})
    assert load_corrections(answers.feedback.folder).labels.tolist() == [1]


@pytest.mark.parametrize(
    "change",
    [
        {"box": None},
        {"box": [0, 0, 1, 1]},
        {"box": [0.9, 0.9, 1, 1]},
        {"picture": data_url(png(np.full((9, 9), 255, np.uint8)))},
    ],
    ids=["which of two", "both", "paper", "blank"],
)
def test_correct_rejects_what_is_not_about_a_character(answers, change):
    with pytest.raises(RequestError, match="no such character") as raised:
        answers.correct(correction_of(answers) | change)
    assert (raised.value.code, raised.value.status) == ("not_kept", 422)
    assert not answers.feedback.folder.exists()


def test_correct_keeps_nothing_but_the_decoded_picture(answers):
    correction = correction_of(answers) | {"picture": data_url(NUMBER + b"hidden" * 80_000)}
    name = answers.correct(correction)["name"]
    assert np.array_equal(decode_data_url(stored(answers, name)["picture"]), number_picture("42"))
    assert (answers.feedback.folder / f"{name}.json").stat().st_size < 30_000


def test_correct_keeps_colours_and_shrinks_large_pictures(answers):
    photo = np.dstack([picture(4, size=(900, 1200))] * 2 + [np.full((900, 1200), 255, np.uint8)])
    name = answers.correct({"picture": data_url(png(photo)), "read": 7, "digit": 4})["name"]
    kept = decode_data_url(stored(answers, name)["picture"])
    assert kept.shape == (480, 640, 3)
    assert kept[0, 0] == pytest.approx([255, 255, 255], abs=3)
    assert kept[..., 0].min() < 50 < 150 < kept[..., 2].min(), "blue ink"


def test_withdraw_deletes_one_correction(answers):
    first, second = (answers.correct(correction_of(answers) | {"digit": digit})["name"] for digit in (1, 2))
    assert answers.withdraw(first) == {"withdrawn": first}
    assert load_corrections(answers.feedback.folder).labels.tolist() == [2]
    assert [file.stem for file in answers.feedback.folder.iterdir()] == [second]
    with pytest.raises(RequestError, match="no such correction"):
        answers.withdraw(first)


@pytest.mark.parametrize("name", [None, 7, "", "name", "corrections", "*", "0" * 16, "../" + "0" * 16, []])
def test_withdraw_rejects_what_is_not_a_name(answers, name):
    answers.correct(correction_of(answers))
    files = sorted(answers.feedback.folder.iterdir())
    with pytest.raises(RequestError, match="no such correction"):
        answers.withdraw(name)
    assert sorted(answers.feedback.folder.iterdir()) == files


@pytest.mark.parametrize(
    "change",
    [
        {"digit": 10},
        {"digit": "1"},
        {"digit": True},
        {"digit": 1.0},
        {"read": True},
        {"read": -1},
        {"picture": "x"},
        {"picture": None},
        {"box": "x"},
        {"box": {}},
        {"box": [0, 0, 1]},
        {"box": [0, 0, 1, None]},
        {"box": [0, 0, 1, True]},
        {"box": [0, 0, 1, float("nan")]},
        {"box": [0, 0, 1, 10**400]},
        {"box": [0.5, 0, 0.5, 1]},
        {"box": [0, 1, 1, 0]},
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
