import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from model import PictureError
from model.feedback import Feedback, read_feedback
from pad.answers import Answers
from tests.drawings import picture


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def data_url(encoded: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(encoded).decode()


def pixels_of(url: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image)


@pytest.fixture
def answers(classifier, tmp_path):
    return Answers(classifier, Feedback(tmp_path / "feedback"))


def test_answer_of_a_digit(answers):
    answer = json.loads(json.dumps(answers.read(png(picture(2)))))
    assert answer["digit"] == 2
    assert answer["reason"] is None
    assert len(answer["probabilities"]) == 10
    assert np.argmax(answer["probabilities"]) == 2
    assert pixels_of(answer["frame"]).shape == (28, 28)


def test_answer_of_a_blank_page(answers):
    answer = answers.read(png(np.full((9, 9), 255, np.uint8)))
    assert answer == {"digit": None, "reason": "blank", "probabilities": pytest.approx([0.1] * 10), "frame": None}


def test_the_heat_map_is_a_frame_in_colours(answers):
    why = answers.why(answers.read(png(picture(2)))["frame"])
    assert why["digit"] == 2
    red, _, blue = pixels_of(why["map"])[..., :3].astype(int).transpose(2, 0, 1)
    assert (blue > red).sum() > 20


@pytest.mark.parametrize(
    "frame", [None, 7, "", "data:x,é", data_url(b"seven"), data_url(png(np.zeros((29, 28), np.uint8)))]
)
def test_a_frame_that_cannot_be_explained_is_said(answers, frame):
    with pytest.raises(PictureError) as error:
        answers.why(frame)
    assert error.value.code == "unreadable"


def test_a_photo_comes_back_with_its_ink_outlined(answers, tmp_path):
    Image.fromarray(picture(6, size=(900, 1200), height=0.3, place=(0.25, 0.5))).save(tmp_path / "six.png")
    answer = json.loads(json.dumps(answers.read_photo(tmp_path / "six.png")))
    assert answer["digit"] == 6
    edges = np.concatenate(answer["outline"])
    assert abs(edges[:, 0].mean() - 0.25) < 0.05
    assert abs(edges[:, 1].mean() - 0.5) < 0.1
    assert pixels_of(answer["picture"]).shape == (480, 640)


def test_a_correction_is_kept(answers):
    drawing = png(picture(1))
    frame = answers.read(drawing)["frame"]
    assert answers.correct({"picture": data_url(drawing), "frame": frame, "read": 7, "digit": 1}) == {"kept": 1}
    images, labels = read_feedback(answers.feedback.folder)
    assert labels.tolist() == [1]
    assert np.array_equal(images[0], pixels_of(frame))


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
def test_a_correction_that_cannot_be_read_is_said_and_not_kept(answers, change):
    drawing = png(picture(1))
    whole = {"picture": data_url(drawing), "frame": answers.read(drawing)["frame"], "read": 7, "digit": 1}
    for correction in (whole | change, None, []):
        with pytest.raises(PictureError) as error:
            answers.correct(correction)
        assert error.value.code == "unreadable"
    assert not answers.feedback.folder.exists()
