"""The routes behind the page's scripts, asked as anything could ask them."""

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from model.feedback import Feedback
from pad import routes
from pad.answers import Answers
from tests.drawings import picture
from tests.test_answers import data_url, png


@pytest.fixture
def client(classifier, tmp_path):
    answers = Answers(classifier, Feedback(tmp_path / "feedback"))
    return TestClient(Starlette(routes=routes.routes(answers)))


@pytest.mark.parametrize(("path", "most"), [("/read", "MAX_BYTES"), ("/why", "MAX_JSON"), ("/correct", "MAX_JSON")])
def test_a_body_that_is_too_large_is_refused(client, path, most):
    response = client.post(path, content=bytes(getattr(routes, most) + 1))
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_a_frame_is_explained(client):
    frame = client.post("/read", content=png(picture(3))).json()["frame"]
    assert client.post("/why", json=frame).json()["digit"] == 3


@pytest.mark.parametrize("path", ["/why", "/correct"])
@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"x"', b"\xff", b'{"picture": 1}', b"[" * 200_000])
def test_what_the_page_does_not_send_is_said(client, path, body):
    response = client.post(path, content=body)
    assert response.status_code == 422
    assert response.json()["code"] == "unreadable"


def correction() -> dict:
    return {
        "picture": data_url(png(picture(1))),
        "frame": data_url(png(np.zeros((28, 28), np.uint8))),
        "read": 7,
        "digit": 1,
    }


def test_nothing_is_kept_that_another_site_s_page_sends(client, tmp_path):
    response = client.post("/correct", json=correction(), headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    assert not (tmp_path / "feedback").exists()
    response = client.post("/correct", json=correction(), headers={"sec-fetch-site": "same-origin"})
    assert response.json() == {"kept": 1}
    assert (tmp_path / "feedback").is_dir()


def test_a_correction_that_cannot_be_kept_is_said(client, tmp_path):
    (tmp_path / "feedback").write_text("a file where the folder is to be")
    response = client.post("/correct", json=correction())
    assert response.status_code == 507
    assert response.json()["code"] == "not_kept"


def test_reading_from_the_routes_is_refused(client):
    assert client.get("/read").status_code == 405
