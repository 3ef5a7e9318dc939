"""Measure the latency of one picture, from its bytes to the prediction, in one thread: python -m benchmarks.latency"""

import io
import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

import model
from model.classifier import SHIPPED
from model.preparation.frame import SIDE, from_uint8, make_frame
from model.preparation.ink import find_ink
from model.preparation.picture import load_grey

#: Frames in the large batch.
MANY = 10_000
#: Fraction of the light that the photos' ink absorbs.
INK = 0.7


def photo_of_a_seven(width: int, height: int, digit_fraction: float, noise: float = 3) -> np.ndarray:
    """Return a dark 7 on paper, with noise also unevenly lit: uint8 (height, width, 3)."""
    light = (
        np.linspace(150, 230, width)[None] - np.linspace(0, 30, height)[:, None]
        if noise
        else np.full((height, width), 255.0)
    )
    ink = np.zeros((height, width), np.uint8)
    side = digit_fraction * min(width, height)
    corners = np.array([(-0.3, -0.5), (0.3, -0.5), (-0.1, 0.5)]) * side + [width / 2, height / 2]
    cv2.polylines(ink, [corners.astype(np.int32)], False, 255, max(2, round(0.08 * side)), cv2.LINE_AA)
    grain = np.random.default_rng(0).normal(0, noise, (height, width))
    grey = np.clip(light * (1 - INK * from_uint8(ink)) + grain, 0, 255).astype(np.uint8)
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


def main() -> None:
    cv2.setNumThreads(1)  # as LiteRT is, from the start
    classifier = model.load_classifier()
    cases = {
        "pad, 200×200 PNG": (encoded(photo_of_a_seven(200, 200, 0.7, noise=0)[..., 0], "PNG"), 300),
        "1 MP JPEG": (encoded(photo_of_a_seven(1200, 900, 0.3), "JPEG"), 50),
        "12 MP JPEG": (encoded(photo_of_a_seven(4032, 3024, 0.3), "JPEG"), 20),
        "48 MP JPEG": (encoded(photo_of_a_seven(8064, 6048, 0.3), "JPEG"), 10),
    }
    print(f"{'median, ms':<18}{'whole':>8}{'picture':>10}{'ink':>8}{'frame':>8}{'network':>10}")
    whole = {}
    for name, (picture, repeats) in cases.items():
        if classifier.predict(picture).digit != 7:
            raise SystemExit(f"latency.py: the answer for {name} is wrong")
        grey = load_grey(picture)
        ink = find_ink(grey).strength
        frames = make_frame(ink)[None]
        stages = [
            lambda picture=picture: classifier.predict(picture),
            lambda picture=picture: load_grey(picture),
            lambda grey=grey: find_ink(grey),
            lambda ink=ink: make_frame(ink),
            lambda frames=frames: classifier.network(frames),
        ]
        whole[name], *parts = (median_ms(stage, repeats) for stage in stages)
        print(f"{name:<18}{whole[name]:8.1f}{parts[0]:10.1f}{parts[1]:8.1f}{parts[2]:8.1f}{parts[3]:10.1f}")

    many = np.random.default_rng(0).random((MANY, SIDE, SIDE), np.float32)
    print(f"{MANY:,} frames: {1000 * MANY / median_ms(lambda: classifier.network(many), 5):,.0f} a second")

    # For comparison, Keras's own predict for one frame. Imported here, so that it does not disturb what is above.
    from model.network.keras_network import keras

    network = keras.saving.load_model(SHIPPED, compile=False)
    keras_predict = median_ms(lambda: network.predict(many[:1, ..., None], verbose=0), 30)
    ratio = keras_predict / whole["pad, 200×200 PNG"]
    print(f"keras_model.predict on one frame: {keras_predict:.1f} ms, {ratio:.0f} times the whole answer to the pad")


if __name__ == "__main__":
    main()
