"""Unused routes of Gradio's are not found. What page and API need is tested where it is used."""

import httpx
import pytest

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
]


@pytest.mark.parametrize(("method", "path"), UNUSED)
def test_unused_routes_are_not_found(server, method, path):
    response = httpx.request(method, server.url + path)
    assert response.status_code == 404
    assert response.json() == {"error": "There is nothing at this address.", "code": "not_found"}
