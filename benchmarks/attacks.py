"""Attacks on a server, for ``benchmarks.abuse``: pictures that cost much, floods, and slow or idle connections."""

import asyncio
import base64
import functools
import itertools
import urllib.parse
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from benchmarks.hostile_files import FILES
from benchmarks.load import DRAWINGS, TIMEOUT, Ask, by_api, by_route

#: Limits of the visitor's 95th percentile in milliseconds: of a drawing, and of a call of Gradio's queue.
MAX_DRAWING, MAX_CALL = 500, 5000
#: The attackers' addresses: on Linux, all of 127.0.0.0/8 is this machine.
ADDRESSES = [f"127.0.0.{number}" for number in range(2, 12)]
CALLERS = 16
#: Joins of the queue whose answers nobody fetches.
JOINS = 1500
#: Bodies that are never finished, and the size of each in bytes.
UNFINISHED, UNFINISHED_BYTES = 47, 21_000_000
#: Connections that send nothing or hardly anything, and seconds between two bytes of theirs.
SILENT, TRICKLE = 600, 2.0
#: Connections that do not read their responses, and how many requests each sends for LARGE_FILE.
DEAF, REQUESTS = 200, 50
LARGE_FILE = "/pad/preview/en.png"
#: Bytes of an upload, and zeros behind the picture of a correction.
UPLOAD_BYTES, ZEROS = 29_000_000, 500_000

#: What Gradio's routes are sent instead of what they expect.
MALFORMED = (
    ("/gradio_api/queue/join", "[]"),
    ("/gradio_api/queue/join", '{"data": null, "fn_index": 1e99, "session_hash": {}}'),
    ("/gradio_api/queue/join", '{"data": [[]], "fn_index": -7, "session_hash": "\\ud800"}'),
    ("/gradio_api/call/predict", '{"data": {}}'),
    ("/gradio_api/call/predict", '{"data": [{"path": "\\u0000"}]}'),
    ("/gradio_api/call/%00", "null"),
    ("/gradio_api/upload", "no form"),
    ("/gradio_api/mcp/", '{"jsonrpc": "2.0", "method": 7}'),
)
#: Routes that Gradio has and the page does not use.
UNUSED = ("/gradio_api/process_recording", "/gradio_api/vibe-edit/", "/gradio_api/reset", "/gradio_api/run/predict")

#: Attacks the server at a URL until it is cancelled, and counts the outcomes.
Run = Callable[[str, Counter], Awaitable[None]]
#: Sends the request of this number.
Send = Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Attack:
    """An attack, and what the visitor does meanwhile.

    ``visit`` is one of the ways of ``benchmarks.load``, and ``max_wait`` the limit of the visitor's 95th percentile in
    milliseconds.
    """

    name: str
    run: Run
    visit: Callable[[httpx.AsyncClient], Ask] = by_route
    max_wait: float = MAX_DRAWING


def flood(send: Send, callers: int = CALLERS, requests: int | None = None) -> Run:
    """Return an attack of callers who send one request after the other, up to a number of them in all."""

    async def run(url: str, outcomes: Counter) -> None:
        numbers = iter(range(requests)) if requests else itertools.count()

        async def call(address: str) -> None:
            transport = httpx.AsyncHTTPTransport(local_address=address)
            async with httpx.AsyncClient(base_url=url, transport=transport, timeout=TIMEOUT) as client:
                for number in numbers:
                    try:
                        outcomes[str((await send(client, number)).status_code)] += 1
                    except httpx.HTTPError as error:
                        outcomes[type(error).__name__] += 1

        await asyncio.gather(*map(call, _addresses(callers)))
        await asyncio.Event().wait()  # what the requests have left behind goes on

    return run


def connect(number: int, request: bytes, rest: bytes = b"") -> Run:
    """Return an attack of connections that send a request and then single bytes of ``rest``, and never read.

    Those that the server closes are opened again.
    """

    async def run(url: str, outcomes: Counter) -> None:
        parts = urllib.parse.urlsplit(url)

        async def hold(address: str) -> None:
            at = parts.hostname, parts.port
            reader, writer = await asyncio.open_connection(*at, local_addr=(address, 0), limit=1)
            outcomes["opened"] += 1
            try:
                writer.write(request)
                await writer.drain()
                for byte in itertools.cycle(rest or [None]):
                    await asyncio.sleep(TRICKLE)
                    if byte is not None:
                        writer.write(bytes([byte]))
                        await writer.drain()
                    elif reader.at_eof():
                        return
            finally:
                writer.transport.abort()

        async def keep_holding(address: str) -> None:
            while True:
                try:
                    await hold(address)
                except OSError as error:
                    outcomes[type(error).__name__] += 1
                await asyncio.sleep(TRICKLE / 2)

        await asyncio.gather(*map(keep_holding, _addresses(number)))

    return run


def _addresses(number: int) -> list[str]:
    return list(itertools.islice(itertools.cycle(ADDRESSES), number))


async def _send_picture(picture: bytes, client: httpx.AsyncClient, number: int) -> httpx.Response:
    return await client.post("/read", content=picture)


async def _join(client: httpx.AsyncClient, number: int) -> httpx.Response:
    return await client.post("/gradio_api/call/predict", json={"data": [{"url": _data_url(DRAWINGS[number % 10])}]})


async def _name_url(client: httpx.AsyncClient, number: int) -> httpx.Response:
    if number % 2:
        return await client.get(f"/gradio_api/file={client.base_url}pad/preview/en.png")
    return await client.post("/gradio_api/call/predict", json={"data": [{"path": f"{client.base_url}pad/shadow.jpg"}]})


async def _use_unused_route(client: httpx.AsyncClient, number: int) -> httpx.Response:
    return await client.post(UNUSED[number % len(UNUSED)], files={"file": ("a.webm", bytes(1_000_000))})


async def _send_malformed(client: httpx.AsyncClient, number: int) -> httpx.Response:
    path, body = MALFORMED[number % len(MALFORMED)]
    return await client.post(path, content=body, headers={"content-type": "application/json"})


async def _ask_whether_ready(client: httpx.AsyncClient, number: int) -> httpx.Response:
    return await client.get("/readyz")


async def _forge_address(client: httpx.AsyncClient, number: int) -> httpx.Response:
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return await client.post("/read", content=DRAWINGS[7], headers={"x-forwarded-for": address})


async def _upload(client: httpx.AsyncClient, number: int) -> httpx.Response:
    return await client.post("/gradio_api/upload", files={"files": ("a.png", bytes(UPLOAD_BYTES))})


async def _correct(client: httpx.AsyncClient, number: int) -> httpx.Response:
    picture = DRAWINGS[number % 10] + bytes(ZEROS)
    return await client.post("/correct", json={"picture": _data_url(picture), "read": None, "digit": None})


def _data_url(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def _post(length: int, body: bytes) -> bytes:
    return f"POST /read HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n".encode() + body


ATTACKS = [
    Attack("none", connect(0, b"")),
    *(Attack(f"pictures: {name}", flood(functools.partial(_send_picture, make()))) for name, make in FILES.items()),
    Attack("joins of the queue", flood(_join, requests=JOINS), by_api, MAX_CALL),
    Attack("pictures by URL", flood(_name_url)),
    Attack("unused routes of Gradio's", flood(_use_unused_route)),
    Attack("malformed requests", flood(_send_malformed)),
    Attack("unfinished bodies", connect(UNFINISHED, _post(UNFINISHED_BYTES, bytes(UNFINISHED_BYTES - 1000)))),
    Attack("trickling bodies", connect(SILENT, _post(UNFINISHED_BYTES, b""), b"7")),
    Attack("silent connections", connect(SILENT, b"")),
    Attack("trickling headers", connect(SILENT, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: ", b"7")),
    Attack(
        "responses nobody reads", connect(DEAF, f"GET {LARGE_FILE} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * REQUESTS)
    ),
    Attack("checks of health", flood(_ask_whether_ready)),
    Attack("forged addresses", flood(_forge_address)),
    Attack("uploads of 29 MB", flood(_upload, callers=4)),
    Attack("corrections", flood(_correct)),
]
#: For a server with few file descriptors.
CROWDED = Attack("more connections than file descriptors", connect(SILENT, b""))
#: For a server that is stopped.
QUEUED = Attack("a full queue", flood(_join, requests=JOINS))
