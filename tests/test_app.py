import html.parser
import json
import os
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
from gradio_client import Client, handle_file
from huggingface_hub import CommitScheduler, HfApi, RepoUrl
from PIL import Image

import app
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


class Head(html.parser.HTMLParser):
    """The tags of a page's head that tell others what it is: property or name to content."""

    def __init__(self, page: str):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        tag_of = dict(attributes)
        if tag == "meta" and "content" in tag_of:
            self.tags.append((tag_of.get("property", tag_of.get("name")), tag_of["content"]))


def test_links_to_the_page_have_a_preview(server):
    request = urllib.request.Request(
        server.url, headers={"x-forwarded-host": "pad.example", "x-forwarded-proto": "https"}
    )
    with urllib.request.urlopen(request) as response:
        page = response.read().decode()
    tags = dict(Head(page).tags)
    assert len(tags) == len(Head(page).tags)
    assert "<title>Digit pad</title>" in page
    assert tags["og:title"] == "Digit pad"
    assert tags["og:description"] == tags["description"]
    assert "photo of one" in tags["description"]
    assert tags["og:url"] == "https://pad.example"
    assert tags["og:image"].startswith("https://pad.example/")
    with urllib.request.urlopen(server.url + tags["og:image"].removeprefix("https://pad.example")) as response:
        assert response.headers["content-type"] == "image/png"
        with Image.open(response) as preview:
            assert preview.width >= 1200


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


def test_corrections_go_to_a_dataset_where_one_is_named(tmp_path, monkeypatch):
    pushed = []

    def create_commit(api, *, repo_id, operations, **options):
        pushed.append((repo_id, sorted(operation.path_in_repo.split("/", 1)[1] for operation in operations)))

    monkeypatch.setattr(HfApi, "create_repo", lambda api, repo_id, **options: RepoUrl(f"datasets/{repo_id}"))
    monkeypatch.setattr(HfApi, "create_commit", create_commit)
    monkeypatch.setenv("FEEDBACK_DATASET", "somebody/digits")
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as scope:
        schedulers = []
        scope.setattr(
            app, "CommitScheduler", lambda **options: schedulers.append(CommitScheduler(**options)) or schedulers[0]
        )
        feedback = app.feedback_kept()
    feedback.keep(b"a picture", ".png", np.zeros((28, 28), np.uint8), read=7, digit=1)
    schedulers[0].trigger().result()
    schedulers[0].stop()
    ((dataset, files),) = pushed
    assert dataset == "somebody/digits"
    assert sorted(file.split(".", 1)[1] for file in files) == ["csv", "frame.png", "png"]


def test_a_dataset_that_cannot_be_used_is_one_sentence(tmp_path):
    environment = os.environ | {"FEEDBACK_DATASET": "no/such/name"}
    command = [sys.executable, ROOT / "app.py"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert result.returncode == 2
    assert result.stderr.startswith("app.py: Corrections cannot go to the dataset no/such/name: ")
    assert "Traceback" not in result.stderr
