"""Unused routes of Gradio's are not found. What page and API need is tested where it is used."""

import ast
import asyncio
import concurrent.futures
import contextlib
import json
import re

import httpx
import pytest
from gradio_client import Client, handle_file
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from pad.allowed import PATHS
from tests.helpers.drawings import picture
from tests.helpers.encoding import data_url, png
from tests.helpers.servers import running_app

UNUSED = [
    ("GET", "/gradio_api/file=http://127.0.0.1/"),
    ("GET", "/gradio_api/file=/etc/passwd"),
    ("GET", "/gradio_api/file/etc/passwd"),
    ("GET", "/gradio_api/proxy=http://127.0.0.1/"),
    ("POST", "/gradio_api/process_recording"),
    ("POST", "/gradio_api/run/predict"),
    ("POST", "/gradio_api/api/predict"),
    ("POST", "/gradio_api/vibe-edit/"),
    ("GET", "/gradio_api/stream/a/b/c/playlist.m3u8"),
    ("GET", "/gradio_api/runs"),
    ("GET", "/monitoring"),
    ("GET", "/gradio_api/deep_link"),
    ("GET", "/svelte/index.js"),
    ("GET", "/manifest.json"),
    ("GET", "/docs"),
    ("POST", "/login"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/reset"),
    ("GET", "/gradio_api/heartbeat/a"),
    ("GET", "/gradio_api/upload_progress"),
]


@pytest.mark.parametrize(("method", "path"), UNUSED)
def test_unused_routes_are_not_found(server, method, path):
    response = httpx.request(method, server.url + path)
    assert response.status_code == 404
    assert response.json() == {"error": "There is nothing at this address.", "code": "not_found"}


@pytest.mark.slow
def test_page_and_clients_use_every_route_and_no_other(browser, tmp_path):
    from tests.helpers.browser import open_page, use_everything

    with running_app(tmp_path) as server:
        page = open_page(browser.new_page(), server)
        use_everything(page)
        page.close()
        drawing = tmp_path / "three.png"
        drawing.write_bytes(png(picture(3)))
        with contextlib.closing(Client(server.url, verbose=False)) as client:
            assert client.predict(handle_file(drawing), api_name="/predict")["digit"] == 3
            client.view_api(print_info=False)
        with concurrent.futures.ThreadPoolExecutor() as pool:  # Playwright has an event loop in this thread
            assert pool.submit(asyncio.run, answer_of_mcp(server, data_url(png(picture(3))))).result()["digit"] == 3
        with httpx.Client(base_url=server.url) as curl:
            browsers = ("/favicon.ico", "/robots.txt", "/gradio_api/app_id")  # the last one after a lost connection
            for path in ("/healthz", "/readyz", "/gradio_api/openapi.json", *browsers):
                assert curl.get(path).status_code == 200
            event = curl.post("/gradio_api/call/predict", json={"data": [None]}).json()["event_id"]
            curl.get(f"/gradio_api/call/predict/{event}")
            assert curl.post("/read", files={"file": png(picture(3))}).json()["digit"] == 3
            correction = {"picture": data_url(png(picture(3))), "read": 3, "digit": 3}
            name = curl.post("/correct", json=correction).json()["name"]
            assert curl.post("/withdraw", json=name).status_code == 200
            assert curl.post("/read/preview", content=png(picture(3))).status_code == 200
        lines = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    requests = [line for line in lines if "path" in line]
    assert [line for line in requests if line["status"] == 404] == []
    unused = [path for path in PATHS if not any(re.fullmatch(path, line["path"]) for line in requests)]
    assert unused == []


async def answer_of_mcp(server, image: str) -> dict:
    """Return the answer to a picture of the tool that programs which speak MCP use."""
    async with (
        streamable_http_client(f"{server.url}/gradio_api/mcp/") as (receive, send, *_),
        ClientSession(receive, send) as session,
    ):
        await session.initialize()
        (tool,) = (await session.list_tools()).tools
        result = await session.call_tool(tool.name, {"image": image})
        return ast.literal_eval(result.content[0].text)


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/config", "/read", "/gradio_api/info", "/gradio_api/mcp/"])
def test_pages_of_other_sites_get_no_access(server, method, path):
    headers = {"origin": "https://elsewhere.test", "access-control-request-method": "POST"}
    response = httpx.request(method, server.url + path, headers=headers)
    assert "access-control-allow-origin" not in response.headers
    if method != "OPTIONS":  # which Gradio answers by itself
        assert response.status_code == 403
