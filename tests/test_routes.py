"""The routes that the page's scripts and other programs use, in an app without limits."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from model.feedback import Feedback
from pad import routes
from pad.answers import Answers
from pad.errors import method_not_allowed
from tests.helpers.drawings import number_picture, picture
from tests.helpers.encoding import data_url, png


@pytest.fixture
def client(classifier, tmp_path):
    answers = Answers(classifier, Feedback(tmp_path / "feedback", 100))
    return TestClient(Starlette(routes=routes.routes(answers), exception_handlers={405: method_not_allowed}))


def assert_error(response, status: int, code: str) -> None:
    """Assert that a response is an error in the form of all others: a sentence and a code."""
    assert response.status_code == status
    assert response.json().keys() == {"error", "code"}
    assert response.json()["code"] == code
    assert response.json()["error"].endswith(".")


def test_read_answers_a_picture_as_body(client):
    answer = client.post("/read", content=png(picture(3))).json()
    assert answer.keys() == {"number", "digit", "reason", "probabilities", "digits", "rejected", "frame"}
    assert answer["digit"] == 3


def test_read_answers_a_number(client):
    answer = client.post("/read", content=png(number_picture("42"))).json()
    assert (answer["number"], answer["digit"], answer["reason"]) == ("42", None, "several digits")


def test_read_answers_a_picture_in_a_form(client):
    file = png(picture(3))
    answer = client.post("/read", files={"file": ("three.png", file)}).json()
    assert answer == client.post("/read", content=file).json()


def test_preview_also_returns_the_picture(client):
    file = png(picture(3))
    answer = client.post("/read/preview", content=file).json()
    assert answer.pop("picture").startswith("data:image/jpeg;base64,")
    assert answer == client.post("/read", content=file).json()


def test_inside_looks_into_the_network(client):
    frame = client.post("/read", content=png(picture(3))).json()["frame"]
    assert len(client.post("/inside", json=frame).json()["layers"]) == 6


def test_read_rejects_a_body_that_is_no_picture(client):
    assert_error(client.post("/read", content=b"three"), 422, "unreadable")


def test_read_rejects_a_file_in_a_form_that_is_no_picture(client):
    assert_error(client.post("/read", files={"file": ("three.png", b"three")}), 422, "unreadable")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"files": {"image": ("three.png", b"three")}}, 'no file in a field "file"'),
        ({"files": {"x": (None, "three")}}, 'no file in a field "file"'),
        ({"files": {"file": (None, "three")}}, 'no file in a field "file"'),
        ({"files": [("file", ("1.png", b"1")), ("file", ("2.png", b"2"))]}, "more than one file"),
        ({"files": [("file", ("1.png", b"1")), ("other", ("2.png", b"2"))]}, "more than one file"),
        ({"content": b"three", "headers": {"content-type": "multipart/form-data"}}, "malformed"),
        ({"content": b"three", "headers": {"content-type": "multipart/form-data; boundary=x"}}, "malformed"),
        ({"content": b"", "headers": {"content-type": "multipart/form-data; boundary=x"}}, "no file"),
        ({"content": b'--x\r\nContent-Disposition: form-data; name="file"\r\n', "headers": {
            "content-type": "multipart/form-data; boundary=x"}}, "no file"),
    ],
    ids=[
        "another field", "text in another field", "text", "two files", "a file more", "no boundary", "wrong boundary",
        "empty", "cut off",
    ],
)  # fmt: skip
def test_read_rejects_invalid_forms_with_a_sentence(client, form, message):
    response = client.post("/read", **form)
    assert_error(response, 422, "unreadable")
    assert message in response.json()["error"]


@pytest.mark.parametrize(
    ("path", "limit"), [("/read", routes.MAX_BYTES), ("/why", routes.MAX_JSON), ("/correct", routes.MAX_JSON)]
)
def test_bodies_that_are_too_large_are_rejected(client, path, limit):
    assert_error(client.post(path, content=bytes(limit + 1)), 413, "too_large")


def test_forms_that_are_too_large_are_rejected(client):
    files = {"file": ("large.png", bytes(routes.MAX_BYTES + routes.FORM_OVERHEAD))}
    assert_error(client.post("/read", files=files), 413, "too_large")


def test_why_explains_a_frame(client):
    frame = client.post("/read", content=png(picture(3))).json()["frame"]
    assert client.post("/why", json=frame).json()["digit"] == 3


@pytest.mark.parametrize("path", ["/why", "/inside", "/correct", "/withdraw"])
@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"x"', b"\xff", b'{"picture": 1}', b"[" * 200_000])
def test_invalid_json_is_rejected(client, path, body):
    assert_error(client.post(path, content=body), 422, "unreadable")


def correction() -> dict:
    return {"picture": data_url(png(picture(1))), "read": 7, "digit": 1}


def test_correct_stores_what_withdraw_deletes(client, tmp_path):
    name = client.post("/correct", json=correction()).json()["name"]
    assert (tmp_path / "feedback" / f"{name}.json").is_file()
    assert client.post("/withdraw", json=name).json() == {"withdrawn": name}
    assert not (tmp_path / "feedback" / f"{name}.json").exists()


def test_correct_reports_a_correction_that_cannot_be_stored(client, tmp_path):
    (tmp_path / "feedback").write_text("a file in place of the folder")
    assert_error(client.post("/correct", json=correction()), 507, "not_kept")


@pytest.mark.parametrize("path", ["/read", "/read/preview", "/why", "/inside", "/correct", "/withdraw"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_wrong_methods_are_rejected_with_the_allowed_ones(client, method, path):
    response = client.request(method, path)
    assert_error(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


def test_healthz_answers_while_the_server_is_alive(client):
    assert client.get("/healthz").json() == {"alive": True}


def test_readyz_answers_while_a_known_picture_is_read_correctly(client, monkeypatch):
    monkeypatch.setattr(routes, "READINESS_INTERVAL", -1)
    assert client.get("/readyz").json() == {"ready": True}
    monkeypatch.setattr(routes, "KNOWN_DIGIT", 9)
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"ready": False})


def test_readyz_reads_the_known_picture_once_for_many_requests(client, monkeypatch):
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(routes, "KNOWN_DIGIT", 9)
    assert {client.get("/readyz").status_code for _ in range(20)} == {200}
