"""What surrounds or covers the paper, and the light on all of it."""

import cv2
import numpy as np

from model.data.synthetic_photos.fields import (
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
#: The smallest fraction of a pixel that what covers it is divided by.
MIN_COVERAGE = 1e-3

# Pairs are ranges. Softness is that of edges, and the standard deviation of a blur, in pixels.
#: Reflectance of a desk or cloth, relative to the paper's; how often it is not dark, and the factor where it is.
GROUND, NOT_DARK_PROBABILITY, DARK = (0.05, 1.1), 0.8, 0.4
#: Grain of a desk or cloth: standard deviations of its blur in pixels, and of its noise.
GROUND_BLURS, GROUND_NOISE = (0.5, 1.5, 4), (0, 0.06)
#: How often a desk is of wood; the distance between the veins and their displacement, in pixels, and their contrast.
WOOD_PROBABILITY, WOOD_PERIOD, WOOD_WOBBLE, WOOD_CONTRAST = 0.3, (6, 60), 5, 0.3

#: Distance of the paper's edge from the centre in fractions of the photo's longer side, and its softness.
EDGE_DISTANCE, EDGE_SOFTNESS = (0.1, 0.5), (0.4, 3)
#: How often the edge is torn; the knots of its displacement, and the standard deviation of it in pixels.
TORN_PROBABILITY, TORN_KNOTS, TORN = 0.3, 4, 5
#: Distance of a sheet from the photo's edges in fractions of its sides, and the softness of the sheet's edges.
SHEET_INSET, SHEET_SOFTNESS = (0.02, 0.3), (0.3, 2.5)
#: How often a sheet is round, as a plate is; standard deviations of its angle in degrees, and of the corners of one
#: that is not round, in pixels.
ROUND_PROBABILITY, ROUND_ANGLE, SHEET_CORNER = 0.25, 10, 4
#: Half length and half width of a finger in fractions of the photo's longer side; its distance from the photo's centre
#: in fractions of the sides, the standard deviation of its angle in degrees, and its softness.
FINGER_LENGTH, FINGER_WIDTH, FINGER_DISTANCE = (0.1, 0.3), (0.05, 0.11), 0.55
FINGER_ANGLE, FINGER_SOFTNESS = 20, (0.5, 2)

# Places and lengths of light are in fractions of the photo's sides.
#: The fraction of light that is lost from one end of the photo to the other.
GRADIENT = (0, 0.6)
#: How often a vignette's centre is near the photo's, where it is then, and where it is otherwise.
CENTRED_PROBABILITY, CENTRE, ANY_CENTRE = 0.7, (0.35, 0.65), (0.1, 0.9)
#: A vignette's radius, the fraction of light that is lost there, the power of the distance that the loss grows with,
#: and the factor of horizontal distances.
VIGNETTE_RADIUS, VIGNETTE, VIGNETTE_POWER, VIGNETTE_STRETCH = 0.7, (0.2, 0.95), (1, 6), (0.8, 1.2)
#: The distance, in radii, from which on the loss is constant, and the least light that is left.
MAX_RADII, MIN_LIGHT = 1.2, 0.03
#: Radius of the light of a lamp, and the light around it.
LAMP_RADIUS, AMBIENT = (0.2, 0.7), (0.2, 0.6)
#: The most shadows; the fraction of light that each takes, and its softness.
SHADOWS, SHADOW, SHADOW_SOFTNESS = 2, (0.2, 0.65), (0.4, 12)
#: Knots of the displacement of a shadow's edge, and the standard deviation of it in pixels.
SHADOW_KNOTS, SHADOW_WOBBLE = 4, (0, 12)
#: Half axes of a reflection in fractions of the photo's longer side, its softness, and which value, of 255, is full
#: light.
REFLECTION, REFLECTION_SOFTNESS, FULL_LIGHT = (0.04, 0.2), (0.5, 12), 200


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
    return covered, ground / np.maximum(covered, MIN_COVERAGE)


def _ground(size: Size, rng: np.random.Generator) -> np.ndarray:
    """A desk or cloth, sometimes with a grain like wood's."""
    level = rng.uniform(*GROUND) * (1 if rng.random() < NOT_DARK_PROBABILITY else DARK)
    ground = level + noise(size, rng.choice(GROUND_BLURS), rng.uniform(*GROUND_NOISE), rng)
    if rng.random() < WOOD_PROBABILITY:
        period, angle = log_uniform(rng, *WOOD_PERIOD) * unit(size), rng.uniform(0, np.pi)
        wood = waves(size, period, angle, WOOD_WOBBLE * unit(size), rng)
        ground = ground + WOOD_CONTRAST * level * (wood - 0.5)
    return ground


def _beyond_an_edge(size: Size, rng: np.random.Generator) -> np.ndarray:
    """What is beyond a straight or torn edge."""
    angle = rng.uniform(0, 2 * np.pi)
    x, y = grid(size)
    from_centre = np.cos(angle) * (x - size[1] / 2) + np.sin(angle) * (y - size[0] / 2)
    beyond = from_centre - rng.uniform(*EDGE_DISTANCE) * max(size)
    if rng.random() < TORN_PROBABILITY:
        beyond = beyond + clouds(size, TORN_KNOTS, TORN * unit(size), rng)
    return step(beyond, log_uniform(rng, *EDGE_SOFTNESS))


def _beyond_a_sheet(size: Size, rng: np.random.Generator) -> np.ndarray:
    """What is beyond a sheet that is whole in the photo, round or with four corners."""
    height, width = size
    left, right = rng.uniform(*SHEET_INSET, 2) * width
    top, bottom = rng.uniform(*SHEET_INSET, 2) * height
    sheet = np.zeros(size, np.uint8)
    if rng.random() < ROUND_PROBABILITY:
        centre = (int(width + left - right) // 2, int(height + top - bottom) // 2)
        axes = (int(width - left - right) // 2, int(height - top - bottom) // 2)
        cv2.ellipse(sheet, centre, axes, rng.normal(0, ROUND_ANGLE), 0, 360, 255, -1)
    else:
        right, bottom = width - right, height - bottom
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        corners = corners + rng.normal(0, SHEET_CORNER * unit(size), (4, 2))
        cv2.fillPoly(sheet, [corners.astype(np.int32)], 255)
    return 1 - cv2.GaussianBlur(sheet, (0, 0), log_uniform(rng, *SHEET_SOFTNESS)) / np.float32(255)


def _finger(size: Size, rng: np.random.Generator) -> np.ndarray:
    """A finger that comes in from the edge of the photo."""
    height, width = size
    angle = rng.uniform(0, 2 * np.pi)
    place = (
        int(width * (0.5 + FINGER_DISTANCE * np.cos(angle))),
        int(height * (0.5 + FINGER_DISTANCE * np.sin(angle))),
    )
    axes = (int(rng.uniform(*FINGER_LENGTH) * max(size)), int(rng.uniform(*FINGER_WIDTH) * max(size)))
    pointing = np.degrees(angle) + rng.normal(0, FINGER_ANGLE)
    finger = cv2.ellipse(np.zeros(size, np.uint8), place, axes, pointing, 0, 360, 255, -1)
    return cv2.GaussianBlur(finger, (0, 0), log_uniform(rng, *FINGER_SOFTNESS)) / np.float32(255)


def light(size: Size, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Return the light's intensity, 1 where it is full."""
    x, y = grid(size)
    x, y = x / size[1], y / size[0]
    intensity = np.ones(size, np.float32)
    if rng.random() < kind.gradient:
        intensity *= _gradient(x, y, rng)
    if rng.random() < kind.vignette:
        intensity *= _vignette(x, y, rng)
    if rng.random() < kind.lamp:
        spot = ((x - rng.random()) ** 2 + (y - rng.random()) ** 2) / rng.uniform(*LAMP_RADIUS) ** 2
        intensity *= rng.uniform(*AMBIENT) + np.exp(-spot)
    for _ in range(SHADOWS):
        if rng.random() < kind.shadow:
            intensity *= _shadow(size, rng)
    return intensity


def _gradient(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi)
    slope = 0.5 + (np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)) / np.sqrt(2)
    return 1 - rng.uniform(*GRADIENT) * slope


def _vignette(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    centre = rng.uniform(*(CENTRE if rng.random() < CENTRED_PROBABILITY else ANY_CENTRE), 2)
    radii = np.hypot((x - centre[0]) * rng.uniform(*VIGNETTE_STRETCH), y - centre[1]) / VIGNETTE_RADIUS
    loss = rng.uniform(*VIGNETTE) * np.clip(radii, 0, MAX_RADII) ** rng.uniform(*VIGNETTE_POWER)
    return (1 - loss).clip(MIN_LIGHT)


def _shadow(size: Size, rng: np.random.Generator) -> np.ndarray:
    """A shadow on one side of a line that is not quite straight."""
    distance = distance_to_line(size, rng.uniform(0, 2 * np.pi), rng) / unit(size)
    distance = distance + clouds(size, SHADOW_KNOTS, rng.uniform(*SHADOW_WOBBLE), rng)
    return 1 - rng.uniform(*SHADOW) * step(distance, log_uniform(rng, *SHADOW_SOFTNESS))


def reflection(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Return the reflection of a lamp, bright enough to saturate the camera."""
    axes = [int(length) for length in rng.uniform(*REFLECTION, 2) * max(size)]
    place = (int(rng.uniform(0, size[1])), int(rng.uniform(0, size[0])))
    spot = cv2.ellipse(np.zeros(size, np.uint8), place, axes, 0, 0, 360, 255, -1)
    softness = log_uniform(rng, *REFLECTION_SOFTNESS) * unit(size)
    return cv2.GaussianBlur(spot, (0, 0), softness) / np.float32(FULL_LIGHT)
