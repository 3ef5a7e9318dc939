import base64
import io
import json
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

import app
import model
from model import strokes
from model.recipes import RECIPES
from tests.conftest import ROOT, running_app
from tests.drawings import picture


def data_url(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def test_answer_of_a_digit(classifier):
    answer = json.loads(json.dumps(app.answer_to(classifier.predict(picture(2)))))
    assert answer["digit"] == 2
    assert answer["reason"] is None
    assert len(answer["probabilities"]) == 10
    assert np.argmax(answer["probabilities"]) == 2
    with Image.open(io.BytesIO(base64.b64decode(answer["frame"].partition(",")[2]))) as frame:
        assert frame.size == (28, 28)


def test_answer_of_a_blank_page(classifier):
    answer = app.answer_to(classifier.predict(np.full((9, 9), 255, np.uint8)))
    assert answer == {"digit": None, "reason": "blank", "probabilities": pytest.approx([0.1] * 10), "frame": None}


@pytest.fixture(scope="module")
def read(classifier):
    return app.drawing_reader(classifier)


def test_a_drawing_is_read(read):
    assert read(data_url(Image.fromarray(picture(9))))["digit"] == 9


@pytest.mark.parametrize(
    "drawing",
    [None, 7, "", "seven", "data:image/png;base64,", "data:image/png;base64,c2V2ZW4=", "data:x,é", "x" * 500_000],
)
def test_a_drawing_that_cannot_be_read_is_said(read, drawing):
    assert "cannot be read" in read(drawing)["error"]


def test_the_heat_map_is_a_frame_in_colours(classifier):
    frame = app.answer_to(classifier.predict(picture(2)))["frame"]
    why = app.explainer(classifier)(frame)
    assert why["digit"] == 2
    with Image.open(io.BytesIO(base64.b64decode(why["map"].partition(",")[2]))) as coloured:
        red, _, blue = np.asarray(coloured.convert("RGB"), int).transpose(2, 0, 1)
    assert (blue > red).sum() > 20


@pytest.mark.parametrize("frame", [None, "", "data:image/png;base64,c2V2ZW4=", data_url(Image.new("L", (29, 28)))])
def test_a_frame_that_cannot_be_explained_is_said(classifier, frame):
    assert "This frame" in app.explainer(classifier)(frame)["error"]


def test_a_photo_comes_back_with_its_ink_outlined(classifier, tmp_path):
    Image.fromarray(picture(6, size=(900, 1200), height=0.3, place=(0.25, 0.5))).save(tmp_path / "six.png")
    answer = json.loads(json.dumps(app.answer_to_photo(classifier, tmp_path / "six.png")))
    assert answer["digit"] == 6
    edges = np.concatenate(answer["outline"])
    assert abs(edges[:, 0].mean() - 0.25) < 0.05
    assert abs(edges[:, 1].mean() - 0.5) < 0.1
    with Image.open(io.BytesIO(base64.b64decode(answer["picture"].partition(",")[2]))) as shown:
        assert shown.size == (640, 480)


def test_start_is_quiet(server):
    assert "tensorflow" not in server.log().lower()
    assert "onednn" not in server.log().lower()


def test_api(server, tmp_path):
    Image.fromarray(picture(4)).save(tmp_path / "four.png")
    client = Client(server.url, verbose=False)
    answer = client.predict(image=handle_file(tmp_path / "four.png"), api_name="/predict")
    assert answer["digit"] == 4
    assert answer["reason"] is None
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)

    letter = strokes.ink(strokes.parse("22,5 22,95 | 78,5 78,95 | 22,50 78,50"), 14)
    Image.fromarray((255 * (1 - letter)).astype(np.uint8)).save(tmp_path / "h.png")
    answer = client.predict(image=handle_file(tmp_path / "h.png"), api_name="/predict")
    assert answer["digit"] is None
    assert answer["reason"] == "not a digit"
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)

    (tmp_path / "text.png").write_text("four")
    with pytest.raises(Exception, match="not a picture that can be read"):
        client.predict(image=handle_file(tmp_path / "text.png"), api_name="/predict")
    assert "Traceback" not in server.log()
    client.close()


def test_only_the_documented_endpoint_is_public(server):
    with urllib.request.urlopen(f"{server.url}/gradio_api/info") as response:
        assert list(json.load(response)["named_endpoints"]) == ["/predict"]


def test_another_network_is_served(tmp_path):
    RECIPES["small-5x5"].network().save(tmp_path / "small.keras")
    Image.fromarray(picture(4)).save(tmp_path / "four.png")
    with running_app(tmp_path, "--network", str(tmp_path / "small.keras")) as server:
        client = Client(server.url, verbose=False)
        answer = client.predict(image=handle_file(tmp_path / "four.png"), api_name="/predict")
        client.close()
    expected = model.load_classifier(tmp_path / "small.keras").predict(tmp_path / "four.png")
    assert answer["probabilities"] == pytest.approx(expected.probabilities.tolist(), abs=1e-5)


def test_a_missing_network_is_one_sentence():
    command = [sys.executable, "app.py", "--network", "none.keras"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 2
    assert result.stderr == "app.py: There is no network file none.keras; python train.py makes one.\n"
