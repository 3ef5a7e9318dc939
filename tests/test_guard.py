"""What stands around the app, around an app of the test's own."""

import concurrent.futures
import json
import logging
import threading

import anyio
import pytest
from limits import RateLimitItemPerMinute
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pad import guard
from pad.guard import Guard


@pytest.fixture
def gate():
    """What the app waits for before it answers."""
    gate = threading.Event()
    gate.set()
    return gate


@pytest.fixture
def client(gate):
    async def answer(request):
        body = await request.body()
        await run_in_threadpool(gate.wait, 10)
        return PlainTextResponse(str(len(body)))

    route = Route("/{path:path}", answer, methods=["GET", "POST"])
    with TestClient(Starlette(routes=[route], middleware=[Middleware(Guard)])) as client:
        yield client


def test_answers_pass_with_headers(client):
    response = client.post("/read", content=b"seven")
    assert response.text == "5"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'self' https://huggingface.co" in response.headers["content-security-policy"]


def test_a_body_that_is_said_to_be_too_large_is_not_awaited(client):
    response = client.post("/read", content=b"", headers={"content-length": str(guard.MAX_BODY + 1)})
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"
    assert client.post("/read", content=b"", headers={"content-length": "many"}).status_code == 413


def test_a_body_that_grows_too_large_is_cut_off(client, monkeypatch):
    monkeypatch.setattr(guard, "MAX_BODY", 1000)
    with pytest.raises(ClientDisconnect):  # as it looks to the app
        client.post("/read", content=(bytes(600) for _ in range(2)))
    assert client.post("/read", content=bytes(900)).text == "900"


def test_a_body_that_does_not_come_is_not_awaited_for_long(monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE", 0.05)
    received = []

    async def app(scope, receive, send):
        received.append(await receive())

    async def nothing():
        await anyio.sleep_forever()

    anyio.run(
        Guard(app), {"type": "http", "method": "POST", "path": "/read", "headers": [], "client": None}, nothing, None
    )
    assert received == [{"type": "http.disconnect"}]


def test_a_visitor_in_a_great_hurry_is_slowed_down(client, monkeypatch):
    monkeypatch.setattr(guard, "PACE", RateLimitItemPerMinute(5))
    statuses = [client.post("/read").status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    refusal = client.post("/read")
    assert refusal.json()["code"] == "busy"
    assert int(refusal.headers["retry-after"]) > 0
    assert client.get("/").status_code == 200
    assert client.get("/readyz").status_code == 429


def test_a_crowd_is_told_so_at_once_and_served_when_it_is_gone(client, gate, monkeypatch):
    monkeypatch.setattr(guard, "CROWD", 4)
    gate.clear()
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        asking = [pool.submit(client.post, "/read") for _ in range(6)]
        refused, _ = concurrent.futures.wait(asking, 5, concurrent.futures.FIRST_COMPLETED)
        gate.set()
        statuses = sorted(each.result(10).status_code for each in asking)
    assert statuses == [200] * 4 + [503] * 2
    for refusal in refused:
        assert refusal.result().json()["code"] == "busy"
        assert refusal.result().headers["retry-after"] == "1"
    assert client.post("/read").status_code == 200


def test_a_line_is_logged_for_each_request_without_what_is_private(client, caplog):
    with caplog.at_level(logging.INFO, "digits"):
        client.get("/gradio_api/file=/tmp/my%20diary.png?token=secret")
        client.post("/read", content=b"seven")
    first, second = (json.loads(record.message) for record in caplog.records if record.name == "digits")
    assert first["path"] == "/gradio_api/file"
    assert {"method": "POST", "path": "/read", "status": 200}.items() <= second.items()
    assert second["ms"] >= 0
    assert "diary" not in caplog.text
    assert "secret" not in str(first)
