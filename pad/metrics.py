"""ASGI middleware: metrics of the requests, for Prometheus."""

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, make_asgi_app
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METRICS_PATH = "/metrics"
#: What the label "path" can be: a path, or the start of paths that end with files, sessions or events. All else is
#: OTHER, because each value takes memory.
PATHS = frozenset(
    (
        *("/", "/read", "/read/preview", "/why", "/inside", "/correct", "/withdraw", "/healthz", "/readyz", "/config"),
        *("/gradio_api/upload", "/gradio_api/queue/join", "/gradio_api/queue/data"),
    )
)
PREFIXES = ("/gradio_api/call/", "/gradio_api/mcp/", "/assets/", "/static/", "/pad/")
OTHER = "other"
#: Why a request was refused, by the status of the response.
REASONS = {
    403: "foreign_origin",
    408: "cut_off",
    413: "too_large",
    421: "unknown_host",
    429: "rate_limit",
    503: "busy",
}
#: Bounds of the histogram, in seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Count and time the requests, and answer GET /metrics.

    A request that a proxy forwarded gets no metrics: they are for those who can reach the server itself. Streams count
    as in progress until they end; the durations are those until the response starts.

    Args:
        app: the app.
        queue_length: returns the number of calls that wait in Gradio's queue.
    """

    def __init__(self, app: ASGIApp, queue_length: Callable[[], int]):
        self.app = app
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.answer = make_asgi_app(registry)
        self.requests = Counter("digits_requests", "Requests answered.", ["path", "status"], registry=registry)
        self.refused = Counter("digits_refused_requests", "Requests refused.", ["reason"], registry=registry)
        self.durations = Histogram(
            "digits_response_seconds", "Time until the response starts.", ["path"], buckets=BUCKETS, registry=registry
        )
        self.in_progress = Gauge("digits_requests_in_progress", "Requests in progress.", ["path"], registry=registry)
        queue = Gauge("digits_queue_length", "Calls that wait in Gradio's queue.", registry=registry)
        queue.set_function(queue_length)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == METRICS_PATH and "x-forwarded-for" not in Headers(scope=scope):
            await self.answer(scope, receive, send)
        else:
            await self._measure(scope, receive, send)

    async def _measure(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _template(scope["path"])
        started = time.perf_counter()

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = message["status"]
                self.requests.labels(path, status).inc()
                self.durations.labels(path).observe(time.perf_counter() - started)
                if status in REASONS:
                    self.refused.labels(REASONS[status]).inc()
            await send(message)

        with self.in_progress.labels(path).track_inprogress():
            await self.app(scope, receive, send_and_count)


def _template(path: str) -> str:
    if path in PATHS:
        return path
    return next((f"{prefix}*" for prefix in PREFIXES if path.startswith(prefix)), OTHER)
