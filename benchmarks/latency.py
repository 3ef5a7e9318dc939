"""How long one picture takes, warm, from the file's bytes to the prediction: python benchmarks/latency.py"""

import io
import pathlib
import statistics
import sys
import time
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import model
from model.frame import make_frame
from model.ink import find_ink
from model.picture import load_grey


def photo_of_a_seven(width: int, height: int, digit_share: float) -> np.ndarray:
    """A dark 7 on unevenly lit, slightly noisy paper: uint8 (height, width, 3)."""
    light = np.linspace(150, 230, width)[None] - np.linspace(0, 30, height)[:, None]
    ink = np.zeros((height, width), np.uint8)
    side = digit_share * min(width, height)
    corners = np.array([(-0.3, -0.5), (0.3, -0.5), (-0.1, 0.5)]) * side + [width / 2, height / 2]
    cv2.polylines(ink, [corners.astype(np.int32)], False, 255, max(2, round(0.08 * side)), cv2.LINE_AA)
    noise = np.random.default_rng(0).normal(0, 3, (height, width))
    grey = np.clip(light * (1 - 0.7 * ink / 255) + noise, 0, 255).astype(np.uint8)
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
    classifier = model.load_classifier()
    cases = {
        "280×280 array": (photo_of_a_seven(280, 280, 0.7)[..., 0], 300),
        "280×280 PNG": (encoded(photo_of_a_seven(280, 280, 0.7), "PNG"), 300),
        "1 MP JPEG": (encoded(photo_of_a_seven(1200, 900, 0.3), "JPEG"), 50),
        "12 MP JPEG": (encoded(photo_of_a_seven(4032, 3024, 0.3), "JPEG"), 20),
    }
    print(f"{'median, ms':<16}{'whole':>8}{'picture':>10}{'ink':>8}{'frame':>8}{'network':>10}")
    for name, (picture, repeats) in cases.items():
        assert classifier.predict(picture).digit == 7
        grey = load_grey(picture)
        strength = find_ink(grey).strength
        frames = make_frame(strength)[None]
        stages = [
            lambda picture=picture: classifier.predict(picture),
            lambda picture=picture: load_grey(picture),
            lambda grey=grey: find_ink(grey),
            lambda strength=strength: make_frame(strength),
            lambda frames=frames: classifier.network(frames),
        ]
        whole, *parts = (median_ms(stage, repeats) for stage in stages)
        print(f"{name:<16}{whole:8.1f}{parts[0]:10.1f}{parts[1]:8.1f}{parts[2]:8.1f}{parts[3]:10.1f}")


if __name__ == "__main__":
    main()
