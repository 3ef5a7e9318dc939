"""ASGI middleware: size, rate and concurrency limits, security headers, one log line per request."""

import datetime
import json
import logging
import time

import anyio
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model.errors import DigitPadError
from pad.errors import BodyTooLargeError, IncompleteBodyError, RateLimitError, ServerBusyError, error_response
from pad.settings import Settings

LOG = logging.getLogger("digits")

#: Gradio writes its scripts and styles into the page, and makes components from text there. The page may be framed by a
#: Space's page only, and sends requests to this server only.
CONTENT_SECURITY_POLICY = "; ".join(
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
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "permissions-policy": "camera=(self), clipboard-write=(self), microphone=(), geolocation=()",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
}
#: Runs the classifier, so it counts against the rate limit, but a busy server must answer it as well.
READINESS_PATH = "/readyz"


class RequestLog:
    """Log one JSON line per request: time, method, path, status and milliseconds.

    Paths end before "=", after which Gradio's have the names of visitors' files; queries are left out.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
            path = scope["path"].partition("=")[0]
            milliseconds = round(1000 * (time.perf_counter() - started), 1)
            line = {"time": now, "method": scope["method"], "path": path, "status": status, "ms": milliseconds}
            LOG.info(json.dumps(line))


class SecurityHeaders:
    """Add SECURITY_HEADERS to every response."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class RequestLimits:
    """Limit the POST requests that reach the app, and receive their bodies before the app is called.

    ``settings`` has the limits, and where requests are counted.
    """

    def __init__(self, app: ASGIApp, settings: Settings):
        self.app = app
        self.settings = settings
        self.limiter = SlidingWindowCounterRateLimiter(storage_from_string(f"async+{settings.limits_storage}"))
        self.concurrent = 0
        self.buffered_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limited = scope["type"] == "http" and (scope["method"] == "POST" or scope["path"] == READINESS_PATH)
        if not limited:
            await self.app(scope, receive, send)
            return
        body = bytearray()
        try:
            await self._admit(scope, receive, body)
        except DigitPadError as error:
            self.buffered_bytes -= len(body)
            await error_response(error)(scope, receive, send)
            return
        self.concurrent += 1
        try:
            await self.app(scope, _replay(bytes(body), receive), send)
        finally:
            self.concurrent -= 1
            self.buffered_bytes -= len(body)

    async def _admit(self, scope: Scope, receive: Receive, body: bytearray) -> None:
        """Receive the body; raise if the request exceeds a limit."""
        await self._check_headers(scope)
        await self._receive_body(receive, body)
        # Checked after the body has arrived, so that slow uploads do not occupy a slot.
        if self.concurrent >= self.settings.max_concurrent and scope["path"] != READINESS_PATH:
            raise ServerBusyError

    async def _check_headers(self, scope: Scope) -> None:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > self.settings.max_body:
            raise BodyTooLargeError(self.settings.max_body)
        visitor = (scope["client"] or ("",))[0]
        if not await self.limiter.hit(self.settings.rate_limit, visitor):
            raise RateLimitError(retry_after=self.settings.rate_limit.get_expiry())

    async def _receive_body(self, receive: Receive, body: bytearray) -> None:
        with anyio.move_on_after(self.settings.body_timeout):
            while (message := await receive())["type"] == "http.request":
                chunk = message.get("body", b"")
                body += chunk
                self.buffered_bytes += len(chunk)
                if len(body) > self.settings.max_body:
                    raise BodyTooLargeError(self.settings.max_body)
                if self.buffered_bytes > self.settings.max_buffered_bytes:
                    raise ServerBusyError
                if not message.get("more_body", False):
                    return
        raise IncompleteBodyError


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that yields the body once, and then what comes after it: the client's disconnection."""
    messages: list[Message] = [{"type": "http.request", "body": body}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
