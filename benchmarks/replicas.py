"""Measure replicas behind the proxy of deploy/, on this machine: python -m benchmarks.replicas

It needs Caddy, and Valkey or Redis (on Debian: apt install caddy redis-server), and runs them and the app on 127.0.0.1,
with one replica, then with two. Printed are the answers a second of /read and the CPU time of an answer; the calls of
the API by gradio_client and of the tool by an MCP session that were lost; and, while visitors draw and call, how many
requests are lost as a replica gets SIGTERM and as it is killed, and when all is well again. The program ends with an
error if one of the calls was lost, or a drawing's request at SIGTERM. Linux only: the callers have addresses that other
systems lack.
"""

import asyncio
import base64
import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import gradio_client
import httpx
import numpy as np
import psutil
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from benchmarks.load import CORRECT, DRAWINGS, Tally, by_route
from benchmarks.serving import APP, ROOT, Served, answers, free_port, served

CADDYFILE = ROOT / "deploy" / "Caddyfile"
#: As in deploy/compose.yaml.
DRAIN_SECONDS = "3"
#: Length of a measurement of the load, before and at it, and its callers.
WARM_UP_SECONDS, SECONDS, CALLERS = 2, 10, 16
#: Calls of the API and of the MCP tool in all, and the clients that share the former.
CALLS, CLIENTS = 200, 4
#: Visitors who draw, and seconds between two of a visitor's requests, while replicas are stopped: less than one replica
#: can answer, so that nobody waits but for what is measured.
VISITORS, INTERVAL = 4, 0.1
#: Seconds between two calls of one of the CLIENTS meanwhile.
CALL_INTERVAL = 1
#: Seconds until a replica is stopped, until another one takes its place, and until the visitors leave.
STOP_AT, REPLACE_AT, END_AT = 3, 12, 20
#: How long callers wait for an answer, and what they do not notice, in seconds.
TIMEOUT, UNNOTICED = 20, 0.5
#: A drawing makes that many requests: one of the page's 18 a second while the pen is down for a second (see
#: benchmarks/README.md), and one as it is lifted. Visitors make that many drawings a minute.
REQUESTS_PER_DRAWING, DRAWINGS_PER_MINUTE = 19, 20
#: Fraction of a core that is used at most, so that visitors do not wait for each other.
UTILIZATION = 0.5
DIGIT = 7


@contextlib.contextmanager
def running(*command: str, **variables: str) -> Iterator[psutil.Process]:
    """Run a program until the end of the context."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=os.environ | variables, stdout=quiet, stderr=quiet)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def storage(program: str) -> Iterator[str]:
    """Run a Valkey or Redis server, and yield its URL."""
    port = str(free_port())
    with running(program, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no"):
        yield f"valkey://127.0.0.1:{port}"


@contextlib.contextmanager
def proxy(upstreams: Sequence[str]) -> Iterator[tuple[str, psutil.Process]]:
    """Run Caddy as in deploy/ in front of servers, given as host:port; yield its URL and its process."""
    url = f"http://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as folder:
        variables = {"SITE": url, "BIND": "127.0.0.1", "UPSTREAMS": " ".join(upstreams)}
        variables |= {"XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}
        version = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
        if version.lstrip("v").startswith("2.6."):  # Debian 12's
            variables["REQUEST_BUFFERS"] = "buffer_requests"
        with running("caddy", "run", "--config", str(CADDYFILE), **variables) as process:
            until = time.monotonic() + TIMEOUT
            while not answers(url):
                if time.monotonic() > until:
                    sys.exit("replicas.py: Caddy does not answer.")
                time.sleep(0.05)
            yield url, process


def replica(url_of_storage: str, port: int) -> contextlib.AbstractContextManager[Served]:
    """Return a context in which the app runs as in deploy/compose.yaml."""
    return served(
        *APP,
        port=port,
        DIGITS_LIMITS_STORAGE=url_of_storage,
        DIGITS_TRUSTED_PROXIES="1",
        DIGITS_DRAIN_SECONDS=DRAIN_SECONDS,
    )


class Outcomes(Tally):
    """Outcomes, and the times at which something was lost or took longer than UNNOTICED."""

    def __init__(self):
        super().__init__()
        self.noticed: list[float] = []

    def add(self, outcome: str, started: float) -> None:
        seconds = time.perf_counter() - started
        if outcome == CORRECT:
            self.milliseconds.append(1000 * seconds)
        else:
            self.others[outcome] += 1
        if outcome != CORRECT or seconds > UNNOTICED:
            self.noticed.append(time.perf_counter())

    def __str__(self) -> str:
        slowest = max(self.milliseconds, default=np.nan)
        lost = ", ".join(f"{count}× {outcome}" for outcome, count in self.others.items())
        lost = f"{self.others.total()} lost ({lost})" if lost else "none lost"
        return f"{len(self.milliseconds) + self.others.total()}, {lost}, the slowest took {slowest:.0f} ms"


async def draw(url: str, visitor: int, interval: float, until: float, outcomes: Outcomes) -> None:
    """Send drawings from an address of the visitor's own, one after the other."""
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.1.{visitor + 1}")
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT, transport=transport) as client:
        ask = by_route(client)
        while (started := time.perf_counter()) < until:
            try:
                outcome = await ask(DIGIT)
            except httpx.HTTPError as error:
                outcome = type(error).__name__
            outcomes.add(outcome, started)
            await asyncio.sleep(max(0, started + interval - time.perf_counter()))


async def draw_all(url: str, visitors: int, interval: float, seconds: float, outcomes: Outcomes) -> None:
    until = time.perf_counter() + seconds
    await asyncio.gather(*(draw(url, visitor, interval, until, outcomes) for visitor in range(visitors)))


def call_api(url: str, goes_on: Callable[[int], bool], interval: float, outcomes: Outcomes) -> None:
    """Call the API with one gradio_client."""
    client = gradio_client.Client(url, verbose=False)
    calls = 0
    try:
        while goes_on(calls):
            started = time.perf_counter()
            try:
                answer = client.predict(gradio_client.handle_file(ROOT / "examples" / "digit.jpg"), api_name="/predict")
                outcome = CORRECT if answer["digit"] == 5 else "wrong"
            except Exception as error:  # gradio_client's errors have no common class
                outcome = type(error).__name__
            outcomes.add(outcome, started)
            calls += 1
            time.sleep(interval)
    finally:
        client.close()


async def call_tool(url: str, outcomes: Outcomes) -> None:
    """Call the tool CALLS times in one MCP session."""
    image = "data:image/png;base64," + base64.b64encode(DRAWINGS[DIGIT]).decode()
    async with (
        streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        for _ in range(CALLS):
            started = time.perf_counter()
            answer = await session.call_tool("predict", {"image": image})
            outcomes.add(CORRECT if f"'digit': {DIGIT}" in answer.content[0].text else "wrong", started)


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def measure_load(url: str, replicas: Sequence[Served], caddy: psutil.Process) -> float:
    """Print the rate of answers; return the CPU time of an answer in seconds, without the proxy's."""
    asyncio.run(draw_all(url, CALLERS, 0, WARM_UP_SECONDS, Outcomes()))
    processes = [caddy, *(each.process for each in replicas)]
    before, outcomes = [cpu_seconds(process) for process in processes], Outcomes()
    asyncio.run(draw_all(url, CALLERS, 0, SECONDS, outcomes))
    by_proxy, *by_replicas = (cpu_seconds(process) - start for process, start in zip(processes, before, strict=True))
    count = len(outcomes.milliseconds)
    p50, p95 = np.percentile(outcomes.milliseconds, [50, 95])
    memory = ", ".join(f"{each.megabytes():.0f}" for each in replicas)
    print(
        f"replicas: {len(replicas)}, answers a second: {count / SECONDS:.0f}, p50 {p50:.0f} ms, p95 {p95:.0f} ms, "
        f"CPU time of an answer {1000 * sum(by_replicas) / count:.1f} ms and {1000 * by_proxy / count:.1f} ms in the "
        f"proxy, memory {memory} MB, others: {outcomes.others.total()}"
    )
    return sum(by_replicas) / count


def measure_calls(url: str) -> int:
    """Print what became of the calls of the API and of the MCP tool; return how many were lost."""
    api, tool = Outcomes(), Outcomes()
    call = functools.partial(call_api, url, lambda calls: calls < CALLS // CLIENTS, 0, api)
    threads = [threading.Thread(target=call, daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"calls by gradio_client: {api}")
    asyncio.run(call_tool(url, tool))
    print(f"calls in an MCP session: {tool}")
    return api.others.total() + tool.others.total()


def measure_stop(
    url: str, stop: signal.Signals, page: Served, replace: Callable[[], Served]
) -> tuple[Outcomes, Served]:
    """Stop a replica while visitors draw and call, replace it; print and return what became of the drawings."""
    drawings, calls = Outcomes(), Outcomes()
    started = time.perf_counter()
    call = functools.partial(call_api, url, lambda _: time.perf_counter() < started + END_AT, CALL_INTERVAL, calls)
    works = [*[call] * CLIENTS, lambda: asyncio.run(draw_all(url, VISITORS, INTERVAL, END_AT, drawings))]
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    time.sleep(STOP_AT)
    stopped = time.perf_counter()
    page.process.send_signal(stop)
    page.process.wait(TIMEOUT)
    print(f"{stop.name}: the replica ended after {time.perf_counter() - stopped:.1f} s; another one takes its place")
    time.sleep(max(0, started + REPLACE_AT - time.perf_counter()))
    another = replace()
    for thread in threads:
        thread.join()
    last = max((noticed for noticed in drawings.noticed if noticed > stopped), default=stopped)
    print(f"  requests of drawings: {drawings}; all was well again after {last - stopped:.1f} s")
    print(f"  calls by gradio_client: {calls}")
    return drawings, another


def storage_program() -> str:
    """Return the command of the storage; exit with a sentence if a program is missing."""
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    missing = [name for name, path in (("Caddy", shutil.which("caddy")), ("Valkey or Redis", program)) if not path]
    if missing:
        sys.exit(f"replicas.py: {' and '.join(missing)} not found; on Debian: apt install caddy redis-server")
    return program


def main() -> None:
    program = storage_program()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that all contexts are left
    with contextlib.ExitStack() as stack:
        url_of_storage = stack.enter_context(storage(program))
        ports = free_port(), free_port()
        upstreams = [f"127.0.0.1:{port}" for port in ports]
        first, second = (stack.enter_context(replica(url_of_storage, port)) for port in ports)
        print(f"memory of a replica at its start: {first.megabytes():.0f} MB")
        with proxy(upstreams[:1]) as (url, caddy):
            cpu = measure_load(url, [first], caddy)
        lost = 0
        with proxy(upstreams) as (url, caddy):
            measure_load(url, [first, second], caddy)
            lost += measure_calls(url)
            for stop in (signal.SIGTERM, signal.SIGKILL):
                drawings, second = measure_stop(
                    url, stop, second, lambda: stack.enter_context(replica(url_of_storage, ports[1]))
                )
                if stop == signal.SIGTERM:
                    lost += drawings.others.total()
        rate = REQUESTS_PER_DRAWING * DRAWINGS_PER_MINUTE / 60
        print(
            f"A visitor who makes {DRAWINGS_PER_MINUTE} drawings a minute sends {rate:.1f} requests a second; "
            f"a core stands {UTILIZATION / (cpu * rate):.0f} of them at {UTILIZATION:.0%} of its time"
        )
    if lost:
        sys.exit(f"replicas.py: {lost} requests were lost")


if __name__ == "__main__":
    main()
