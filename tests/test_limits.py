"""The middlewares, around an app that answers with the length of the body."""

import concurrent.futures
import contextlib
import itertools
import json
import threading

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pad.limits import SECURITY_HEADERS, RequestLimits, SecurityHeaders
from pad.settings import Settings
from pad.uploads import room_for
from tests.helpers.drawings import picture
from tests.helpers.encoding import png


@contextlib.contextmanager
def client_of(*middleware: Middleware, gate: threading.Event | None = None):
    """Return a client of an app with these middlewares; it answers POST requests once the gate is open."""

    async def answer(request):
        body = await request.body()
        if gate and request.url.path != "/readyz":
            await run_in_threadpool(gate.wait, 10)
        return PlainTextResponse(str(len(body)))

    route = Route("/{path:path}", answer, methods=["GET", "POST"])
    with TestClient(Starlette(routes=[route], middleware=[*middleware])) as client:
        yield client


@pytest.mark.parametrize(
    ("space", "framed_by"),
    [("", "'self'"), ("somebody/pad", "'self' https://huggingface.co https://*.huggingface.co https://*.hf.space")],
)
def test_security_headers_are_added_to_responses(space, framed_by, monkeypatch):
    monkeypatch.setenv("SPACE_ID", space)
    with client_of(Middleware(SecurityHeaders)) as client:
        response = client.post("/read", content=b"seven")
    assert response.text == "5"
    assert SECURITY_HEADERS.items() <= dict(response.headers).items()
    assert response.headers["x-content-type-options"] == "nosniff"
    policy = dict(each.split(" ", 1) for each in response.headers["content-security-policy"].split("; "))
    assert policy["frame-ancestors"] == framed_by
    assert policy["form-action"] == "'self'"


@pytest.mark.parametrize("length", ["1001", "many", "-1"])
def test_content_length_above_the_limit_or_invalid_is_rejected_before_the_body(length):
    with client_of(Middleware(RequestLimits, settings=Settings(max_body=1000))) as client:
        response = client.post("/read", content=b"", headers={"content-length": length})
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_body_that_grows_above_the_limit_is_rejected():
    with client_of(Middleware(RequestLimits, settings=Settings(max_body=1000))) as client:
        response = client.post("/read", content=(bytes(600) for _ in range(2)))
        assert response.status_code == 413
        assert response.json()["code"] == "too_large"
        assert client.post("/read", content=bytes(900)).text == "900"


def test_bodies_in_memory_are_limited_all_together():
    with client_of(Middleware(RequestLimits, settings=Settings(max_buffered_bytes=4000))) as client:
        assert [client.post("/read", content=bytes(600)).status_code for _ in range(3)] == [200, 200, 200]
        rejected = client.post("/read", content=bytes(2001))
        assert (rejected.status_code, rejected.headers["retry-after"]) == (503, "1")
        assert client.post("/read", content=bytes(600)).status_code == 200


POST = {"type": "http", "method": "POST", "path": "/read", "headers": [], "client": None}


async def echo(scope, receive, send):
    await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)


async def receive_part():
    await anyio.sleep(0.02)
    return {"type": "http.request", "body": b"7", "more_body": True}


async def receive_whole():
    return {"type": "http.request", "body": b"7", "more_body": False}


async def receive_disconnect():
    return {"type": "http.disconnect"}


@pytest.mark.parametrize("receive", [receive_part, receive_disconnect])
def test_body_that_is_sent_too_slowly_or_cut_off_is_rejected(receive):
    sent = []

    async def send(message):
        sent.append(message)

    async def post():
        with anyio.fail_after(5):
            await RequestLimits(echo, Settings(body_grace=0.1))(POST, receive, send)

    anyio.run(post)
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "cut_off"


def test_slow_senders_do_not_count_as_concurrent_requests():
    sent = []
    limits = RequestLimits(echo, Settings(max_concurrent=4))

    async def ignore(message):
        pass

    async def send(message):
        sent.append(message)

    async def post():
        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(limits, POST, receive_part, ignore)
            await anyio.sleep(0.1)
            await limits(POST, receive_whole, send)
            tasks.cancel_scope.cancel()

    anyio.run(post)
    assert sent[0]["status"] == 200


def test_rate_limit_rejects_a_visitor_with_too_many_requests():
    with client_of(Middleware(RequestLimits, settings=Settings(rate_limit="5 per minute"))) as client:
        statuses = [client.post("/read").status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        rejected = client.post("/read")
        assert rejected.json()["code"] == "busy"
        assert int(rejected.headers["retry-after"]) > 0
        assert client.get("/").status_code == 200
        assert client.get("/readyz").status_code == 200


def test_corrections_have_a_rate_limit_of_their_own():
    with client_of(Middleware(RequestLimits, settings=Settings(corrections_limit="2 per hour"))) as client:
        assert [client.post("/correct").status_code for _ in range(3)] == [200, 200, 429]
        assert client.post("/correct").headers["retry-after"] == "3600"
        assert client.post("/read").status_code == client.post("/withdraw").status_code == 200


def test_uploads_are_limited_by_their_bytes():
    with client_of(Middleware(RequestLimits, settings=Settings(uploads_limit="1000000 per minute"))) as client:
        assert [client.post("/gradio_api/upload", content=bytes(400_000)).status_code for _ in range(3)] == [
            *(200, 200, 429),
        ]
        assert client.post("/gradio_api/queue/join", content=bytes(100_000)).status_code == 200
        assert client.post("/read", content=bytes(1_000_000)).status_code == 200


def test_many_small_files_in_one_upload_count_with_the_room_they_take():
    files = [("files", (f"{number}.png", b"")) for number in range(100)]
    with client_of(Middleware(RequestLimits, settings=Settings(uploads_limit="1000000 per minute"))) as client:
        assert [client.post("/gradio_api/upload", files=files).status_code for _ in range(2)] == [200, 429]


def test_a_program_may_upload_as_many_drawings_as_the_rate_limit_allows():
    settings = Settings()
    requests, seconds = settings.rate_limit.amount, settings.rate_limit.get_expiry()
    form = httpx.Request("POST", "http://pad", files={"files": ("four.png", png(picture(4)))}).read()
    uploads_a_minute = requests * 60 / seconds / 2  # each is followed by a request to read it
    assert uploads_a_minute * room_for(form) < settings.uploads_limit.amount


def test_concurrent_requests_above_the_limit_are_rejected_at_once_and_later_ones_are_not():
    gate = threading.Event()
    with client_of(Middleware(RequestLimits, settings=Settings(max_concurrent=4)), gate=gate) as client:
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            requests = [pool.submit(client.post, "/read") for _ in range(6)]
            rejected = list(itertools.islice(concurrent.futures.as_completed(requests, 5), 4))
            ready = client.get("/readyz")
            gate.set()
            statuses = sorted(request.result(10).status_code for request in requests)
        assert statuses == [200] * 2 + [503] * 4, "one visitor gets half"
        assert ready.status_code == 200
        for request in rejected:
            assert request.result().json()["code"] == "busy"
            assert request.result().headers["retry-after"] == "1"
        assert client.post("/read").status_code == 200


def test_paths_may_have_smaller_bodies():
    with client_of(Middleware(RequestLimits, settings=Settings(), body_limits={"/why": 10})) as client:
        assert client.post("/why", content=bytes(11)).status_code == 413
        assert client.post("/why", content=(bytes(6) for _ in range(2))).status_code == 413
        assert client.post("/read", content=bytes(1_000_000)).text == "1000000"


def test_unfinished_bodies_of_ten_visitors_leave_room_for_a_drawing():
    limits = RequestLimits(echo, Settings(max_buffered_bytes=100_000))
    outcomes = []

    def sender(*messages):
        waiting = [*messages]

        async def receive():
            return waiting.pop(0) if waiting else await anyio.sleep_forever()

        return receive

    async def post(visitor, *messages):
        async def note(message):
            if message["type"] == "http.response.start":
                outcomes.append((visitor, message["status"]))

        await limits(POST | {"client": (visitor, 1)}, sender(*messages), note)

    async def attack():
        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks:
                for number in range(47):
                    part = {"type": "http.request", "body": bytes(1000), "more_body": True}
                    tasks.start_soon(post, str(number % 10), *[part] * 21)
                await anyio.wait_all_tasks_blocked()
                await post("honest", {"type": "http.request", "body": bytes(5000)})
                tasks.cancel_scope.cancel()

    anyio.run(attack)
    assert ("honest", 200) in outcomes
    assert limits.buffered_bytes.left == 100_000
    assert not limits.buffered_bytes.taken
