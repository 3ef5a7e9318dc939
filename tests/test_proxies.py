import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pad.proxies import TrustedProxies


def seen(count: int, **headers: str) -> list[str]:
    """Return the visitor, scheme and host that an app behind ``count`` proxies sees."""

    async def answer(request):
        assert not [name for name in request.headers if name.startswith("x-forwarded")]
        return JSONResponse([request.client.host, request.url.scheme, request.url.netloc])

    app = Starlette(routes=[Route("/", answer)], middleware=[Middleware(TrustedProxies, count)])
    with TestClient(app, base_url="http://inner.test", client=("10.0.0.1", 1)) as client:
        return client.get("/", headers={f"x-forwarded-{name}": value for name, value in headers.items()}).json()


@pytest.mark.parametrize(
    ("count", "forwarded", "visitor"),
    [
        (0, "1.1.1.1", "10.0.0.1"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.9", "1.1.1.1"),
        (2, "1.1.1.1", "1.1.1.1"),
        (1, "", "10.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_visitor_is_the_address_that_the_first_trusted_proxy_was_called_from(count, forwarded, visitor):
    assert seen(count, **{"for": forwarded})[0] == visitor


def test_scheme_and_host_are_those_of_the_first_proxy():
    assert seen(1, proto="https", host="pad.example") == ["10.0.0.1", "https", "pad.example"]
    assert seen(1, proto="file", host="") == ["10.0.0.1", "http", "inner.test"]
    assert seen(0, proto="https", host="pad.example") == ["10.0.0.1", "http", "inner.test"]
