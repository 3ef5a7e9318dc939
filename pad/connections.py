"""Limits of HTTP connections: how many there are, and how long they may take to send headers or to read an answer."""

import asyncio
import functools
import logging
import threading
import time

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from pad.settings import MIN_CONNECTIONS, Settings
from pad.shares import Shares
from pad.visitors import visitor_of

try:
    import resource
except ImportError:  # on Windows, where sockets do not count as files
    resource = None

#: Files for everything but connections: modules, uploads, pipes of worker processes, the storage of the rate limits.
RESERVED_FILES = 100
#: Fraction of the connections left that one visitor may have.
CONNECTIONS_FRACTION = 1 / 4
#: Connections that asyncio accepts before it looks at any of them.
BACKLOG = 2048
#: Seconds between two log lines about connections that cannot be accepted.
LOG_INTERVAL = 60
UNAVAILABLE = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n"
    b"content-length: 45\r\nconnection: close\r\n\r\n"
    b'{"error":"The server is busy.","code":"busy"}'
)


class LimitedProtocol(H11Protocol):
    """Uvicorn's protocol with limits.

    A connection is closed that does not complete a request's headers within ``header_timeout`` seconds of its start or
    of the last response, or whose client leaves data unread for ``write_timeout`` seconds. Connections from this
    machine's own address are not counted before ``launched`` is set.
    """

    def __init__(self, *arguments, settings: Settings, shares: Shares, launched: threading.Event, **options):
        super().__init__(*arguments, **options)
        self.settings = settings
        self.shares = shares
        self.launched = launched
        self.visitor: str | None = None  # None if the connection is not counted
        self.header_timer: asyncio.TimerHandle | None = None
        self.write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        visitor = visitor_of(self.client)
        # So that the protocol is told of any data that waits for the client, also after the last write.
        transport.set_write_buffer_limits(high=0)
        by_launch = not self.launched.is_set() and visitor == visitor_of(self.server)
        if not by_launch:
            if not self.shares.take(visitor):
                transport.write(UNAVAILABLE)
                transport.close()
                return
            self.visitor = visitor
        self._watch_headers()

    def connection_lost(self, error: Exception | None) -> None:
        if self.visitor is not None:
            self.shares.give_back(self.visitor)
        for timer in (self.header_timer, self.write_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._watch_headers()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch_headers()

    def _watch_headers(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:  # a request is being received or answered
            if self.header_timer is not None:
                self.header_timer.cancel()
                self.header_timer = None
        elif self.header_timer is None and not self.transport.is_closing():
            self.header_timer = self.loop.call_later(self.settings.header_timeout, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.write_timer = self.loop.call_later(self.settings.write_timeout, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.write_timer is not None:
            self.write_timer.cancel()
            self.write_timer = None

    def _should_upgrade(self) -> bool:
        return False  # there are no WebSockets here, and uvicorn would log each request for one


class AcceptFilter(logging.Filter):
    """Let through one line a minute about connections that cannot be accepted, of which asyncio logs each."""

    last = -LOG_INTERVAL

    def filter(self, record: logging.LogRecord) -> bool:
        if "out of system resource" not in record.getMessage():
            return True
        record.msg, record.args, record.exc_info = "Connections cannot be accepted: out of files or memory.", (), None
        if time.monotonic() - self.last < LOG_INTERVAL:
            return False
        self.last = time.monotonic()
        return True


def limit_connections(settings: Settings) -> threading.Event:
    """Make the servers that are started from now on limit their connections; return the event to set after the launch.

    Gradio's ``launch`` makes the server's configuration, and has no argument for it; so its class gets other defaults.
    It also asks the server for its page, and fails without an answer: strangers who connect meanwhile must not take
    the place of that.

    The limit of open files is raised as far as it is needed and allowed; where that is too few, so are the connections.
    """
    backlog, connections = BACKLOG, settings.max_connections
    if resource is not None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY:
            needed = RESERVED_FILES + backlog + connections
            files = max(soft, needed if hard == resource.RLIM_INFINITY else min(needed, hard))
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
            backlog = min(backlog, files // 4)
            connections = max(MIN_CONNECTIONS, min(connections, files - RESERVED_FILES - backlog))
    logging.getLogger("asyncio").addFilter(AcceptFilter())
    launched = threading.Event()
    # All connections come from the proxies, if there are any.
    shares = Shares(connections, connections if settings.trusted_proxies else CONNECTIONS_FRACTION)
    protocol = functools.partial(LimitedProtocol, settings=settings, shares=shares, launched=launched)
    # The headers of proxies are for pad.proxies.
    uvicorn.Config = functools.partial(uvicorn.Config, http=protocol, backlog=backlog, proxy_headers=False)
    return launched
