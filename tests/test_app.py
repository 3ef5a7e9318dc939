import concurrent.futures
import html.parser
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
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


def test_start_is_quiet(tmp_path):
    with running_app(tmp_path) as server:
        time.sleep(3)  # and what it does in the background
    lines = [line for line in server.log().splitlines() if line]
    assert [line for line in lines if not line.startswith(("* ", "🔨 Launching MCP server", "{"))] == []


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
    sentence = refusal("--network", "none.keras")
    assert sentence == "app.py: There is no network file none.keras; python train.py makes one.\n"


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
        feedback = app.make_feedback()
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


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    "path",
    [
        *(f"gradio_api/file={path}" for path in ("/etc/passwd", "app.py", ROOT / "app.py", ROOT / "requirements.txt")),
        f"gradio_api/file={ROOT}/examples/../app.py",
        f"gradio_api/file={ROOT}/examples/%2e%2e/app.py",
        "gradio_api/file=../app.py",
        "gradio_api/file=..%2fapp.py",
        "gradio_api/file/etc/passwd",
        "static/../../../../../../etc/passwd",
        "static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "assets/..%2f..%2f..%2fapp.py",
        "gradio_api/proxy=http://127.0.0.1:1/",
        "monitoring",
        "monitoring/summary",
    ],
)
def test_nothing_but_the_apps_own_files_can_be_fetched(server, path):
    assert status_of(f"{server.url}/{path}") in (400, 401, 403, 404, 405)


def test_the_api_opens_nothing_that_was_not_uploaded(tmp_path):
    Image.fromarray(picture(4)).save(tmp_path / "four.png")
    (tmp_path / "secret.txt").write_text("secret")
    with running_app(tmp_path) as server:
        (uploads,) = (tmp_path / "temporary").glob("digit-pad-*")
        for path in (uploads, uploads / ("a" * 5000)):
            assert "cannot be opened" in error_of(server, {"path": str(path)})
        assert "not uploaded" in error_of(server, {"path": f"{uploads}/a\0b"})
        assert "Traceback" not in server.log()
        for path in (tmp_path / "four.png", tmp_path / "secret.txt", "../../etc/passwd"):
            for says_it_is_a_file in ({"meta": {"_type": "gradio.FileData"}}, {}):
                assert "not uploaded" in error_of(server, {"path": str(path)} | says_it_is_a_file)
    assert (tmp_path / "secret.txt").read_text() == "secret"


def error_of(server, image: dict) -> str:
    """What the named API answers to an image that it refuses."""
    call = f"{server.url}/gradio_api/call/predict"
    asked = json.dumps({"data": [image]}).encode()
    with urllib.request.urlopen(urllib.request.Request(call, asked, {"content-type": "application/json"})) as response:
        event = json.load(response)["event_id"]
    with urllib.request.urlopen(f"{call}/{event}") as response:
        kind, answer = response.read().decode().split("\n", 1)
    assert kind == "event: error"
    return answer


def test_its_own_files_can_be_fetched(server):
    assert status_of(f"{server.url}/gradio_api/file={ROOT}/examples/shadow.jpg") == 200


@pytest.mark.parametrize("path", ["healthz", "readyz"])
def test_it_says_that_it_is_well(server, path):
    assert status_of(f"{server.url}/{path}") == 200


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_it_ends_in_order(tmp_path):
    with running_app(tmp_path) as server:

        def read() -> int:
            request = urllib.request.Request(f"{server.url}/read", (ROOT / "examples" / "shadow.jpg").read_bytes())
            with urllib.request.urlopen(request) as response:
                return json.load(response)["digit"]

        assert read() == 5
        # A page that stays open, as a visitor's does, and readers in flight.
        open_page = urllib.request.urlopen(f"{server.url}/gradio_api/heartbeat/visitor")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            reading = [pool.submit(read) for _ in range(4)]
            time.sleep(0.05)
            begun = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(10) == 0
            assert time.monotonic() - begun < 5
            assert [each.result() for each in reading] == [5] * 4
        open_page.close()
    assert "Traceback" not in server.log()


def refusal(*arguments: str, **variables: str) -> str:
    """What app.py says on its way out with exit status 2."""
    environment = os.environ | variables
    command = [sys.executable, "app.py", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_port_in_use_is_one_sentence(server):
    port = server.url.rpartition(":")[2]
    for sentence in (refusal("--port", port), refusal(GRADIO_SERVER_PORT=port)):
        assert sentence.startswith(f"app.py: The page cannot be served at 127.0.0.1, port {port}: ")
        assert sentence.endswith("Address already in use.\n")


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("203.0.113.5", "7860"),
        ("nosuch.invalid", "7860"),
        ("no..such", "7860"),
        ("127.0.0.1", "99999"),
        ("127.0.0.1", "-1"),
    ],
)
def test_an_address_that_cannot_be_listened_on_is_one_sentence(host, port):
    sentence = refusal("--host", host, "--port", port)
    assert sentence.startswith(f"app.py: The page cannot be served at {host}, port {port}: ")
    assert sentence.endswith(".\n")


def test_a_damaged_network_is_one_sentence(tmp_path):
    (tmp_path / "digits.keras").write_text("no network")
    assert "is not a network" in refusal(DIGITS_NETWORK=str(tmp_path / "digits.keras"))


def test_help_names_the_environment_variables():
    text = subprocess.run([sys.executable, "app.py", "--help"], capture_output=True, text=True, cwd=ROOT).stdout
    for option in ("--host", "--port", "--share", "--network", "--log-level"):
        assert option in text
    for variable in ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "GRADIO_SHARE", "DIGITS_NETWORK", "DIGITS_LOG_LEVEL"):
        assert variable in text
