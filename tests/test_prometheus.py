"""The metrics: what is counted, under which labels, and who gets them."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from pad.metrics import Metrics
from tests.helpers.servers import running_app


def app_with_metrics() -> TestClient:
    """Return a client of an app that answers with the status in the query."""

    async def answer(request) -> Response:
        return PlainTextResponse("", int(request.query_params.get("status", 200)))

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    app.add_middleware(Metrics, queue_length=lambda: 3)
    return TestClient(app)


def samples(text: str) -> dict[tuple, float]:
    """Return the values by name and labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_path_and_status():
    client = app_with_metrics()
    for path in ("/read", "/read", "/read?status=503", "/read?status=429", "/gradio_api/call/predict/17", "/pad/a.js"):
        client.get(path)
    values = samples(client.get("/metrics").text)
    assert values["digits_requests_total", "/read", "200"] == 2
    assert values["digits_requests_total", "/gradio_api/call/*", "200"] == 1
    assert values["digits_requests_total", "/pad/*", "200"] == 1
    assert values["digits_refused_requests_total", "busy"] == 1
    assert values["digits_refused_requests_total", "rate_limit"] == 1
    assert values["digits_response_seconds_count", "/read"] == 4
    assert values["digits_requests_in_progress", "/read"] == 0
    assert values["digits_queue_length",] == 3


def test_visitors_cannot_make_new_labels():
    client = app_with_metrics()
    for number in range(5):
        client.get(f"/{number}")
    values = samples(client.get("/metrics").text)
    assert values["digits_requests_total", "other", "200"] == 5
    assert {labels[0] for name, *labels in values if name == "digits_requests_total"} == {"other"}


def test_forwarded_requests_get_no_metrics():
    response = app_with_metrics().get("/metrics?status=404", headers={"x-forwarded-for": "192.0.2.1"})
    assert (response.status_code, response.text) == (404, "")


def test_metrics_are_off_by_default(server):
    assert httpx.get(f"{server.url}/metrics").json()["code"] == "not_found"


@pytest.mark.slow
def test_app_has_metrics_if_asked(tmp_path):
    with running_app(tmp_path, DIGITS_METRICS="true") as server:
        assert httpx.get(f"{server.url}/").is_success
        response = httpx.get(f"{server.url}/metrics")
        assert response.headers["content-type"].startswith("text/plain")
        values = samples(response.text)
        assert values["digits_requests_total", "/", "200"] >= 1
        assert values["digits_queue_length",] == 0
        forwarded = httpx.get(f"{server.url}/metrics", headers={"x-forwarded-for": "192.0.2.1"})
        assert forwarded.json()["code"] == "not_found"
