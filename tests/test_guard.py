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
from starlette.requests import Request
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
        if request.url.path != "/readyz":
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


def test_all_bodies_together_fit_the_memory(client, monkeypatch):
    monkeypatch.setattr(guard, "MOST_HELD", 1000)
    assert [client.post("/read", content=bytes(600)).status_code for _ in range(3)] == [200, 200, 200]
    refused = client.post("/read", content=bytes(1001))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert client.post("/read", content=bytes(600)).status_code == 200


def test_a_body_that_grows_too_large_is_cut_off(client, monkeypatch):
    monkeypatch.setattr(guard, "MAX_BODY", 1000)
    response = client.post("/read", content=(bytes(600) for _ in range(2)))
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"
    assert client.post("/read", content=bytes(900)).text == "900"


POST = {"type": "http", "method": "POST", "path": "/read", "headers": [], "client": None}


async def echo(scope, receive, send):
    await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)


async def part_of_a_body():
    await anyio.sleep(0.02)
    return {"type": "http.request", "body": b"7", "more_body": True}


async def whole_body():
    return {"type": "http.request", "body": b"7", "more_body": False}


def test_a_body_that_comes_bit_by_bit_is_not_awaited_for_long(monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE", 0.1)
    sent = []

    async def send(message):
        sent.append(message)

    async def ask():
        with anyio.fail_after(5):
            await Guard(echo)(POST, part_of_a_body, send)

    anyio.run(ask)
    assert sent[0]["status"] == 408


def test_those_who_send_slowly_shut_nobody_out(monkeypatch):
    monkeypatch.setattr(guard, "CROWD", 4)
    guarded, sent = Guard(echo), []

    async def ignore(message):
        pass

    async def send(message):
        sent.append(message)

    async def ask():
        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(guarded, POST, part_of_a_body, ignore)
            await anyio.sleep(0.1)
            await guarded(POST, whole_body, send)
            tasks.cancel_scope.cancel()

    anyio.run(ask)
    assert sent[0]["status"] == 200


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
        ready = client.get("/readyz")
        gate.set()
        statuses = sorted(each.result(10).status_code for each in asking)
    assert statuses == [200] * 4 + [503] * 2
    assert ready.status_code == 200
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
