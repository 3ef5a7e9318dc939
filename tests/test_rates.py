"""Rate limits that several processes share."""

import asyncio
import logging
import shutil
import socket
import subprocess
import time

import limits
import pytest

from pad.rates import STORAGE_TIMEOUT, RateLimiter


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def limiter(port: int) -> RateLimiter:
    return RateLimiter(f"valkey://127.0.0.1:{port}")


async def hits(limiter: RateLimiter, number: int) -> int:
    return sum([await limiter.hit(limits.parse("5 per minute"), "visitor") for _ in range(number)])


@pytest.fixture
def storage(tmp_path):
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if not program:
        pytest.skip("needs valkey-server or redis-server")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield port, process
    process.kill()
    process.wait()


def test_two_processes_share_a_limit_and_go_on_without_the_storage(storage, caplog):
    port, process = storage

    async def count():
        first, second = limiter(port), limiter(port)
        assert [await hits(first, 3), await hits(second, 3)] == [3, 2]
        process.kill()
        process.wait()
        assert await hits(first, 10) == 5, "counted in memory"
        for each in (first, second):
            await each.shared.storage.bridge.storage.connection_pool.disconnect()

    with caplog.at_level(logging.WARNING, "digits"):
        asyncio.run(count())
    assert caplog.text.count("does not answer") == 1


def test_storage_that_is_silent_costs_one_short_wait():
    with socket.create_server(("127.0.0.1", 0)) as silent:

        async def count():
            silent_limiter = limiter(silent.getsockname()[1])
            started = time.monotonic()
            assert await hits(silent_limiter, 10) == 5
            assert time.monotonic() - started < STORAGE_TIMEOUT + 1
            await silent_limiter.shared.storage.bridge.storage.connection_pool.disconnect()

        asyncio.run(count())


def test_limits_count_what_each_costs_and_each_name_by_itself():
    limit = limits.parse("5 per minute")

    async def count():
        limiter = RateLimiter("memory://")
        assert [await limiter.hit(limit, "visitor", cost=3) for _ in range(2)] == [True, False]
        assert [await limiter.hit(limit, "visitor", cost=2) for _ in range(2)] == [True, False]
        assert await limiter.hit(limit, "visitor", "/correct", cost=5)
        assert await limiter.hit(limit, "another", cost=5)

    asyncio.run(count())
