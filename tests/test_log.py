import json
import logging
import subprocess
import sys

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pad.log import JSONFormatter, RequestLog
from tests.helpers import ROOT


def line(record: logging.LogRecord) -> dict:
    text = JSONFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_request_log_has_a_line_per_request_without_private_parts_of_the_path(caplog):
    route = Route("/{path:path}", lambda request: PlainTextResponse("read"), methods=["GET", "POST"])
    with (
        TestClient(Starlette(routes=[route], middleware=[Middleware(RequestLog)])) as client,
        caplog.at_level(logging.INFO, "digits"),
    ):
        client.get("/gradio_api/file=/tmp/my%20diary.png?token=secret")
        client.post("/read", content=b"seven")
    first, second = (line(record) for record in caplog.records if record.name == "digits")
    assert first["path"] == "/gradio_api/file"
    assert {"method": "POST", "path": "/read", "status": 200}.items() <= second.items()
    assert second["ms"] >= 0
    assert "diary" not in str(first)
    assert "secret" not in str(first)


def test_records_of_other_loggers_are_json_with_their_traceback():
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord("uvicorn", logging.ERROR, "", 0, "It %s.", ("failed",), sys.exc_info())
    logged = line(record)
    assert {"level": "error", "logger": "uvicorn", "message": "It failed."}.items() <= logged.items()
    assert logged["traceback"].endswith("ValueError: two\nlines")


def test_configured_log_has_exceptions_of_threads_and_warnings_in_json():
    script = """
import logging, threading, warnings
from pad.log import LOG, configure_log
configure_log(logging.INFO)
LOG.info({"path": "/read"})
warnings.warn("odd")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start(); thread.join()
raise RuntimeError("the end")
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    lines = [json.loads(each) for each in result.stderr.splitlines()]
    assert [each.get("level") for each in lines] == [None, "warning", "critical", "critical"]
    assert "ZeroDivisionError" in lines[2]["traceback"]
    assert "the end" in lines[3]["traceback"]
