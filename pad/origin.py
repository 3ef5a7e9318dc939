"""ASGI middleware: requests that pages of other sites make visitors' browsers send are refused."""

import ipaddress
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pad.errors import ForeignOriginError, UnknownHostError, error_response

DEFAULT_PORTS = (":80", ":443")


class SameOrigin:
    """Refuse requests that come from another site's page, or are for a host that is not this one.

    Browsers send the page's ``Origin`` with every POST request, over plain HTTP, too, where they send no
    ``Sec-Fetch-Site``; other programs send neither. A page may have its own name lead to this server's address, so that
    origin and host are equal (DNS rebinding); therefore the host is checked, too, unless it is an address.

    Args:
        hosts: this server's names; if empty, all are allowed.
        public_url: returns a further address of the page, or None.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], public_url: Callable[[], str | None] = lambda: None):
        self.app = app
        self.hosts = hosts
        self.public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host, origin = _authority("//" + headers.get("host", "")), headers.get("origin")
            public = _authority(self.public_url() or "")
            error = None
            if self.hosts and not _is_address(host) and _name(host) not in self.hosts and host != public:
                error = UnknownHostError()
            elif origin and _authority(origin) not in (host, public) and _name(_authority(origin)) not in self.hosts:
                error = ForeignOriginError()
            if error:
                await error_response(error)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _authority(url: str) -> str:
    """Return the host of a URL, with its port unless it is a default one; "" if it has none."""
    try:
        authority = urlsplit(url).netloc.lower()
    except ValueError:
        return ""
    for port in DEFAULT_PORTS:
        authority = authority.removesuffix(port)
    return authority


def _name(authority: str) -> str:
    name, _, port = authority.rpartition(":")
    return name if port.isdecimal() else authority


def _is_address(authority: str) -> bool:
    try:
        ipaddress.ip_address(_name(authority).strip("[]"))
    except ValueError:
        return False
    return True
