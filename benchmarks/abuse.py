"""Attack a server while an honest visitor draws: python -m benchmarks.abuse

Each attack lasts some seconds and comes from other addresses than the visitor, who sends a drawing every fifth of a
second, every other one over a new connection, and checks each answer. Printed are how long the visitor waited, how many
drawings were not answered, the largest memory of all processes of the server together, and the outcomes of the attack.
The program ends with an error if the visitor waited longer than the limit, got no answer, or the memory exceeded its
limit. Linux only: the attackers have addresses that other systems lack.
"""

import argparse
import asyncio
import contextlib
import itertools
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator

import httpx
import numpy as np
import psutil

from benchmarks.attacks import ATTACKS, CROWDED, QUEUED, Attack
from benchmarks.load import CORRECT, Tally
from benchmarks.serving import APP, Served, served

#: Length of an attack, and of the pause after it, in seconds.
SECONDS, PAUSE = 8.0, 2.0
#: Seconds between two drawings of the visitor, and how long the visitor waits for an answer.
INTERVAL, PATIENCE = 0.2, 20.0
#: Limit of the server's memory in MB, and seconds between two measurements.
MAX_MEMORY, MEMORY_INTERVAL = 700, 0.2
#: Longest time from SIGTERM to the end of the server, in seconds.
MAX_STOP = 8.0
#: The attackers' priority: the visitor shall not wait for their own work.
NICENESS = 10
#: File descriptors of a server that has few.
DESCRIPTORS = 256
LIMITED_APP = [
    "-c",
    "import resource, runpy, sys; "
    f"resource.setrlimit(resource.RLIMIT_NOFILE, ({DESCRIPTORS}, {DESCRIPTORS})); "
    "sys.argv[:] = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')",
    *APP,
]
DIGIT = 7
#: Outcomes of an attack that are listed.
MAX_OUTCOMES = 4
COLUMNS = "| attack | p50 | p95 | longest | answered | not answered | memory | outcomes of the attack |"


def attack_for(name: str, url: str, seconds: float, outcomes: multiprocessing.SimpleQueue) -> None:
    """Run the attack of this name for some seconds, and put its outcomes into a queue."""
    os.nice(NICENESS)
    (attack,) = (attack for attack in [*ATTACKS, CROWDED, QUEUED] if attack.name == name)
    counted: Counter = Counter()

    async def run() -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(attack.run(url, counted), seconds)

    asyncio.run(run())
    outcomes.put(counted)


async def visit(attack: Attack, url: str, seconds: float) -> Tally:
    """Draw for some seconds as an honest visitor; return the answers."""
    tally, until = Tally(), time.monotonic() + seconds
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as kept:
        kept_way = attack.visit(kept)
        for number in itertools.count():
            started = time.monotonic()
            if started > until:
                break
            async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as new:
                try:
                    outcome = await (attack.visit(new) if number % 2 else kept_way)(DIGIT)
                except httpx.HTTPError as error:
                    outcome = type(error).__name__
            waited = time.monotonic() - started
            if outcome == CORRECT:
                tally.milliseconds.append(1000 * waited)
            else:
                tally.others[outcome] += 1
            await asyncio.sleep(max(0, INTERVAL - waited))
    return tally


async def measure_memory(process: psutil.Process, largest: list[float]) -> None:
    """Append to ``largest`` the memory of a process and its children, in MB, whenever it is larger than before."""
    while True:
        largest.append(max(largest[-1], await asyncio.to_thread(megabytes, process)))
        await asyncio.sleep(MEMORY_INTERVAL)


def megabytes(process: psutil.Process) -> float:
    """Return the memory of a process and all its children; what several share is counted once."""
    total = 0.0
    for member in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += member.memory_full_info().pss / 1e6
    return total


async def measure(attack: Attack, page: Served) -> bool:
    """Attack a page, print a row of the table, and return whether all limits were kept."""
    with attacking(attack, page.url) as outcomes:
        largest = [0.0]
        measuring = asyncio.create_task(measure_memory(page.process, largest))
        tally = await visit(attack, page.url, SECONDS + PAUSE)
        measuring.cancel()
    times = tally.milliseconds or [np.inf]
    p50, p95 = np.percentile(times, [50, 95])
    kept = p95 <= attack.max_wait and not tally.others and largest[-1] <= MAX_MEMORY
    waits = [f"{milliseconds:.0f} ms" for milliseconds in (p50, p95, max(times))]
    memory = f"{largest[-1]:.0f} MB" + ("" if kept else " **exceeded**")
    row = [attack.name, *waits, len(tally.milliseconds), counts(tally.others), memory, counts(outcomes.get())]
    print("|", " | ".join(map(str, row)), "|", flush=True)
    return kept


@contextlib.contextmanager
def attacking(attack: Attack, url: str) -> Iterator[multiprocessing.SimpleQueue]:
    """Run an attack in another process meanwhile; yield the queue that gets its outcomes."""
    spawn = multiprocessing.get_context("spawn")
    outcomes = spawn.SimpleQueue()
    attacker = spawn.Process(target=attack_for, args=(attack.name, url, SECONDS, outcomes))
    attacker.start()
    try:
        yield outcomes
    finally:
        attacker.join()


def counts(outcomes: Counter) -> str:
    return ", ".join(f"{count:,} × {outcome}" for outcome, count in outcomes.most_common(MAX_OUTCOMES)) or "–"


def measure_stop(page: Served) -> bool:
    """Stop a server whose queue is full; print the seconds, and return whether the limit was kept."""
    with attacking(QUEUED, page.url):
        time.sleep(SECONDS / 2)
        started = time.monotonic()
        page.process.send_signal(signal.SIGTERM)
        try:
            status = page.process.wait(PATIENCE)
        except psutil.TimeoutExpired:
            status = "none"
        seconds = time.monotonic() - started
    print(f"\nSIGTERM with a full queue: ended after {seconds:.1f} s with status {status}")
    return seconds <= MAX_STOP and status == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="attacks to run (default: all)")
    names = parser.parse_args().names
    chosen = [attack for attack in ATTACKS if not names or any(name in attack.name for name in names)]
    print(COLUMNS)
    print("|---" * COLUMNS.count(" | ") + "|---|")
    with served(*APP) as page:
        kept = [asyncio.run(measure(attack, page)) for attack in chosen]
    if not names:
        with served(*LIMITED_APP) as page:
            kept.append(asyncio.run(measure(CROWDED, page)))
        with served(*APP) as page:
            kept.append(measure_stop(page))
    sys.exit(0 if all(kept) else "A limit was exceeded.")


if __name__ == "__main__":
    main()
