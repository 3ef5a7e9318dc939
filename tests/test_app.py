"""The app as its user starts it, and its start-up in this process."""

import concurrent.futures
import contextlib
import gzip
import html.parser
import json
import logging
import os
import pathlib
import re
import signal
import socket
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
from model.data import strokes
from pad import MESSAGES
from pad.routes import KNOWN_DIGIT, KNOWN_PICTURE
from tests.helpers import ROOT
from tests.helpers.drawings import number_picture, picture
from tests.helpers.servers import running_app

#: Stands for the package that Spaces with ZeroGPU have: notes in a file that a function was declared.
SPACES = """
import pathlib

def GPU(function):
    pathlib.Path("declared").write_text(function.__name__)
    return function
"""

#: Runs the app with a reader that takes a minute.
STUCK = """
import sys
import time

import app

sys.argv[1:] = sys.argv[3:]
app.Answers.read = lambda self, picture: time.sleep(60)
sys.exit(app.main())
"""


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def test_api_answers_pictures(server, tmp_path):
    Image.fromarray(picture(4)).save(tmp_path / "four.png")
    client = Client(server.url, verbose=False)
    answer = client.predict(image=handle_file(tmp_path / "four.png"), api_name="/predict")
    assert answer["digit"] == 4
    assert answer["reason"] is None
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)

    Image.fromarray(number_picture("42")).save(tmp_path / "number.png")
    answer = client.predict(image=handle_file(tmp_path / "number.png"), api_name="/predict")
    assert (answer["number"], answer["digit"], answer["reason"]) == ("42", None, "several digits")

    letter = strokes.render(strokes.parse("22,5 22,95 | 78,5 78,95 | 22,50 78,50"), 14)
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


def test_predict_is_the_only_public_endpoint(server):
    with urllib.request.urlopen(f"{server.url}/gradio_api/info") as response:
        assert list(json.load(response)["named_endpoints"]) == ["/predict"]


class Head(html.parser.HTMLParser):
    """The meta tags of a page, as pairs of property or name and content."""

    def __init__(self, page: str):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        tag_of = dict(attributes)
        if tag == "meta" and "content" in tag_of:
            self.tags.append((tag_of.get("property", tag_of.get("name")), tag_of["content"]))


@pytest.mark.slow
def test_page_has_link_preview_tags_and_their_picture(tmp_path):
    with running_app(tmp_path, DIGITS_TRUSTED_PROXIES="1", GRADIO_SERVER_NAME="0.0.0.0") as server:
        check_link_preview_tags(server)


def check_link_preview_tags(server):
    forwarded = {"x-forwarded-host": "pad.example", "x-forwarded-proto": "https"}
    with urllib.request.urlopen(urllib.request.Request(server.url, headers=forwarded)) as response:
        page = response.read().decode()
    tags = dict(Head(page).tags)
    assert len(tags) == len(Head(page).tags)
    assert f"<title>{MESSAGES['en']['document_title']}</title>" in page
    assert page.count('rel="manifest"') == 1
    assert tags["og:title"] == MESSAGES["en"]["document_title"]
    assert tags["og:description"] == tags["description"] == MESSAGES["en"]["lead"]
    assert tags["og:url"] == "https://pad.example"
    assert tags["og:image"].startswith("https://pad.example/")
    with urllib.request.urlopen(server.url + tags["og:image"].removeprefix("https://pad.example")) as response:
        assert response.headers["content-type"] == "image/png"
        with Image.open(response) as preview:
            assert preview.size == (1200, 630)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("de-AT,de;q=0.9,en;q=0.8", "de"), ("zh-TW", "zh-CN"), ("it,fr;q=0.5", "en"), ("*", "en"), ("", "en")],
)
def test_document_is_in_the_visitors_language(server, accepted, language):
    request = urllib.request.Request(server.url, headers={"accept-language": accepted})
    with urllib.request.urlopen(request) as response:
        page = response.read().decode()
    assert re.search(r'<html[^>]*\slang="(.*?)"', page)[1] == language
    tags = dict(Head(page).tags)
    assert tags["og:title"] == MESSAGES[language]["document_title"]
    assert tags["og:description"] == MESSAGES[language]["lead"]
    assert tags["og:image"].endswith(f"/{language}.png")


def test_page_has_an_icon_and_a_manifest_of_its_own(server):
    with urllib.request.urlopen(f"{server.url}/pad/manifest.json") as response:
        manifest = json.load(response)
    assert manifest["name"] == MESSAGES["en"]["title"]
    for icon in manifest["icons"]:
        with urllib.request.urlopen(f"{server.url}/pad/{icon['src']}") as response:
            assert response.headers["content-type"] == icon["type"]
            if icon["sizes"] != "any":
                with Image.open(response) as image:
                    assert f"{image.width}x{image.height}" == icon["sizes"]


def test_page_is_sent_compressed(server):
    request = urllib.request.Request(server.url, headers={"accept-encoding": "gzip"})
    with urllib.request.urlopen(request) as response:
        assert response.headers["content-encoding"] == "gzip"
        page = gzip.decompress(response.read()).decode()
    assert page.index('id="digit-pad"') < page.index("<gradio-app")


@pytest.mark.parametrize(
    "path",
    [
        *(f"gradio_api/file={path}" for path in ("/etc/passwd", "app.py", ROOT / "app.py", ROOT / "requirements.txt")),
        f"gradio_api/file={KNOWN_PICTURE.parent}/../../app.py",
        f"gradio_api/file={KNOWN_PICTURE.parent}/%2e%2e/%2e%2e/app.py",
        "gradio_api/file=../app.py",
        "gradio_api/file=..%2fapp.py",
        "gradio_api/file/etc/passwd",
        "static/../../../../../../etc/passwd",
        "static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "assets/..%2f..%2f..%2fapp.py",
        "pad/../errors.py",
        "pad/%2e%2e/errors.py",
        "pad/..%2ferrors.py",
        "gradio_api/proxy=http://127.0.0.1:1/",
        "monitoring",
        "monitoring/summary",
    ],
)
def test_other_files_cannot_be_fetched(server, path):
    assert status_of(f"{server.url}/{path}") in (400, 401, 403, 404, 405)


@pytest.mark.parametrize("path", ["pad/page.js", "pad/shadow.jpg", "healthz", "readyz"])
def test_own_files_and_probes_can_be_fetched(server, path):
    assert status_of(f"{server.url}/{path}") == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "read"), ("PUT", "why"), ("DELETE", "correct")])
def test_wrong_method_is_an_error_in_json(server, method, path):
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(urllib.request.Request(f"{server.url}/{path}", method=method))
    assert error.value.code == 405
    assert error.value.headers["allow"] == "POST"
    answer = json.load(error.value)
    assert answer == {"error": f"The method {method} is not allowed here.", "code": "method_not_allowed"}


@pytest.fixture(scope="module")
def small_server(tmp_path_factory):
    """The app with an untrained network that Keras saved, small.keras in its folder."""
    from model.training import recipes

    folder = tmp_path_factory.mktemp("small_server")
    recipes.load("small-5x5").network().save(folder / "small.keras")
    with running_app(folder, "--network", str(folder / "small.keras")) as server:
        yield server


@pytest.mark.slow
def test_network_option_serves_another_network(small_server, tmp_path):
    Image.fromarray(picture(4)).save(tmp_path / "four.png")
    client = Client(small_server.url, verbose=False)
    answer = client.predict(image=handle_file(tmp_path / "four.png"), api_name="/predict")
    client.close()
    expected = model.load_classifier(small_server.folder / "small.keras").predict(tmp_path / "four.png")
    assert answer["probabilities"] == pytest.approx(expected.probabilities.tolist(), abs=1e-5)


@pytest.mark.slow
def test_api_opens_only_uploaded_files(small_server, tmp_path):
    Image.fromarray(picture(4)).save(tmp_path / "four.png")
    (tmp_path / "secret.txt").write_text("secret")
    (uploads,) = (small_server.folder / "temporary").glob("digit-pad-*")
    for path in (uploads, uploads / ("a" * 5000)):
        assert "cannot be opened" in api_error(small_server, {"path": str(path)})
    assert "not uploaded" in api_error(small_server, {"path": f"{uploads}/a\0b"})
    assert "Traceback" not in small_server.log()
    for path in (tmp_path / "four.png", tmp_path / "secret.txt", "../../etc/passwd"):
        assert "not uploaded" in api_error(small_server, {"path": str(path)})
        # Gradio's own refusal, whose reason would name a folder of the server.
        api_error(small_server, {"path": str(path), "meta": {"_type": "gradio.FileData"}})
    assert (tmp_path / "secret.txt").read_text() == "secret"


@pytest.mark.parametrize("image", [{"path": "photo.png"}, {"path": "../photo.png"}, {"path": "a" * 5000}])
@pytest.mark.parametrize("declared_as_file", [{}, {"meta": {"_type": "gradio.FileData"}}])
def test_errors_name_no_folder_of_the_server(server, image, declared_as_file):
    answer = api_error(server, image | declared_as_file)
    for folder in (server.folder, ROOT, pathlib.Path(sys.prefix)):
        assert str(folder) not in answer


def api_error(server, image: dict) -> str:
    """Return the API's answer to an image that it rejects."""
    call = f"{server.url}/gradio_api/call/predict"
    body = json.dumps({"data": [image]}).encode()
    with urllib.request.urlopen(urllib.request.Request(call, body, {"content-type": "application/json"})) as response:
        event = json.load(response)["event_id"]
    with urllib.request.urlopen(f"{call}/{event}") as response:
        kind, answer = response.read().decode().split("\n", 1)
    assert kind == "event: error"
    return answer


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.slow
def test_zero_gpu_gets_its_function_and_a_queue(tmp_path):
    (tmp_path / "spaces.py").write_text(SPACES)
    with running_app(tmp_path, SPACES_ZERO_GPU="true", PYTHONPATH=str(tmp_path)) as server:
        assert (tmp_path / "declared").is_file()
        client = Client(server.url, verbose=False)
        Image.fromarray(picture(4)).save(tmp_path / "four.png")
        jobs = [client.submit(handle_file(tmp_path / "four.png"), api_name="/predict") for _ in range(8)]
        assert [job.result()["digit"] for job in jobs] == [4] * 8, "more than one waits"


def test_sigterm_finishes_requests_in_flight_and_the_log_has_nothing_unexpected(tmp_path):
    with running_app(tmp_path) as server:

        def read() -> int:
            with urllib.request.urlopen(f"{server.url}/read", KNOWN_PICTURE.read_bytes()) as response:
                return json.load(response)["digit"]

        assert read() == KNOWN_DIGIT
        time.sleep(2)  # for what it does in the background after the start
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            reading = [pool.submit(read) for _ in range(4)]
            time.sleep(0.05)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(10) == 0
            assert [each.result() for each in reading] == [KNOWN_DIGIT] * 4
    lines = [line for line in server.log().splitlines() if line]
    assert [line for line in lines if not line.startswith(("* ", "🔨 Launching MCP server", "{"))] == []


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_signal_answers_unfinished_bodies_and_ends_streams(tmp_path, signal_number):
    with running_app(tmp_path) as server:
        port = int(server.url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as slow,
            socket.create_connection(("127.0.0.1", port), timeout=10) as stream,
        ):
            slow.sendall(b"POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nbegun")
            stream.sendall(b"GET /gradio_api/heartbeat/visitor HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert stream.recv(1)
            server.process.send_signal(signal_number)
            started = time.monotonic()
            answer = slow.recv(100_000).lower()
            assert answer.startswith(b"http/1.1 503 ")
            assert b"retry-after: 1" in answer
            while stream.recv(100_000):
                pass
            assert server.process.wait(10) == 0
            assert time.monotonic() - started < 8
    assert "Traceback" not in server.log()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_sigterm_answers_503_and_ends_though_a_thread_is_stuck(tmp_path):
    launcher = [sys.executable, "-c", STUCK]
    with running_app(tmp_path, launcher=launcher, PYTHONPATH=str(ROOT)) as server:

        def read() -> int:
            with pytest.raises(urllib.error.HTTPError) as error:
                urllib.request.urlopen(f"{server.url}/read", b"a picture")
            with error.value:
                return error.value.code

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            reading = [pool.submit(read) for _ in range(4)]
            time.sleep(0.5)
            server.process.terminate()
            started = time.monotonic()
            assert server.process.wait(10) == 0
            assert time.monotonic() - started < 8
            assert [each.result() for each in reading] == [503] * 4


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_second_signal_ends_at_once(tmp_path):
    with running_app(tmp_path) as server:
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
            slow.sendall(b"POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nbegun")
            time.sleep(0.2)
            server.process.terminate()
            time.sleep(1)
            server.process.terminate()
            assert server.process.wait(1.5) == 128 + signal.SIGTERM


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs limits of a process, and a second address of its own")
def test_server_with_few_files_keeps_answering_many_connections(tmp_path):
    few_files = ["sh", "-c", 'ulimit -n 200; exec "$@"', "sh"]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(running_app(tmp_path, launcher=few_files))
        port = int(server.url.rpartition(":")[2])
        while "Streamable HTTP URL" not in server.log():  # the last line of Gradio's start
            time.sleep(0.05)
        time.sleep(0.5)
        for _ in range(400):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        # Another visitor: the first has only a part of the connections.
        with socket.create_connection(("127.0.0.1", port), timeout=5, source_address=("127.0.0.2", 0)) as other:
            other.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert other.recv(1000).startswith(b"HTTP/1.1 200 ")
        assert (tmp_path / "log").stat().st_size < 10_000
    assert "Traceback" not in server.log()


@pytest.mark.slow
def test_invalid_port_ends_the_process_with_status_2_and_one_sentence():
    command = [sys.executable, "app.py", "--port", "99999"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("app.py: The page cannot be served at 127.0.0.1, port 99999: ")
    assert result.stderr.count("\n") == 1


@pytest.fixture
def start(monkeypatch, capsys, tmp_path):
    """Return a function that starts the app in this process, which must end at once with one sentence; returns it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(app.signal, "signal", lambda *_: None)
    monkeypatch.setattr(app, "build_page", lambda *arguments: None)  # takes a second, and is not served
    monkeypatch.setattr(app, "UPLOADS", tmp_path / "uploads")
    monkeypatch.setattr(app, "configure_log", lambda level: None)

    def start(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["app.py", *arguments])
        assert app.main() == 2
        assert not app.UPLOADS.exists()
        sentence = capsys.readouterr().err
        assert sentence.startswith("digit-pad: ")
        assert sentence.count("\n") == 1
        return sentence

    return start


@pytest.mark.parametrize("by_variable", [False, True])
def test_port_in_use_is_reported(start, server, by_variable, monkeypatch):
    port = server.url.rpartition(":")[2]
    if by_variable:
        monkeypatch.setenv("GRADIO_SERVER_PORT", port)
    sentence = start(*([] if by_variable else ["--port", port]))
    assert sentence.startswith(f"digit-pad: The page cannot be served at 127.0.0.1, port {port}: ")
    assert sentence.endswith("Address already in use.\n")


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("203.0.113.5", "7860"),
        ("nosuch.invalid", "7860"),
        ("no..such", "7860"),
        ("127.0.0.1", "-1"),
    ],
)
def test_address_that_cannot_be_bound_is_reported(start, host, port):
    sentence = start("--host", host, "--port", port)
    assert sentence.startswith(f"digit-pad: The page cannot be served at {host}, port {port}: ")
    assert sentence.endswith(".\n")


def test_missing_network_is_reported(start):
    sentence = "digit-pad: There is no network file none.keras; python train.py writes one.\n"
    assert start("--network", "none.keras") == sentence


def test_damaged_network_is_reported(start, monkeypatch, tmp_path):
    (tmp_path / "digits.keras").write_text("no network")
    monkeypatch.setenv("DIGITS_NETWORK", str(tmp_path / "digits.keras"))
    assert "digits.keras is not a network" in start()


def test_dataset_that_cannot_be_used_is_reported(start, monkeypatch):
    monkeypatch.setenv("FEEDBACK_DATASET", "no/such/name")
    assert start().startswith("digit-pad: Corrections cannot go to the dataset no/such/name: ")


def test_corrections_are_pushed_to_a_dataset_if_one_is_set(tmp_path, monkeypatch):
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
        feedback = app.make_feedback(max_corrections=1)
    name = feedback.keep("", "", read=7, digit=1)
    (tmp_path / "feedback" / "unfinished.new").write_text("{")
    schedulers[0].trigger().result()
    schedulers[0].stop()
    assert pushed == [("somebody/digits", [f"{name}.json"])]


@pytest.fixture
def parse(monkeypatch):
    def parse(*arguments: str):
        monkeypatch.setattr("sys.argv", ["app.py", *arguments])
        return app.parse_arguments()

    return parse


def test_help_names_every_option_and_environment_variable(parse, capsys):
    with pytest.raises(SystemExit) as stopped:
        parse("--help")
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    for option in ("--host", "--port", "--share", "--network", "--log-level"):
        assert option in text
    for variable in ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "GRADIO_SHARE", "DIGITS_NETWORK", "DIGITS_LOG_LEVEL"):
        assert variable in text


def test_environment_variables_have_the_effect_of_options(parse, monkeypatch):
    for variable, value in (
        ("GRADIO_SERVER_NAME", "0.0.0.0"),
        ("GRADIO_SERVER_PORT", "7999"),
        ("DIGITS_NETWORK", "mine.keras"),
        ("DIGITS_LOG_LEVEL", "error"),
    ):
        monkeypatch.setenv(variable, value)
    options = parse()
    assert (options.host, options.port, options.network) == ("0.0.0.0", 7999, "mine.keras")
    assert options.log_level == logging.ERROR


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--log-level", "loud"], "loud is not one of debug, info, warning, error"), (["--port", "x"], "invalid int")],
)
def test_invalid_options_are_usage_errors(parse, arguments, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        parse(*arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
