"""The log: one JSON object per line, whoever writes it."""

import datetime
import json
import logging
import sys
import threading
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.config import LOGGING_CONFIG

LOG = logging.getLogger("digits")


class JSONFormatter(logging.Formatter):
    """Format a record as a line of JSON: the fields of a message that is a dict, or else level, logger and message."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        line = {"time": time.isoformat(timespec="milliseconds")}
        if isinstance(record.msg, dict):
            line |= record.msg
        else:
            line |= {"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure_log(level: int) -> None:
    """Write the records of all loggers, warnings, and exceptions that end a thread to stderr in JSON.

    Args:
        level: that of our own logger; others log warnings and errors.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter())
    logging.basicConfig(handlers=[handler])
    LOG.setLevel(level)
    logging.captureWarnings(True)
    LOGGING_CONFIG["loggers"].clear()  # uvicorn's loggers would have handlers of their own
    sys.excepthook = _log_exception
    threading.excepthook = lambda failed: _log_exception(failed.exc_type, failed.exc_value, failed.exc_traceback)


def _log_exception(*exception) -> None:
    LOG.critical("An exception ended a thread.", exc_info=exception)


class RequestLog:
    """ASGI middleware that logs each request: method, path, status and milliseconds.

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
            path = scope["path"].partition("=")[0]
            milliseconds = round(1000 * (time.perf_counter() - started), 1)
            LOG.info({"method": scope["method"], "path": path, "status": status, "ms": milliseconds})
