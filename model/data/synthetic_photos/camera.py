"""The camera: perspective, resolution, focus, motion, noise, sharpening, compression. Pixels are float32 in 0..1."""

import cv2
import numpy as np

from model.data.synthetic_photos.fields import Range, log_uniform, noise
from model.data.synthetic_photos.kinds import PhotoKind

#: The smallest side of a photo whose resolution is reduced, and the smallest width of its strokes, in pixels.
MIN_SIDE, MIN_STROKE = 20, 1.5
#: How enlarged photos are interpolated, and how often.
INTERPOLATIONS, FREQUENCIES = (cv2.INTER_CUBIC, cv2.INTER_LINEAR, cv2.INTER_NEAREST), (0.5, 0.4, 0.1)


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
        pixels = low_resolution(pixels, np.clip(log_uniform(rng, 1.5, 12) / max(stroke, MIN_STROKE), 0.15, 1), rng)
    if rng.random() < kind.defocus:
        pixels = cv2.GaussianBlur(pixels, (0, 0), log_uniform(rng, 0.4, max(0.6, 0.4 * stroke)))
    if rng.random() < kind.motion:
        pixels = _motion(pixels, int(rng.uniform(2, max(3, 1.6 * stroke))), rng)
    if rng.random() < kind.sharpening:
        pixels = pixels + rng.uniform(0.5, 2) * (pixels - cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.7, 2)))
    if rng.random() < kind.noise:
        deviation = log_uniform(rng, 0.004, 0.07) * (float(pixels.max() - pixels.min()) + 0.05)
        pixels = pixels + noise(pixels.shape, 0 if rng.random() < 0.6 else 0.8, deviation, rng)
    if rng.random() < kind.stretch:
        pixels = _stretch(pixels, rng)
    pixels = to_eight_bits(pixels)
    return _compress(pixels, rng) if rng.random() < kind.jpeg else pixels


def perspective(size: tuple[int, int], rng: np.random.Generator, deviation: float = 0.06) -> np.ndarray:
    """Return the 3×3 matrix of a random change of perspective; ``deviation`` of the corners, relative to the sides."""
    height, width = size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = corners + rng.normal(0, deviation, (4, 2)).astype(np.float32) * [width, height]
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


def _stretch(pixels: np.ndarray, rng: np.random.Generator, gamma: Range = (0.6, 1.7)) -> np.ndarray:
    """Change the exposure: stretch the contrast, or bend the curve of tones."""
    if rng.random() < 0.65:
        return np.clip(pixels, 0, 1.2) ** rng.uniform(*gamma)
    low, high = np.percentile(pixels[::3, ::3], [rng.uniform(0, 4), rng.uniform(90, 100)])
    return (pixels - low) / max(high - low, 0.05)


def _compress(pixels: np.ndarray, rng: np.random.Generator, quality: Range = (10, 90)) -> np.ndarray:
    _, file = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(*quality))])
    return cv2.imdecode(file, cv2.IMREAD_UNCHANGED)
