import json
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

import model
from model import strokes
from model.recipes import RECIPES
from tests.conftest import ROOT, running_app
from tests.drawings import picture


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
