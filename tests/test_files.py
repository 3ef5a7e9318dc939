"""Files of every kind through the command line, the page's routes, its API and the page itself."""

import json
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.testclient import TestClient

from model.feedback import Feedback
from pad.answers import Answers
from pad.routes import routes
from tests import files
from tests.conftest import ROOT, running_app
from tests.test_browser import expect_digit, expect_words, give, open_page

PICTURES = files.pictures()
OTHERS = files.others()

SENTENCES = {"unreadable": "not a picture", "too_large": "too large", "no_pixels": "no brightness"}
STOPPED = {"paper.pdf": "Invalid file type", "50 MB.bmp": "exceed the maximum allowed size"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("files")
    for name, content in PICTURES.items():
        (folder / name).write_bytes(content)
    for name, (content, _) in OTHERS.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """A server of its own, whose folder of uploads can be looked into."""
    folder = tmp_path_factory.mktemp("files_server")
    with running_app(folder) as server:
        yield server


@pytest.fixture(scope="module")
def client(classifier, tmp_path_factory):
    answers = Answers(classifier, Feedback(tmp_path_factory.mktemp("feedback")))
    return TestClient(Starlette(routes=routes(answers)))


def test_on_the_command_line(folder):
    paths = [str(folder / name) for name in [*PICTURES, *OTHERS]]
    command = [sys.executable, "-m", "model", "--json", *paths]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert result.stderr == ""
    assert result.returncode == 1
    answers = {pathlib.Path(answer["path"]).name: answer for answer in map(json.loads, result.stdout.splitlines())}
    assert {name: answers[name].get("digit", answers[name]) for name in PICTURES} == dict.fromkeys(PICTURES, 7)
    for name in OTHERS:
        assert_one_sentence(answers[name]["error"], folder)


def assert_one_sentence(text: str, folder: pathlib.Path) -> None:
    assert text.endswith(".")
    assert "\n" not in text
    assert "Traceback" not in text
    assert str(folder) not in text


def post(url: str, content: bytes) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(url, content) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_by_the_route(own_server, name):
    status, answer = post(f"{own_server.url}/read", PICTURES[name])
    assert status == 200
    assert answer["digit"] == files.DIGIT


@pytest.mark.parametrize("name", set(OTHERS) - {"50 MB.bmp"})
def test_others_by_the_route(own_server, folder, name):
    content, code = OTHERS[name]
    status, answer = post(f"{own_server.url}/read", content)
    assert status == 422
    assert answer["code"] == code
    assert_one_sentence(answer["error"], folder)


@given(name=st.sampled_from(sorted(PICTURES)), changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4))))
@settings(max_examples=300, deadline=None)
def test_files_with_a_few_bytes_changed(client, name, changes):
    content = bytearray(PICTURES[name])
    for place, replaced in changes:
        start = int(place * len(content))
        content[start : start + len(replaced)] = replaced
    answer = client.post("/read", content=bytes(content))
    assert answer.status_code in (200, 422)
    assert answer.json().keys() & {"probabilities", "code"}


def test_what_is_too_long_is_refused_before_it_is_sent(own_server):
    request = urllib.request.Request(f"{own_server.url}/read", b"", {"content-length": "50000000"})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request)
    assert error.value.code == 413
    assert json.load(error.value)["code"] == "too_large"


def test_by_the_api(own_server, folder):
    client = Client(own_server.url, verbose=False)
    read = {name: client.predict(handle_file(folder / name), api_name="/predict")["digit"] for name in PICTURES}
    assert read == dict.fromkeys(PICTURES, files.DIGIT)
    for name in set(OTHERS) - {"50 MB.bmp"}:
        with pytest.raises(AppError) as error:
            client.predict(handle_file(folder / name), api_name="/predict")
        assert_one_sentence(str(error.value), folder)
    client.close()
    left = {file.name for file in (own_server.folder / "temporary").rglob("*") if file.is_file()}
    assert not left & set(OTHERS)
    assert "Traceback" not in own_server.log()


def test_in_the_page(browser, own_server, folder):
    with browser.new_context() as context:
        page = open_page(context.new_page(), own_server)
        page.get_by_role("tab", name="Photo").click()
        for name in PICTURES:
            give(page, folder / name)
            expect_digit(page, files.DIGIT)
            page.get_by_label("Remove Image").click()
            expect_words(page, "Draw a digit")
        for name, (_, code) in OTHERS.items():
            if name in STOPPED:
                continue
            give(page, folder / name)
            expect_words(page, SENTENCES[code])
            page.get_by_label("Remove Image").click()
            expect_words(page, "Draw a digit")
        for name, words in STOPPED.items():  # by Gradio's own part of the page, before it is sent
            page.reload()
            page.get_by_role("tab", name="Photo").click()
            give(page, folder / name)
            expect(page.get_by_text(words)).to_be_visible()
        assert page.strangers == []
    assert "Traceback" not in own_server.log()
