"""Files of many formats through the command line, the routes, the API and the page."""

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
from starlette.applications import Starlette
from starlette.testclient import TestClient

from model.feedback import Feedback
from pad import MESSAGES
from pad.answers import Answers
from pad.routes import routes
from tests.helpers import ROOT, files

PICTURES = files.pictures()
OTHERS = files.unreadable_files()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("files")
    for name, content in PICTURES.items():
        (folder / name).write_bytes(content)
    for name, (content, _) in OTHERS.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def client(classifier, tmp_path_factory):
    answers = Answers(classifier, Feedback(tmp_path_factory.mktemp("feedback"), 1))
    return TestClient(Starlette(routes=routes(answers)))


def test_command_line_reads_every_format_and_reports_other_files(folder):
    paths = [str(folder / name) for name in [*PICTURES, *OTHERS]]
    command = [sys.executable, "-m", "model", "--json", *paths]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert result.stderr == ""
    assert result.returncode == 1
    answers = {pathlib.Path(answer["path"]).name: answer for answer in map(json.loads, result.stdout.splitlines())}
    assert {name: answers[name].get("digit", answers[name]) for name in PICTURES} == dict.fromkeys(PICTURES, 7)
    assert {name: answers[name]["code"] for name in OTHERS} == {name: code for name, (_, code) in OTHERS.items()}
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
def test_route_reads_every_format(server, name):
    status, answer = post(f"{server.url}/read", PICTURES[name])
    assert status == 200
    assert answer["digit"] == files.DIGIT


@pytest.mark.parametrize("name", sorted(OTHERS.keys() - {"50 MB.bmp"}))
def test_route_rejects_other_files_with_code_and_sentence(server, folder, name):
    content, code = OTHERS[name]
    status, answer = post(f"{server.url}/read", content)
    assert status == 422
    assert answer["code"] == code
    assert_one_sentence(answer["error"], folder)


def test_route_rejects_a_large_file_before_it_is_sent(server):
    request = urllib.request.Request(f"{server.url}/read", b"", {"content-length": "50000000"})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request)
    assert error.value.code == 413
    assert json.load(error.value)["code"] == "too_large"


@given(name=st.sampled_from(sorted(PICTURES)), changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4))))
@settings(max_examples=300, deadline=None)
def test_route_handles_files_with_a_few_bytes_changed(client, name, changes):
    content = bytearray(PICTURES[name])
    for place, replaced in changes:
        start = int(place * len(content))
        content[start : start + len(replaced)] = replaced
    answer = client.post("/read", content=bytes(content))
    assert answer.status_code in (200, 422)
    assert answer.json().keys() & {"probabilities", "code"}


@pytest.mark.slow
def test_api_reads_every_format_and_deletes_other_files(server, folder):
    client = Client(server.url, verbose=False)
    read = {name: client.predict(handle_file(folder / name), api_name="/predict")["digit"] for name in PICTURES}
    assert read == dict.fromkeys(PICTURES, files.DIGIT)
    for name in OTHERS.keys() - {"50 MB.bmp"}:
        with pytest.raises(AppError) as error:
            client.predict(handle_file(folder / name), api_name="/predict")
        assert_one_sentence(str(error.value), folder)
    client.close()
    assert "Traceback" not in server.log()


@pytest.mark.slow
def test_page_reads_every_format_and_explains_what_is_wrong_with_other_files(browser, server, folder):
    from tests.helpers.browser import expect_digit, expect_invitation, expect_note, open_page, upload

    with browser.new_context() as context:
        page = open_page(context.new_page(), server)
        for name in PICTURES:
            upload(page, folder / name)
            expect_digit(page, files.DIGIT)
            page.get_by_role("button", name="Draw").click()
            expect_invitation(page)
        for name, (_, code) in OTHERS.items():
            upload(page, folder / name)
            expect_note(page, MESSAGES["en"][code])
            expect_invitation(page)
        assert page.foreign_requests == []
    assert "Traceback" not in server.log()
