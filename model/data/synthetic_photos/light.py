"""What surrounds or covers the paper, and the light on all of it."""

import cv2
import numpy as np

from model.data.synthetic_photos.fields import (
    Range,
    Size,
    clouds,
    distance_to_line,
    grid,
    log_uniform,
    noise,
    step,
    unit,
    waves,
)
from model.data.synthetic_photos.kinds import PhotoKind

#: The largest fraction of the ink that may be covered.
MAX_COVERED = 0.02
#: How often a sheet is round, as a plate is.
ROUND = 0.25


def surroundings(ink: np.ndarray, kind: PhotoKind, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Put a desk around the paper or fingers on it, unless they cover the ink.

    Returns:
        How much of each pixel is not paper, 0..1, and its reflectance there.
    """
    size = ink.shape
    covered, ground = np.zeros(size, np.float32), np.zeros(size, np.float32)
    for probability, cover in ((kind.edge, _beyond_an_edge), (kind.sheet, _beyond_a_sheet), (kind.finger, _finger)):
        if rng.random() >= probability:
            continue
        coverage = cover(size, rng)
        if (ink * coverage).sum() > MAX_COVERED * ink.sum():
            continue
        ground = ground * (1 - coverage) + _ground(size, rng) * coverage
        covered = 1 - (1 - covered) * (1 - coverage)
    return covered, ground / np.maximum(covered, 1e-3)


def _ground(size: Size, rng: np.random.Generator, reflectance: Range = (0.05, 1.1), dark: float = 0.4) -> np.ndarray:
    """A desk or cloth, of any reflectance relative to the paper's, sometimes with a grain like wood's."""
    level = rng.uniform(*reflectance) * (1 if rng.random() < 0.8 else dark)
    ground = level + noise(size, rng.choice([0.5, 1.5, 4]), rng.uniform(0, 0.06), rng)
    if rng.random() < 0.3:
        wood = waves(size, log_uniform(rng, 6, 60) * unit(size), rng.uniform(0, np.pi), 5 * unit(size), rng)
        ground = ground + 0.3 * level * (wood - 0.5)
    return ground


def _beyond_an_edge(size: Size, rng: np.random.Generator, distance: Range = (0.1, 0.5)) -> np.ndarray:
    """What is beyond a straight or torn edge at that distance from the centre, in fractions of the longer side."""
    angle = rng.uniform(0, 2 * np.pi)
    x, y = grid(size)
    beyond = np.cos(angle) * (x - size[1] / 2) + np.sin(angle) * (y - size[0] / 2) - rng.uniform(*distance) * max(size)
    if rng.random() < 0.3:
        beyond = beyond + clouds(size, 4, 5 * unit(size), rng)
    return step(beyond, log_uniform(rng, 0.4, 3))


def _beyond_a_sheet(size: Size, rng: np.random.Generator, inset: Range = (0.02, 0.3)) -> np.ndarray:
    """What is beyond a sheet with that distance from the photo's edges, in fractions of its sides."""
    height, width = size
    left, right = rng.uniform(*inset, 2) * width
    top, bottom = rng.uniform(*inset, 2) * height
    if rng.random() < ROUND:
        centre = (int(width + left - right) // 2, int(height + top - bottom) // 2)
        axes = (int(width - left - right) // 2, int(height - top - bottom) // 2)
        sheet = cv2.ellipse(np.zeros(size, np.uint8), centre, axes, rng.normal(0, 10), 0, 360, 255, -1)
    else:
        corners = np.array(
            [(left, top), (width - right, top), (width - right, height - bottom), (left, height - bottom)]
        )
        corners = (corners + rng.normal(0, 4 * unit(size), (4, 2))).astype(np.int32)
        sheet = cv2.fillPoly(np.zeros(size, np.uint8), [corners], 255)
    return 1 - cv2.GaussianBlur(sheet, (0, 0), log_uniform(rng, 0.3, 2.5)) / np.float32(255)


def _finger(
    size: Size, rng: np.random.Generator, length: Range = (0.1, 0.3), width: Range = (0.05, 0.11)
) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi)
    place = [
        int(side * (0.5 + 0.55 * part)) for side, part in zip(size[::-1], (np.cos(angle), np.sin(angle)), strict=True)
    ]
    axes = (int(rng.uniform(*length) * max(size)), int(rng.uniform(*width) * max(size)))
    finger = cv2.ellipse(np.zeros(size, np.uint8), place, axes, np.degrees(angle) + rng.normal(0, 20), 0, 360, 255, -1)
    return cv2.GaussianBlur(finger, (0, 0), log_uniform(rng, 0.5, 2)) / np.float32(255)


def light(size: Size, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Return the light's intensity, 1 where it is full."""
    x, y = grid(size)
    x, y = x / size[1], y / size[0]
    intensity = np.ones(size, np.float32)
    if rng.random() < kind.gradient:
        angle = rng.uniform(0, 2 * np.pi)
        slope = 0.5 + (np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)) / np.sqrt(2)
        intensity *= 1 - rng.uniform(0, 0.6) * slope
    if rng.random() < kind.vignette:
        centre = rng.uniform(0.35, 0.65, 2) if rng.random() < 0.7 else rng.uniform(0.1, 0.9, 2)
        radius = np.hypot((x - centre[0]) * rng.uniform(0.8, 1.2), y - centre[1]) / 0.7
        intensity *= (1 - rng.uniform(0.2, 0.95) * np.clip(radius, 0, 1.2) ** rng.uniform(1, 6)).clip(0.03)
    if rng.random() < kind.lamp:
        spot = ((x - rng.random()) ** 2 + (y - rng.random()) ** 2) / rng.uniform(0.2, 0.7) ** 2
        intensity *= rng.uniform(0.2, 0.6) + np.exp(-spot)
    for _ in range(2):
        if rng.random() < kind.shadow:
            distance = distance_to_line(size, rng.uniform(0, 2 * np.pi), rng) / unit(size)
            distance = distance + clouds(size, 4, rng.uniform(0, 12), rng)
            intensity *= 1 - rng.uniform(0.2, 0.65) * step(distance, log_uniform(rng, 0.4, 12))
    return intensity.astype(np.float32)


def reflection(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Return the reflection of a lamp, bright enough to saturate the camera."""
    axes = [int(length) for length in rng.uniform(0.04, 0.2, 2) * max(size)]
    place = (int(rng.uniform(0, size[1])), int(rng.uniform(0, size[0])))
    spot = cv2.ellipse(np.zeros(size, np.uint8), place, axes, 0, 0, 360, 255, -1)
    return cv2.GaussianBlur(spot, (0, 0), log_uniform(rng, 0.5, 12) * unit(size)) / np.float32(200)
