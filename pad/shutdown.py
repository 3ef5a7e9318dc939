"""Answer everything that was asked before the server ends."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pad.errors import ServerBusyError, error_response

#: Proxies ask here whether to send requests.
READINESS_PATH = "/readyz"


class Shutdown:
    """What the server's thread and the main thread know about the shutdown."""

    def __init__(self):
        self.draining = False
        self.ended = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self.unfinished: set[Callable[[], Awaitable[None]]] = set()

    def end_requests(self) -> None:
        """Answer the unfinished requests with 503 and end their streams. May be called in any thread."""
        if self.loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the last request ended a moment ago
                self.loop.call_soon_threadsafe(self._end_requests)

    def _end_requests(self) -> None:
        self.ended = True
        # A file that is sent half cannot be ended: uvicorn closes its connection.
        self.ending = asyncio.gather(*(end() for end in self.unfinished), return_exceptions=True)


class ShutdownMiddleware:
    """ASGI middleware that closes connections after their response once ``shutdown.draining`` is set.

    GET /readyz is answered with 503 then, so that proxies send no more requests.
    """

    def __init__(self, app: ASGIApp, shutdown: Shutdown):
        self.app = app
        self.shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.shutdown.loop = asyncio.get_running_loop()
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _Request(self.shutdown, scope, receive, send)
        if self.shutdown.ended or (self.shutdown.draining and scope["path"] == READINESS_PATH):
            await request.end()
            return
        self.shutdown.unfinished.add(request.end)
        try:
            await self.app(scope, receive, request.send)
        finally:
            self.shutdown.unfinished.discard(request.end)


class _Request:
    """A request, of which the response may be ended by others than the app."""

    def __init__(self, shutdown: Shutdown, scope: Scope, receive: Receive, send: Send):
        self.shutdown, self.scope, self.receive, self.send_on = shutdown, scope, receive, send
        self.started = self.complete = self.ended = False

    async def send(self, message: Message) -> None:
        """Send a message of the app's; it is dropped once the response was ended."""
        if not self.ended:
            await self._send(message)

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            if self.shutdown.draining:
                MutableHeaders(scope=message)["connection"] = "close"
        self.complete = message["type"] == "http.response.body" and not message.get("more_body", False)
        await self.send_on(message)

    async def end(self) -> None:
        """Answer with 503, or end the stream if the response has started."""
        self.ended = True
        if not self.started:
            await error_response(ServerBusyError())(self.scope, self.receive, self._send)
        elif not self.complete:
            await self._send({"type": "http.response.body", "body": b""})
