"""ASGI middleware: who sent a request, and to which address, where there are reverse proxies."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

#: What proxies report of the request that they received. Anybody may send the same.
FORWARDED = "x-forwarded-"
SCHEMES = {"http", "https"}


class TrustedProxies:
    """Take the visitor's address, the scheme and the host from ``X-Forwarded-For``, ``-Proto`` and ``-Host``.

    Each proxy adds the address that it was called from at the right, so only the last ``count`` addresses are
    trustworthy, and the first of these is the visitor's. The headers are removed: whatever comes after sees the
    request as if there were no proxies.

    Args:
        count: how many proxies every request passes; if 0, the headers are ignored.
    """

    def __init__(self, app: ASGIApp, count: int):
        self.app = app
        self.count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = self._as_received_by_the_first_proxy(scope)
        await self.app(scope, receive, send)

    def _as_received_by_the_first_proxy(self, scope: Scope) -> Scope:
        headers = Headers(scope=scope)
        pairs = [pair for pair in scope["headers"] if not pair[0].startswith(FORWARDED.encode())]
        changed = {**scope, "headers": pairs}
        if self.count == 0:
            return changed
        if visitor := self._last(headers, "for"):
            changed["client"] = (visitor, 0)
        if (scheme := self._last(headers, "proto")) in SCHEMES:
            changed["scheme"] = scheme if scope["type"] == "http" else scheme.replace("http", "ws")
        if host := self._last(headers, "host"):
            changed["headers"] = [*(pair for pair in pairs if pair[0] != b"host"), (b"host", host.encode("latin-1"))]
        return changed

    def _last(self, headers: Headers, name: str) -> str:
        """Return the header's value that the first of the trusted proxies has written, or ""."""
        values = ",".join(headers.getlist(FORWARDED + name)).split(",")
        return values[-self.count :][0].strip()
