"""Measure the latency of one picture, from its bytes to the prediction, on one core: python -m benchmarks.latency

It ends with an error if an answer is wrong, or if one takes longer than its limit.
"""

import io
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

import model
from model.classifier import SHIPPED, Classifier
from model.data import strokes
from model.preparation.digits import segment
from model.preparation.frame import SIDE, from_uint8
from model.preparation.ink import find_ink
from model.preparation.picture import load_grey

#: Frames in the large batch.
MANY = 10_000
#: Fraction of the light that the photos' ink absorbs, and standard deviation of their noise in grey levels of 256.
INK, NOISE = 0.7, 3
#: Distance of digits in a number, and width of the pen, in heights of a digit.
ADVANCE, PEN = 0.85, 0.08
#: What is measured: the whole answer, and its parts.
STAGES = ("whole", "decode", "ink", "digits")


@dataclass(frozen=True)
class Case:
    """A picture of a number, as a file, how often it is read, and the median that is allowed, in milliseconds."""

    name: str
    number: str
    picture: bytes
    repeats: int
    limit: float = np.inf


def drawing(number: str, width: int, height: int, digit_height: float) -> np.ndarray:
    """Return digits in a row in the middle of a picture: uint8 (height, width), white on black, lengths in pixels."""
    ink = np.zeros((height, width), np.uint8)
    for index, digit in enumerate(number):
        x = width / 2 + (index - (len(number) - 1) / 2) * ADVANCE * digit_height
        points = strokes.smooth(strokes.parse(strokes.DIGITS[int(digit)]))
        placed = [(stroke - 0.5) * digit_height + [x, height / 2] for stroke in points]
        strokes.draw(placed, ink, PEN * digit_height)
    return ink


def photo(number: str, width: int, height: int, digit_height: float) -> np.ndarray:
    """Return dark digits on unevenly lit paper, with noise: uint8 (height, width, 3)."""
    light = np.linspace(150, 230, width)[None] - np.linspace(0, 30, height)[:, None]
    grain = np.random.default_rng(0).normal(0, NOISE, (height, width))
    ink = from_uint8(drawing(number, width, height, digit_height))
    grey = np.clip(light * (1 - INK * ink) + grain, 0, 255).astype(np.uint8)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def encoded(pixels: np.ndarray, format: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format)
    return file.getvalue()


def median_ms(call: Callable[[], object], repeats: int) -> float:
    for _ in range(repeats // 5):
        call()  # warm
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return 1000 * statistics.median(seconds)


def stages(classifier: Classifier, picture: bytes) -> list[Callable[[], object]]:
    """Return a function for each of the STAGES of a picture."""
    grey = load_grey(picture)
    ink_map = find_ink(grey, classifier.ink_network)
    return [
        lambda: classifier.predict(picture),
        lambda: load_grey(picture),
        lambda: find_ink(grey, classifier.ink_network),
        lambda: segment(ink_map).read(classifier.network),
    ]


def main() -> None:
    cv2.setNumThreads(1)  # as LiteRT is, from the start
    classifier = model.load_classifier()
    cases = [
        Case("pad, 128×128 PNG", "7", encoded(255 - drawing("7", 128, 128, 90), "PNG"), 300, limit=5),
        Case("1 MP JPEG", "7", encoded(photo("7", 1200, 900, 270), "JPEG"), 50),
        Case("12 MP JPEG", "7", encoded(photo("7", 4032, 3024, 900), "JPEG"), 20, limit=60),
        Case("48 MP JPEG", "7", encoded(photo("7", 8064, 6048, 1800), "JPEG"), 10),
        Case("eight digits, JPEG", "20483719", encoded(photo("20483719", 1200, 240, 150), "JPEG"), 50, limit=40),
    ]
    print(f"{'median, ms':<20}" + "".join(f"{stage:>10}" for stage in STAGES))
    whole, slow = {}, []
    for case in cases:
        answer = classifier.predict(case.picture).number
        if answer != case.number:
            sys.exit(f"latency.py: {case.name} is read as {answer!r}, not as {case.number}")
        medians = [median_ms(stage, case.repeats) for stage in stages(classifier, case.picture)]
        print(f"{case.name:<20}" + "".join(f"{median:10.1f}" for median in medians))
        whole[case.name] = medians[0]
        if medians[0] > case.limit:
            slow.append(f"{case.name}: {medians[0]:.1f} ms, more than {case.limit} ms")

    many = np.random.default_rng(0).random((MANY, SIDE, SIDE), np.float32)
    print(f"{MANY:,} frames: {1000 * MANY / median_ms(lambda: classifier.network(many), 5):,.0f} a second")

    # For comparison, Keras's own predict for one frame. Imported here, so that it does not disturb what is above.
    from model.network.keras_network import keras

    network = keras.saving.load_model(SHIPPED, compile=False)
    keras_predict = median_ms(lambda: network.predict(many[:1, ..., None], verbose=0), 30)
    ratio = keras_predict / whole[cases[0].name]
    print(f"keras_model.predict on one frame: {keras_predict:.1f} ms, {ratio:.0f} times the whole answer to the pad")
    if slow:
        sys.exit("\n".join(["latency.py:", *slow]))


if __name__ == "__main__":
    main()
