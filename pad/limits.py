"""ASGI middleware: size, rate and concurrency limits, and security headers."""

import os
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType

import anyio
from limits import RateLimitItem
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pad.errors import (
    BodyTooLargeError,
    IncompleteBodyError,
    RateLimitError,
    RequestError,
    ServerBusyError,
    error_response,
)
from pad.rates import RateLimiter
from pad.settings import Settings
from pad.shares import Shares
from pad.uploads import UPLOADS_PATH, room_for
from pad.visitors import visitor_of

#: Gradio writes its scripts and styles into the page, and makes components from text there. The page sends requests to
#: this server only.
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
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
#: What may frame a Space, as well as the page itself.
HUGGING_FACE = "https://huggingface.co https://*.huggingface.co https://*.hf.space"
SECURITY_HEADERS = {
    "permissions-policy": "camera=(self), clipboard-write=(self), microphone=(), geolocation=()",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
}
CORRECTIONS_PATH = "/correct"
#: Fractions of what is left that one visitor may have, of requests and of bytes: see Shares. Requests end soon.
REQUESTS_FRACTION, BYTES_FRACTION = 1, 1 / 2
#: Size of the pieces in which the app receives a body.
REPLAYED_BYTES = 256 * 1024


class SecurityHeaders:
    """Add SECURITY_HEADERS and the content security policy to every response."""

    def __init__(self, app: ASGIApp):
        self.app = app
        framed_by = f" {HUGGING_FACE}" if os.environ.get("SPACE_ID") else ""  # it ends with frame-ancestors
        self.headers = SECURITY_HEADERS | {"content-security-policy": CONTENT_SECURITY_POLICY + framed_by}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class RequestLimits:
    """Limit the POST requests that reach the app, and receive their bodies before the app is called.

    Args:
        app: the app.
        settings: the limits, and where requests are counted.
        body_limits: the largest bodies, in bytes, of the paths that take less than ``settings.max_body``.
    """

    def __init__(self, app: ASGIApp, settings: Settings, body_limits: Mapping[str, int] = MappingProxyType({})):
        self.app = app
        self.settings = settings
        self.body_limits = body_limits
        self.rate_limiter = RateLimiter(settings.limits_storage)
        self.requests = Shares(settings.max_concurrent, REQUESTS_FRACTION)
        self.buffered_bytes = Shares(settings.max_buffered_bytes, BYTES_FRACTION)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not (scope["type"] == "http" and scope["method"] == "POST"):
            await self.app(scope, receive, send)
            return
        visitor = visitor_of(scope["client"])
        body = bytearray()
        buffered = 0
        try:
            max_bytes = self.body_limits.get(scope["path"], self.settings.max_body)
            await self._check_headers(scope, visitor, max_bytes)
            async for chunk in self._chunks(receive):
                if len(body) + len(chunk) > max_bytes:
                    raise BodyTooLargeError(max_bytes)
                if not self.buffered_bytes.take(visitor, len(chunk)):
                    raise ServerBusyError
                buffered += len(chunk)
                body += chunk
            if scope["path"].startswith(UPLOADS_PATH):
                await self._count(self.settings.uploads_limit, visitor, UPLOADS_PATH, cost=room_for(body))
            # Checked after the body has arrived, so that slow uploads do not occupy a slot.
            if self.requests.take(visitor):
                try:
                    await self.app(scope, _replay(body, receive), send)
                finally:
                    self.requests.give_back(visitor)
            else:
                raise ServerBusyError
        except RequestError as error:
            await error_response(error)(scope, receive, send)
        finally:
            self.buffered_bytes.give_back(visitor, buffered)

    async def _check_headers(self, scope: Scope, visitor: str, max_bytes: int) -> None:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > max_bytes:
            raise BodyTooLargeError(max_bytes)
        await self._count(self.settings.rate_limit, visitor)
        if scope["path"] == CORRECTIONS_PATH:
            await self._count(self.settings.corrections_limit, visitor, CORRECTIONS_PATH)

    async def _count(self, rate_limit: RateLimitItem, *names: str, cost: int = 1) -> None:
        if not await self.rate_limiter.hit(rate_limit, *names, cost=cost):
            raise RateLimitError(retry_after=rate_limit.get_expiry())

    async def _chunks(self, receive: Receive) -> AsyncIterator[bytes]:
        """Yield the body's chunks; raise if it is cut off or slower than the least rate."""
        deadline = anyio.current_time() + self.settings.body_grace
        while True:
            with anyio.CancelScope(deadline=deadline) as timeout:
                message = await receive()
            if timeout.cancelled_caught or message["type"] != "http.request":
                raise IncompleteBodyError
            chunk = message.get("body", b"")
            deadline += len(chunk) / self.settings.min_body_rate
            yield chunk
            if not message.get("more_body", False):
                return


def _replay(body: bytearray, receive: Receive) -> Receive:
    """Return a ``receive`` that yields the body, and then what comes after it: the client's disconnection.

    What was yielded is deleted from ``body``, so that a large body is not in memory twice.
    """
    replayed = False

    async def replay() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        chunk = bytes(body[:REPLAYED_BYTES])
        del body[:REPLAYED_BYTES]
        replayed = not body
        return {"type": "http.request", "body": chunk, "more_body": not replayed}

    return replay
