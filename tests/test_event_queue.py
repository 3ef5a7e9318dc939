import json
import types

import httpx
import pytest
from gradio.data_classes import PredictBodyInternal

from app import build_page
from pad.errors import RequestError, ServerBusyError
from pad.event_queue import LimitedQueue
from pad.settings import Settings
from tests.helpers.drawings import picture
from tests.helpers.encoding import data_url, png

DRAWING = {"url": data_url(png(picture(3)))}
MALFORMED = [
    ("queue/join", b"[]"),
    ("queue/join", b"\xff"),
    ("queue/join", b'{"data": null, "fn_index": 1e99, "session_hash": {}}'),
    ("queue/join", b'{"data": [[]], "fn_index": -7, "session_hash": "a"}'),
    ("queue/join", b'{"data": [null], "fn_index": 0, "session_hash": "\\ud800"}'),
    ("queue/join", b'{"data": [null, null], "fn_index": 0, "session_hash": "a"}'),
    ("queue/join", b'{"data": [], "session_hash": "a"}'),
    ("call/predict", b'{"data": {}}'),
    ("call/predict", b'{"data": [7]}'),
    ("call/predict", b'{"data": [{"path": 7}]}'),
    ("call/predict", b'{"data": [{"path": {}, "url": []}], "session_hash": "../x"}'),
    ("call/v2/predict", b"{}"),
    ("call/v2/predict", b'{"unknown": 7}'),
    ("call/v2/predict", b'{"image": [[[]]]}'),
    ("upload", b"no form"),
    ("mcp/", b'{"jsonrpc": "2.0", "method": 7}'),
]


@pytest.fixture
def anyio_backend():
    return "asyncio"


def queue_of(**settings) -> LimitedQueue:
    return build_page(None, Settings(**settings))._queue


async def join(queue: LimitedQueue, visitor: str, session: str = "a", data: object = (DRAWING,)) -> PredictBodyInternal:
    """Queue a call; return it as it was queued."""
    request = types.SimpleNamespace(client=(visitor, 1))
    index = max(queue.blocks.fns)
    body = PredictBodyInternal(data=[*data], fn_index=index, session_hash=session, event_data={"x": 1})
    await queue.push(body, request, None)
    return body


@pytest.mark.anyio
async def test_one_visitor_leaves_room_for_others():
    queue = queue_of(max_queue=8)
    for visitor, room in (("a", 4), ("b", 2), ("c", 1), ("d", 1), ("e", 0)):
        for _ in range(room):
            await join(queue, visitor)
        with pytest.raises(ServerBusyError):
            await join(queue, visitor)
    assert len(queue) == 8


@pytest.mark.anyio
async def test_calls_that_wait_too_long_are_answered_with_an_error():
    queue = queue_of(queue_timeout=1e-6)
    await join(queue, "a", "session")
    assert queue.get_events() is None
    messages = queue.pending_messages_per_session["session"]
    while not messages.empty():
        last = messages.get_nowait()
    assert not last.success
    assert last.output["error"] == "The server is busy."
    assert len(queue) == 0


@pytest.mark.anyio
async def test_queue_goes_on_when_a_client_has_disconnected():
    queue = queue_of()
    for session in ("first", "gone", "here"):
        await join(queue, "a", session)
    del queue.pending_messages_per_session["gone"]
    _, _, concurrency_id = queue.get_events()
    queue.broadcast_estimations(concurrency_id)  # to all that wait
    assert not queue.pending_messages_per_session["here"].empty()


@pytest.mark.anyio
async def test_sessions_nobody_asks_for_are_forgotten(monkeypatch):
    monkeypatch.setattr("pad.event_queue.MAX_SESSIONS", 3)
    queue = queue_of()
    for number in range(10):
        await join(queue, str(number), f"session-{number}")
    assert len(queue.pending_messages_per_session) == 3
    assert len(queue.pending_event_ids_session) == 3


@pytest.mark.anyio
async def test_of_a_picture_only_its_place_is_passed_on():
    picture = {"path": "/tmp/a.png", "url": None, "meta": {"_type": "gradio.FileData"}, "is_stream": True}
    body = await join(queue_of(), "a", data=[picture])
    assert body.data == [{"path": "/tmp/a.png"}]
    assert body.event_data is None


@pytest.mark.anyio
@pytest.mark.parametrize("data", [["x"], [{}], [{"path": 1}], [], [None, None]])
async def test_anything_else_is_refused(data):
    queue = queue_of()
    with pytest.raises(RequestError):
        await join(queue, "a", data=data)
    assert len(queue) == 0


@pytest.mark.parametrize(("path", "body"), MALFORMED)
def test_malformed_requests_are_refused(server, path, body):
    with httpx.Client(base_url=f"{server.url}/gradio_api/", timeout=10) as client:
        response = client.post(path, content=body, headers={"content-type": "application/json"})
        assert 400 <= response.status_code < 500
        assert client.get("info").status_code == 200


def test_stream_of_an_unknown_session_ends(server):
    response = httpx.get(f"{server.url}/gradio_api/queue/data?session_hash=unknown", timeout=10)
    assert response.status_code == 200
    assert json.loads(response.text.removeprefix("data: "))["session_not_found"]


def test_drawing_in_a_data_url_is_read(server):
    with httpx.Client(base_url=server.url, timeout=10) as client:
        event = client.post("/gradio_api/call/predict", json={"data": [DRAWING]}).json()["event_id"]
        answer = client.get(f"/gradio_api/call/predict/{event}").text
    assert answer.startswith("event: complete\n")
    assert json.loads(answer.partition("data: ")[2])[0]["digit"] == 3


@pytest.mark.parametrize(
    "picture",
    [
        {"path": "http://127.0.0.1:9/a.png", "meta": {"_type": "gradio.FileData"}},
        {"url": "https://100.64.0.1/a.png"},
        {"path": "/etc/passwd"},
        {"path": "\0"},
        {"url": "data:image/png,?"},
    ],
)
def test_nothing_is_fetched(server, picture):
    with httpx.Client(base_url=server.url, timeout=10) as client:
        event = client.post("/gradio_api/call/predict", json={"data": [picture]}).json()["event_id"]
        answer = client.get(f"/gradio_api/call/predict/{event}").text
    assert answer.startswith("event: error\n")
    sentence = json.loads(answer.partition("data: ")[2])["error"]
    assert sentence.startswith(("This file was not uploaded", "This data URL is not base64"))


def test_log_has_nothing_but_json_after_the_start(server):
    lines = server.log().splitlines()
    started = max(index for index, line in enumerate(lines) if "Streamable HTTP URL" in line)
    for line in filter(None, lines[started + 1 :]):
        json.loads(line)
