"""Connections to a server of uvicorn's, with limits."""

import contextlib
import functools
import logging
import socket
import threading
import time

import pytest
import uvicorn

from pad.connections import CONNECTIONS_FRACTION, LOG_INTERVAL, AcceptFilter, LimitedProtocol
from pad.settings import Settings
from pad.shares import Shares

LARGE = 50_000_000
REQUEST = b"GET / HTTP/1.1\r\nHost: pad\r\n\r\n"


async def answer(scope, receive, send):
    body = bytes(LARGE) if scope["path"] == "/large" else b"7"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def serving(is_launched: bool = True, **limits):
    """Serve, and yield a function that connects, and the shares of the connections."""
    launched = threading.Event()
    if is_launched:
        launched.set()
    settings = Settings(**limits)
    shares = Shares(settings.max_connections, CONNECTIONS_FRACTION)
    protocol = functools.partial(LimitedProtocol, settings=settings, shares=shares, launched=launched)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(answer, http=protocol, lifespan="off", log_level="critical"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(socket.create_connection(listener.getsockname(), timeout=5)), shares
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


def closed(connection: socket.socket) -> bool:
    """Read to the end; raise TimeoutError if there is none."""
    with contextlib.suppress(ConnectionResetError):
        while connection.recv(1000):
            pass
    return True


def test_connection_without_complete_headers_is_closed():
    with serving(header_timeout=0.3) as (connect, shares):
        silent, dripping, honest = connect(), connect(), connect()
        honest.sendall(REQUEST)
        assert honest.recv(1000).startswith(b"HTTP/1.1 200 OK")
        until = time.monotonic() + 0.8
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                dripping.sendall(b"G")
            time.sleep(0.05)
        assert closed(silent)
        assert closed(dripping)
        assert closed(honest), "the next request did not come"
        assert not shares.taken


def test_one_visitor_has_a_fifth_of_the_connections():
    with serving(max_connections=40) as (connect, shares):
        connections = [connect() for _ in range(8)]
        rejected = connect()
        answer = rejected.recv(1000)
        assert answer.startswith(b"HTTP/1.1 503 ")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert f"content-length: {len(body)}".encode() in head
        assert closed(rejected)
        connections[0].sendall(REQUEST)
        assert connections[0].recv(1000).startswith(b"HTTP/1.1 200 OK")
        assert shares.left == 32


def test_launch_can_ask_for_the_page_whatever_connections_there_are():
    with serving(is_launched=False, max_connections=40) as (connect, _):
        connections = [connect() for _ in range(20)]
        connections[-1].sendall(REQUEST)
        assert connections[-1].recv(1000).startswith(b"HTTP/1.1 200 OK")


def test_client_that_does_not_read_is_disconnected():
    with serving(write_timeout=0.3) as (connect, shares):
        slow = connect()
        slow.sendall(REQUEST.replace(b"/ ", b"/large "))
        until = time.monotonic() + 5
        while not shares.taken and time.monotonic() < until:
            time.sleep(0.01)
        while shares.taken and time.monotonic() < until:
            time.sleep(0.01)
        assert not shares.taken
        received = 0
        with pytest.raises(ConnectionResetError):  # noqa: PT012
            while part := slow.recv(1_000_000):
                received += len(part)
            raise ConnectionResetError
        assert received < LARGE


def test_failing_accepts_are_logged_once_a_minute():
    accepts = AcceptFilter()

    def record(message):
        return logging.LogRecord("asyncio", logging.ERROR, "", 0, message, (), None)

    failures = [record("socket.accept() out of system resource\nsocket: ...") for _ in range(3)]
    assert [accepts.filter(each) for each in failures] == [True, False, False]
    assert failures[0].getMessage() == "Connections cannot be accepted: out of files or memory."
    assert accepts.filter(record("something else"))
    accepts.last -= LOG_INTERVAL
    assert accepts.filter(record("socket.accept() out of system resource"))
