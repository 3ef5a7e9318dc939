import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pad.gradio_errors import GradioErrors


async def fail(request):
    raise KeyError("an unexpected request")


async def fail_later(request):
    async def stream():
        yield b"begun"
        raise KeyError("an unexpected request")

    return StreamingResponse(stream())


@pytest.fixture
def client():
    routes = [Route("/gradio_api/fail", fail), Route("/gradio_api/stream", fail_later), Route("/read", fail)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(GradioErrors)]))


def test_exceptions_of_gradios_routes_are_answered_with_422(client, caplog):
    response = client.get("/gradio_api/fail")
    assert response.status_code == 422
    assert response.json() == {"error": "The request is malformed.", "code": "unreadable"}
    assert "GET /gradio_api/fail: KeyError" in caplog.text


def test_streams_that_fail_are_ended(client):
    assert client.get("/gradio_api/stream").text == "begun"


def test_exceptions_of_our_own_routes_are_not_hidden(client):
    with pytest.raises(KeyError):
        client.get("/read")
