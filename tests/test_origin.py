import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pad.origin import SameOrigin

PUBLIC = "https://pad.example"


def status(headers: dict[str, str], hosts: tuple[str, ...] = (), method: str = "POST") -> int:
    route = Route("/correct", lambda request: PlainTextResponse("kept"), methods=["GET", "POST"])
    middleware = Middleware(SameOrigin, hosts, lambda: PUBLIC)
    with TestClient(Starlette(routes=[route], middleware=[middleware])) as client:
        return client.request(method, "/correct", headers=headers).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "pad.test"},  # a program
        {"host": "pad.test:7860", "origin": "http://pad.test:7860"},
        {"host": "pad.test", "origin": "https://PAD.test:443"},
        {"host": "10.0.0.1:7860", "origin": PUBLIC},  # a proxy in front
    ],
)
def test_programs_and_pages_of_this_site_are_answered(headers):
    assert status(headers) == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "origin", ["http://elsewhere.test", "http://pad.test:8000", "http://pad.test.evil.test", "null", "http://[", ""]
)
def test_pages_of_other_sites_are_refused(origin, method):
    assert status({"host": "pad.test", "origin": origin or "x"}, method=method) == 403


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1:7860", "[::1]:7860", "pad.example", "127.0.0.1"])
def test_names_of_this_server_and_addresses_are_answered(host):
    assert status({"host": host, "origin": f"http://{host}"}, hosts=("localhost",)) == 200


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "evil.test:7860", "127.0.0.1.evil.test", ""])
def test_names_that_lead_to_this_server_are_refused(host):
    assert status({"host": host, "origin": f"http://{host}"}, hosts=("localhost",)) == 421
