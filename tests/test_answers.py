import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from model.feedback import Feedback, read_feedback
from pad.answers import Answers
from tests.drawings import picture


def data_url(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


@pytest.fixture
def answers(classifier, tmp_path):
    return Answers(classifier, Feedback(tmp_path / "feedback"))


def test_answer_of_a_digit(answers):
    answer = json.loads(json.dumps(answers.read(data_url(Image.fromarray(picture(2))))))
    assert answer["digit"] == 2
    assert answer["reason"] is None
    assert len(answer["probabilities"]) == 10
    assert np.argmax(answer["probabilities"]) == 2
    with Image.open(io.BytesIO(base64.b64decode(answer["frame"].partition(",")[2]))) as frame:
        assert frame.size == (28, 28)


def test_answer_of_a_blank_page(answers):
    answer = answers.read(data_url(Image.new("L", (9, 9), 255)))
    assert answer == {"digit": None, "reason": "blank", "probabilities": pytest.approx([0.1] * 10), "frame": None}


@pytest.mark.parametrize(
    "drawing",
    [None, 7, "", "seven", "data:image/png;base64,", "data:image/png;base64,c2V2ZW4=", "data:x,é", "x" * 2_000_000],
)
def test_a_drawing_that_cannot_be_read_is_said(answers, drawing):
    assert "cannot be read" in answers.read(drawing)["error"]


def test_the_heat_map_is_a_frame_in_colours(answers):
    frame = answers.read(data_url(Image.fromarray(picture(2))))["frame"]
    why = answers.why(frame)
    assert why["digit"] == 2
    with Image.open(io.BytesIO(base64.b64decode(why["map"].partition(",")[2]))) as coloured:
        red, _, blue = np.asarray(coloured.convert("RGB"), int).transpose(2, 0, 1)
    assert (blue > red).sum() > 20


@pytest.mark.parametrize("frame", [None, "", "data:image/png;base64,c2V2ZW4=", data_url(Image.new("L", (29, 28)))])
def test_a_frame_that_cannot_be_explained_is_said(answers, frame):
    assert "This frame" in answers.why(frame)["error"]


def test_a_photo_comes_back_with_its_ink_outlined(answers, tmp_path):
    Image.fromarray(picture(6, size=(900, 1200), height=0.3, place=(0.25, 0.5))).save(tmp_path / "six.png")
    answer = json.loads(json.dumps(answers.read_photo(tmp_path / "six.png")))
    assert answer["digit"] == 6
    edges = np.concatenate(answer["outline"])
    assert abs(edges[:, 0].mean() - 0.25) < 0.05
    assert abs(edges[:, 1].mean() - 0.5) < 0.1
    with Image.open(io.BytesIO(base64.b64decode(answer["picture"].partition(",")[2]))) as shown:
        assert shown.size == (640, 480)


def test_a_photo_that_cannot_be_read_is_said(answers, tmp_path):
    (tmp_path / "six.png").write_text("six")
    assert "not a picture" in answers.read_photo(tmp_path / "six.png")["error"]


def test_a_correction_is_kept(answers):
    drawing = data_url(Image.fromarray(picture(1)))
    frame = answers.read(drawing)["frame"]
    assert answers.correct({"picture": drawing, "frame": frame, "read": 7, "digit": 1}) == {"kept": 1}
    images, labels = read_feedback(answers.feedback.folder)
    assert labels.tolist() == [1]
    assert data_url(Image.fromarray(images[0])) != drawing
    with Image.open(io.BytesIO(base64.b64decode(frame.partition(",")[2]))) as seen:
        assert np.array_equal(images[0], np.asarray(seen))


@pytest.mark.parametrize(
    "change",
    [{"digit": 10}, {"digit": "1"}, {"digit": None}, {"read": -1}, {"picture": "x"}, {"frame": None}, {"frame": "x"}],
)
def test_a_correction_that_cannot_be_read_is_said_and_not_kept(answers, change):
    drawing = data_url(Image.fromarray(picture(1)))
    whole = {"picture": drawing, "frame": answers.read(drawing)["frame"], "read": 7, "digit": 1}
    assert "cannot be read" in answers.correct(whole | change)["error"]
    assert "error" in answers.correct(None)
    assert not answers.feedback.folder.exists()


def test_a_correction_that_cannot_be_kept_is_said(answers):
    answers.feedback.folder.write_text("a file where the folder is to be")
    drawing = data_url(Image.fromarray(picture(1)))
    whole = {"picture": drawing, "frame": answers.read(drawing)["frame"], "read": None, "digit": 1}
    assert "could not be kept" in answers.correct(whole)["error"]
