"""How many answers a second the page gives to many callers at once: python -m benchmarks.load

Callers ask without a pause, each about a digit of its own, and check every answer: a wrong one ends the program.
"""

import asyncio
import itertools
import json
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import cv2
import numpy as np

from benchmarks.serving import APP, Served, served
from model import strokes

SIDE = 200  # pixels of a drawing, as the pad sends it
SECONDS = 10
CALLERS = (1, 8, 32, 128)
ANSWERS = 10_000
RIGHT = "right"


def drawing(digit: int) -> bytes:
    """What the pad sends, as a PNG."""
    placed = [(0.15 + 0.7 * stroke) * SIDE for stroke in strokes.smooth(strokes.parse(strokes.DIGITS[digit]))]
    ink = strokes.draw(placed, np.zeros((SIDE, SIDE), np.uint8), 0.075 * SIDE)
    return cv2.imencode(".png", 255 - ink)[1].tobytes()


DRAWINGS = [drawing(digit) for digit in range(10)]


@dataclass
class Tally:
    """What came back: milliseconds of each right answer, and how often which else."""

    milliseconds: list[float] = field(default_factory=list)
    others: Counter = field(default_factory=Counter)


class Connection:
    """One HTTP/1.1 connection that is kept: a client as small as can be, for it shares the machine with the server."""

    def __init__(self, url: str, caller: int):
        self.host, _, port = url.removeprefix("http://").partition(":")
        self.port = int(port)
        # As a proxy would name visitors: several by turns, for one alone may not ask as often as this does.
        self.addresses = itertools.cycle(f"10.{caller}.0.{number}" for number in range(4))
        self.uploaded = None

    async def __aenter__(self) -> "Connection":
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        return self

    async def __aexit__(self, *error) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "image/png") -> tuple[int, bytes]:
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: {self.host}\r\nx-forwarded-for: {next(self.addresses)}\r\n"
            f"content-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        status = int((await self.reader.readuntil(b"\r\n")).split()[1])
        headers = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        if "transfer-encoding: chunked" in headers:
            return status, await self._chunks()
        length = int(headers.split("content-length:")[1].split("\r\n")[0])
        return status, await self.reader.readexactly(length)

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readuntil(b"\r\n")
        return body


async def by_route(connection: Connection, digit: int) -> str:
    """Ask the pad's route; RIGHT, or why there is no answer."""
    status, body = await connection.ask("POST", "/read", DRAWINGS[digit])
    return checked(json.loads(body), digit) if status == 200 else f"status {status}"


async def by_api(connection: Connection, digit: int) -> str:
    """Ask the named API, which queues, about a file uploaded before: one request to ask, one for the answer."""
    if connection.uploaded is None:
        head = b'--x\r\ncontent-disposition: form-data; name="files"; filename="drawing.png"\r\n\r\n'
        form = head + DRAWINGS[digit] + b"\r\n--x--\r\n"
        status, body = await connection.ask("POST", "/gradio_api/upload", form, "multipart/form-data; boundary=x")
        if status != 200:
            return f"status {status}"
        connection.uploaded = {"path": json.loads(body)[0], "meta": {"_type": "gradio.FileData"}}
    asked = json.dumps({"data": [connection.uploaded]}).encode()
    status, body = await connection.ask("POST", "/gradio_api/call/predict", asked, "application/json")
    if status != 200:
        return f"status {status}"
    status, body = await connection.ask("GET", f"/gradio_api/call/predict/{json.loads(body)['event_id']}")
    if b"event: complete" not in body:
        return "error"
    return checked(json.loads(body.split(b"data: ")[-1])[0], digit)


def checked(answer: dict, digit: int) -> str:
    if answer["digit"] != digit:
        sys.exit(f"load.py: the answer is wrong: {answer['digit']} instead of {digit}")
    return RIGHT


async def call(ask, url: str, caller: int, until: float, tally: Tally) -> None:
    async with Connection(url, caller) as connection:
        while (begun := time.perf_counter()) < until:
            outcome = await ask(connection, caller % 10)
            if outcome == RIGHT:
                tally.milliseconds.append(1000 * (time.perf_counter() - begun))
            else:
                tally.others[outcome] += 1
                if outcome == "status 503":
                    await asyncio.sleep(1)  # as its Retry-After says


async def load(ask, url: str, callers: int, seconds: float) -> Tally:
    tally = Tally()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(call(ask, url, caller, until, tally) for caller in range(callers)))
    return tally


def report(name: str, callers: int, tally: Tally, seconds: float) -> None:
    times = tally.milliseconds
    p50, p95, p99 = np.percentile(times, [50, 95, 99]) if times else [np.nan] * 3
    others = ", ".join(f"{count}× {what}" for what, count in tally.others.items()) or "none"
    print(f"{name:<10}{callers:>8}{len(times) / seconds:>12.0f}{p50:>9.0f}{p95:>7.0f}{p99:>7.0f} ms   {others}")


def measure_memory(page: Served) -> None:
    for _ in range(2):
        before, answered = page.megabytes(), 0
        while answered < ANSWERS:
            answered += len(asyncio.run(load(by_route, page.url, 32, 2)).milliseconds)
        print(f"memory: {before:.0f} MB, and {page.megabytes():.0f} MB after {answered:,} more answers")


def main() -> None:
    with served(*APP) as page:
        asyncio.run(load(by_route, page.url, 8, 2))  # warm
        print("route      callers   answers/s      p50    p95    p99      others")
        for name, ask in (("/read", by_route), ("/predict", by_api)):
            for callers in CALLERS:
                report(name, callers, asyncio.run(load(ask, page.url, callers, SECONDS)), SECONDS)
        recovered = asyncio.run(load(by_route, page.url, 1, 2))
        print(f"one caller after the crowd: {statistics.median(recovered.milliseconds):.0f} ms")
        measure_memory(page)


if __name__ == "__main__":
    sys.exit(main())
