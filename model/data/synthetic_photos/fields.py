"""Random fields: float32 arrays of a photo's height and width that papers, light and cameras are made of."""

import cv2
import numpy as np

#: Height and width in pixels.
Size = tuple[int, int]
#: Limits between which a value is drawn.
Range = tuple[float, float]

#: The longer side of a photo in which lengths are what they are said to be; in larger ones they grow with it.
REFERENCE_SIDE = 160
#: The smallest standard deviation of the blur, in pixels, that noise is blurred by.
MIN_BLUR = 0.3
#: Blurred noise loses contrast; this times the blur's standard deviation makes up for it.
BLUR_GAIN = 3.5
#: Knots along each axis of the clouds that displace waves.
WAVE_KNOTS = 6
#: Limit of the exponent in ``step``.
MAX_EXPONENT = 30


def unit(size: Size) -> float:
    """Return the factor of lengths, at least 1, in a photo of that size."""
    return max(1.0, max(size) / REFERENCE_SIDE)


def grid(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Return the column, (1, w), and the row, (h, 1), of each pixel."""
    return np.arange(size[1], dtype=np.float32)[None], np.arange(size[0], dtype=np.float32)[:, None]


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def noise(size: Size, blur: float, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """Draw noise of that standard deviation, with grains as coarse as the blur's standard deviation in pixels."""
    white = rng.standard_normal(size, np.float32)
    if blur > MIN_BLUR:
        white = cv2.GaussianBlur(white, (0, 0), blur) * (BLUR_GAIN * blur)
    return white * np.float32(deviation)


def clouds(size: Size, knots: int, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """Draw a smooth field: values of that standard deviation at a grid of knots, interpolated."""
    coarse = rng.standard_normal((knots, knots)).astype(np.float32) * np.float32(deviation)
    return cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)


def waves(size: Size, period: float, angle: float, wobble: float, rng: np.random.Generator) -> np.ndarray:
    """Draw parallel waves of values 0..1, displaced by clouds of deviation ``wobble``; lengths in pixels."""
    x, y = grid(size)
    phase = (np.cos(angle) * x + np.sin(angle) * y + clouds(size, WAVE_KNOTS, wobble, rng)) * (2 * np.pi / period)
    return 0.5 + 0.5 * np.sin(phase.astype(np.float32))


def distance_to_line(size: Size, angle: float, rng: np.random.Generator) -> np.ndarray:
    """Return the signed distance in pixels to a line at that angle through a random place."""
    x, y = grid(size)
    return np.cos(angle) * (x - rng.uniform(0, size[1])) + np.sin(angle) * (y - rng.uniform(0, size[0]))


def step(distance: np.ndarray, softness: float) -> np.ndarray:
    """Return values that go from 0 where the distance is negative to 1 where it is positive."""
    exponent = np.clip(distance / softness, -MAX_EXPONENT, MAX_EXPONENT)
    return (1 / (1 + np.exp(-exponent))).astype(np.float32)
