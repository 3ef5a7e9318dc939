"""What stands between strangers and the page: limits to size, pace and crowd, headers, and a log line for each request.

ASGI middleware. What it refuses is answered as pad.routes answers what fails: {"error": a sentence, "code": a word}.
"""

import datetime
import json
import logging
import time

import anyio
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pad.routes import failed

LOG = logging.getLogger("digits")
MAX_BODY = 31_000_000  # bytes: a picture's file of 30 MB, and what is sent around it
CROWD = 64  # requests that are worked on at once; of 64 drawings the last waits for a quarter of a second at the most
PATIENCE = 120  # seconds that a body may take: 30 MB at 2 Mbit/s
MOST_HELD = 1_000_000_000  # bytes of all bodies together, received or being received
#: What one visitor may ask for: more than a pen on the fastest screen does, or a program that waits for each answer.
PACE = RateLimitItemPerSecond(3000, 10)

# Scripts and styles are Gradio's, written into the page; components are made from text there. Shown in frames of a
# Space's page alone, and asking nobody but this server.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co https://*.hf.space",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "permissions-policy": "camera=(self), clipboard-write=(self), microphone=(), geolocation=()",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
}


class Guard:
    """Middleware around the whole app."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.at_work = 0
        self.held = 0
        self.limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            await self._answer(scope, receive, send_guarded)
        finally:
            # Without the names of visitors' files, which follow a "=", and without what was asked.
            path = scope["path"].partition("=")[0]
            milliseconds = round(1000 * (time.perf_counter() - started), 1)
            now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
            line = {"time": now, "method": scope["method"], "path": path, "status": status, "ms": milliseconds}
            LOG.info(json.dumps(line))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST" and scope["path"] != "/readyz":  # which reads a digit as well
            await self.app(scope, receive, send)
            return
        body = bytearray()
        try:
            refusal = self._refused_at_once(scope) or await self._receive_all(receive, body)
            # Whoever sends slowly has taken nobody's place so far; and a server with a crowd is ready nevertheless.
            if not refusal and self.at_work >= CROWD and scope["path"] != "/readyz":
                refusal = _busy()
            if refusal:
                await refusal(scope, receive, send)
                return
            self.at_work += 1
            try:
                await self.app(scope, _replayed(bytes(body), receive), send)
            finally:
                self.at_work -= 1
        finally:
            self.held -= len(body)

    def _refused_at_once(self, scope: Scope) -> ASGIApp | None:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return _too_large()
        if not self.limiter.hit(PACE, (scope["client"] or ("",))[0]):
            return failed(429, "busy", "These are too many requests from one visitor.", retry_after=10)
        return None

    async def _receive_all(self, receive: Receive, body: bytearray) -> ASGIApp | None:
        """Receive the body; returns what to answer instead if it is too large, whatever was announced, or cut off."""
        with anyio.move_on_after(PATIENCE):
            while (message := await receive())["type"] == "http.request":
                part = message.get("body", b"")
                body += part
                self.held += len(part)
                if len(body) > MAX_BODY:
                    return _too_large()
                if self.held > MOST_HELD:
                    return _busy()
                if not message.get("more_body", False):
                    return None
        return failed(408, "cut_off", "The request was not sent to its end, or too slowly.")


def _too_large() -> ASGIApp:
    return failed(413, "too_large", f"At most {MAX_BODY:,} bytes are read.")


def _busy() -> ASGIApp:
    return failed(503, "busy", "Too many are asking at once.", retry_after=1)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body that was received already, and then what comes after it: the visitor's leaving."""
    before: list[Message] = [{"type": "http.request", "body": body}]

    async def receive_replayed() -> Message:
        return before.pop() if before else await receive()

    return receive_replayed
