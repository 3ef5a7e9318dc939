"""Measure how many answers a second the page gives to many concurrent callers: python -m benchmarks.load

Each caller sends one request after the other, always with a drawing of the same digit, and checks every answer; a wrong
answer ends the program.
"""

import asyncio
import itertools
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import cv2
import httpx
import numpy as np

from benchmarks.serving import APP, Served, served
from model.data import strokes

#: A drawing as the pad sends it: side in pixels; width of the pen, margin and height in fractions of the side.
SIDE, PEN, MARGIN, HEIGHT = 200, 0.04, 0.15, 0.7
SECONDS = 10
WARM_UP_SECONDS = 2
CALLERS = (1, 8, 32, 128)
#: Answers and callers of the two rounds that show whether memory grows.
MEMORY_ANSWERS, MEMORY_CALLERS = 10_000, 32
#: Addresses that each caller alternates between, as a proxy would forward them: one alone would hit the rate limit.
ADDRESSES = 4
TIMEOUT = 60
CORRECT = "correct"


def drawing(digit: int) -> bytes:
    """Return a drawing of a digit as a PNG file, as the pad sends it."""
    placed = [(MARGIN + HEIGHT * stroke) * SIDE for stroke in strokes.smooth(strokes.parse(strokes.DIGITS[digit]))]
    ink = strokes.draw(placed, np.zeros((SIDE, SIDE), np.uint8), PEN * SIDE)
    return cv2.imencode(".png", 255 - ink)[1].tobytes()


DRAWINGS = [drawing(digit) for digit in range(10)]


@dataclass
class Tally:
    """The outcomes: milliseconds of each correct answer, and the number of each other outcome."""

    milliseconds: list[float] = field(default_factory=list)
    others: Counter = field(default_factory=Counter)


#: Asks about a digit; returns CORRECT, or why there is no answer.
Ask = Callable[[int], Awaitable[str]]


def by_route(client: httpx.AsyncClient) -> Ask:
    """Return a caller of the pad's own route."""

    async def ask(digit: int) -> str:
        response = await client.post("/read", content=DRAWINGS[digit])
        return check(response.json(), digit) if response.is_success else f"status {response.status_code}"

    return ask


def by_api(client: httpx.AsyncClient) -> Ask:
    """Return a caller of the named API: two requests through Gradio's queue, about a file that is uploaded once."""
    uploaded = None

    async def ask(digit: int) -> str:
        nonlocal uploaded
        if uploaded is None:
            response = await client.post("/gradio_api/upload", files={"files": ("drawing.png", DRAWINGS[digit])})
            if response.is_error:
                return f"status {response.status_code}"
            uploaded = {"path": response.json()[0], "meta": {"_type": "gradio.FileData"}}
        response = await client.post("/gradio_api/call/predict", json={"data": [uploaded]})
        if response.is_error:
            return f"status {response.status_code}"
        events = (await client.get(f"/gradio_api/call/predict/{response.json()['event_id']}")).text
        if "event: complete" not in events:
            return "error"
        return check(json.loads(events.rpartition("data: ")[2])[0], digit)

    return ask


def check(answer: dict, digit: int) -> str:
    if answer["digit"] != digit:
        sys.exit(f"load.py: the answer is {answer['digit']} instead of {digit}")
    return CORRECT


async def call(way: Callable[[httpx.AsyncClient], Ask], url: str, caller: int, until: float, tally: Tally) -> None:
    addresses = itertools.cycle(f"10.{caller}.0.{number}" for number in range(ADDRESSES))

    async def forward(request: httpx.Request) -> None:
        request.headers["x-forwarded-for"] = next(addresses)

    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT, event_hooks={"request": [forward]}) as client:
        ask = way(client)
        while (started := time.perf_counter()) < until:
            outcome = await ask(caller % 10)
            if outcome == CORRECT:
                tally.milliseconds.append(1000 * (time.perf_counter() - started))
            else:
                tally.others[outcome] += 1
                if outcome == "status 503":
                    await asyncio.sleep(1)  # as Retry-After says


async def load(way: Callable[[httpx.AsyncClient], Ask], url: str, callers: int, seconds: float) -> Tally:
    tally = Tally()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(call(way, url, caller, until, tally) for caller in range(callers)))
    return tally


def report(name: str, callers: int, tally: Tally, seconds: float) -> None:
    times = tally.milliseconds
    p50, p95, p99 = np.percentile(times, [50, 95, 99]) if times else [np.nan] * 3
    others = ", ".join(f"{count}× {outcome}" for outcome, count in tally.others.items()) or "none"
    print(f"{name:<10}{callers:>8}{len(times) / seconds:>12.0f}{p50:>9.0f}{p95:>7.0f}{p99:>7.0f} ms   {others}")


def measure_memory(page: Served) -> None:
    for _ in range(2):
        before, answered = page.megabytes(), 0
        while answered < MEMORY_ANSWERS:
            answered += len(asyncio.run(load(by_route, page.url, MEMORY_CALLERS, WARM_UP_SECONDS)).milliseconds)
        print(f"memory: {before:.0f} MB, and {page.megabytes():.0f} MB after {answered:,} more answers")


def main() -> None:
    with served(*APP, DIGITS_TRUSTED_PROXIES="1") as page:
        asyncio.run(load(by_route, page.url, 8, WARM_UP_SECONDS))
        print("route      callers   answers/s      p50    p95    p99      others")
        for name, way in (("/read", by_route), ("/predict", by_api)):
            for callers in CALLERS:
                report(name, callers, asyncio.run(load(way, page.url, callers, SECONDS)), SECONDS)
        recovered = asyncio.run(load(by_route, page.url, 1, WARM_UP_SECONDS))
        print(f"one caller afterwards: {statistics.median(recovered.milliseconds):.0f} ms")
        measure_memory(page)


if __name__ == "__main__":
    main()
