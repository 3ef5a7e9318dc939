"""The camera: perspective, resolution, focus, motion, noise, sharpening, compression. Pixels are float32 in 0..1."""

import cv2
import numpy as np

from model.data.synthetic_photos.fields import Size, log_uniform, noise
from model.data.synthetic_photos.kinds import PhotoKind

# Pairs are ranges.
#: Standard deviation of the corners that a change of perspective moves, relative to the photo's sides.
PERSPECTIVE = 0.06
#: Width of strokes in pixels at a reduced resolution, and the factor of the resolution that it is kept within.
REDUCED_STROKE, SCALE = (1.5, 12), (0.15, 1)
#: The smallest side of a photo whose resolution is reduced, and the smallest width of its strokes, in pixels.
MIN_SIDE, MIN_STROKE = 20, 1.5
#: How enlarged photos are interpolated, and how often.
INTERPOLATIONS, FREQUENCIES = (cv2.INTER_CUBIC, cv2.INTER_LINEAR, cv2.INTER_NEAREST), (0.5, 0.4, 0.1)
#: Standard deviation of the defocus and length of the motion, in pixels. The upper limits are those of thin strokes;
#: of wider ones they are these multiples of the stroke's width.
DEFOCUS, DEFOCUS_STROKES, MOTION, MOTION_STROKES = (0.4, 0.6), 0.4, (2, 3), 1.6
#: How many times what a blur takes away is added by sharpening, and the standard deviation of that blur in pixels.
SHARPENING, SHARPENING_BLUR = (0.5, 2), (0.7, 2)
#: Standard deviation of the noise, in fractions of the contrast, and what is added to the contrast; how often noise is
#: fine, and the standard deviation of its blur in pixels where it is not.
NOISE, NOISE_FLOOR, FINE_NOISE_PROBABILITY, COARSE_NOISE_BLUR = (0.004, 0.07), 0.05, 0.6, 0.8
#: How often the curve of tones is bent; its exponent, and the largest value that it is applied to.
GAMMA_PROBABILITY, GAMMA, MAX_EXPOSURE = 0.65, (0.6, 1.7), 1.2
#: Stretched contrast: percentiles that become black and white, the smallest difference between them, and the step in
#: pixels at which they are measured.
BLACK_PERCENTILE, WHITE_PERCENTILE, MIN_CONTRAST, PERCENTILE_STEP = (0, 4), (90, 100), 0.05, 3
#: JPEG's quality, of 100.
JPEG_QUALITY = (10, 90)


def photograph(pixels: np.ndarray, stroke: float, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Take a photo.

    Args:
        pixels: what is seen, (h, w) or (h, w, 3).
        stroke: a usual width of a stroke in pixels, which resolution and blur go by.
        kind: how probable everything is.
        rng: the only source of randomness.

    Returns:
        uint8 of the same shape.
    """
    if rng.random() < kind.low_resolution:
        scale = log_uniform(rng, *REDUCED_STROKE) / max(stroke, MIN_STROKE)
        pixels = low_resolution(pixels, np.clip(scale, *SCALE), rng)
    if rng.random() < kind.defocus:
        sharp, blurred = DEFOCUS
        pixels = cv2.GaussianBlur(pixels, (0, 0), log_uniform(rng, sharp, max(blurred, DEFOCUS_STROKES * stroke)))
    if rng.random() < kind.motion:
        short, long = MOTION
        pixels = _motion(pixels, int(rng.uniform(short, max(long, MOTION_STROKES * stroke))), rng)
    if rng.random() < kind.sharpening:
        amount = rng.uniform(*SHARPENING)
        pixels = pixels + amount * (pixels - cv2.GaussianBlur(pixels, (0, 0), rng.uniform(*SHARPENING_BLUR)))
    if rng.random() < kind.noise:
        deviation = log_uniform(rng, *NOISE) * (float(pixels.max() - pixels.min()) + NOISE_FLOOR)
        blur = 0 if rng.random() < FINE_NOISE_PROBABILITY else COARSE_NOISE_BLUR
        pixels = pixels + noise(pixels.shape, blur, deviation, rng)
    if rng.random() < kind.stretch:
        pixels = _stretch(pixels, rng)
    pixels = to_eight_bits(pixels)
    return _compress(pixels, rng) if rng.random() < kind.jpeg else pixels


def perspective(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Return the 3×3 matrix of a random change of perspective."""
    height, width = size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = corners + rng.normal(0, PERSPECTIVE, (4, 2)).astype(np.float32) * [width, height]
    return cv2.getPerspectiveTransform(corners, moved.astype(np.float32))


def warp(pixels: np.ndarray, matrix: np.ndarray, border: int) -> np.ndarray:
    """Apply a change of perspective. ``border`` is OpenCV's code of what is beyond the edges."""
    return cv2.warpPerspective(pixels, matrix, pixels.shape[1::-1], borderMode=border)


def low_resolution(pixels: np.ndarray, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Shrink a photo by that factor and enlarge it again."""
    height, width = pixels.shape[:2]
    small = (max(MIN_SIDE, round(width * scale)), max(MIN_SIDE, round(height * scale)))
    method = INTERPOLATIONS[rng.choice(len(INTERPOLATIONS), p=FREQUENCIES)]
    return cv2.resize(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), (width, height), interpolation=method)


def to_eight_bits(pixels: np.ndarray) -> np.ndarray:
    return (np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8)


def _motion(pixels: np.ndarray, length: int, rng: np.random.Generator) -> np.ndarray:
    """Blur along a line of that length in pixels."""
    kernel, angle, centre = np.zeros((length, length), np.float32), rng.uniform(0, np.pi), (length - 1) / 2
    end = np.array([np.cos(angle), np.sin(angle)]) * centre
    ends = [np.round(centre + sign * end).astype(int).tolist() for sign in (-1, 1)]
    return cv2.filter2D(pixels, -1, cv2.line(kernel, *ends, 1) / kernel.sum())


def _stretch(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Change the exposure: stretch the contrast, or bend the curve of tones."""
    if rng.random() < GAMMA_PROBABILITY:
        return np.clip(pixels, 0, MAX_EXPOSURE) ** rng.uniform(*GAMMA)
    percentiles = [rng.uniform(*BLACK_PERCENTILE), rng.uniform(*WHITE_PERCENTILE)]
    black, white = np.percentile(pixels[::PERCENTILE_STEP, ::PERCENTILE_STEP], percentiles)
    return (pixels - black) / max(white - black, MIN_CONTRAST)


def _compress(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    _, file = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(*JPEG_QUALITY))])
    return cv2.imdecode(file, cv2.IMREAD_UNCHANGED)
