"""Measure how long the page takes to start and how much memory it uses: python -m benchmarks.startup

An empty Gradio page, ours with LiteRT and ours with TensorFlow are started in turn, several times.
"""

import json
import shutil
import statistics
import tempfile
import time
import urllib.request

from benchmarks.serving import APP, served
from model.classifier import SHIPPED
from pad.routes import KNOWN_DIGIT, KNOWN_PICTURE

ROUNDS = 3
ANSWERS = 1000
EMPTY = """
import gradio
with gradio.Blocks() as page:
    pass
page.launch()
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # Networks other than the shipped one are run by TensorFlow.
        other = shutil.copy(SHIPPED, folder)
        ways = {
            "an empty Gradio page": ["-c", EMPTY],
            "ours, LiteRT": APP,
            "ours, TensorFlow": [*APP, "--network", other],
        }
        measured = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, command in ways.items():
                measured[way].append(measure(command))
    print(f"{'medians of ' + str(ROUNDS):<22}first page   first answer   memory at start   after {ANSWERS} answers")
    medians = {way: [statistics.median(column) for column in zip(*rows, strict=True)] for way, rows in measured.items()}
    for way, (page, answer, before, after) in medians.items():
        print(f"{way:<22}{page:8.2f} s {answer:12.2f} s {before:14.0f} MB {after:17.0f} MB")
    empty, ours, _ = (row[1] for row in medians.values())
    print(f"first answer of ours by LiteRT to the empty page: {ours / empty:.2f}, goal 1.3")


def measure(command: list[str]) -> tuple[float, float, float, float]:
    """Return the seconds to the first page and the first answer, and the megabytes then and after many answers.

    The answer of an empty page is the page itself.
    """
    with served(*command) as page:
        empty = command[0] == "-c"
        ask(page.url, empty)
        first_answer = time.perf_counter() - page.started
        before = page.megabytes()
        for _ in range(ANSWERS):
            ask(page.url, empty)
        return page.first_page, first_answer, before, page.megabytes()


def ask(url: str, empty: bool) -> None:
    request = urllib.request.Request(url if empty else f"{url}/read", None if empty else KNOWN_PICTURE.read_bytes())
    with urllib.request.urlopen(request) as response:
        if not empty and json.load(response)["digit"] != KNOWN_DIGIT:
            raise SystemExit("startup.py: the answer is wrong")


if __name__ == "__main__":
    main()
