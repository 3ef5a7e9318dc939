"""Data augmentation: vary training frames as pens, cameras and small pictures do. numpy only.

Each frame is transformed by one random affine map (rotation, shear, scale, shift) together with a smooth elastic
displacement (Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks applied to visual
document analysis"), in a single bilinear interpolation. Then its strokes are thickened or thinned, interrupted and
blurred, and its ink is varied.
"""

import numpy as np

from model.preparation.frame import BOX, SIDE

#: Standard deviation and limit of the rotation, in radians, and of the shear, in pixels per pixel.
ROTATION, MAX_ROTATION = np.radians(7), 0.4
SHEAR, MAX_SHEAR = 0.13, 0.4
#: Range of the scale, and standard deviation of the aspect ratio's logarithm.
SCALE = (0.82, 1.12)
LOG_ASPECT = 0.1
#: Standard deviation and limit of the shift along each axis, in pixels.
SHIFT, MAX_SHIFT = 0.9, 3
#: The elastic displacement: knots of its grid along each axis, and the largest standard deviation at them, in pixels.
KNOTS = 6
MAX_ELASTIC = 0.9

#: The amount of thickening (positive) or thinning is drawn from -STROKE_CHANGE..STROKE_CHANGE and reduced by DEAD_ZONE:
#: six frames in ten are changed.
STROKE_CHANGE, DEAD_ZONE = 1.1, 0.45
#: Fraction of the frames with a gap in their strokes, the gap's largest side in pixels, and the most ink left in it.
GAP_PROBABILITY = 0.2
MAX_GAP = 3
MAX_GAP_INK = 0.6
#: Fraction of the frames that are blurred.
BLUR_PROBABILITY = 0.3
#: Standard deviation of the logarithm of the exponent that softens or hardens edges.
LOG_GAMMA = 0.25
#: Range of full ink's value; the result is clipped to 1.
PEAK = (0.75, 1.05)
#: Fraction of the frames with noise, and the largest standard deviation of it.
NOISE_PROBABILITY = 0.5
MAX_NOISE = 0.08


def augment(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return randomly varied copies of frames.

    Args:
        frames: float32 (n, 28, 28) in 0..1, white ink on black. Not modified.
        rng: the only source of randomness.

    Returns:
        float32 (n, 28, 28) in 0..1.
    """
    frames = _warp(frames, rng)
    frames = _thicken_or_thin(frames, rng)
    frames = _interrupt(frames, rng)
    frames = _blur(frames, rng)
    return _vary_ink(frames, rng)


def _warp(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Apply a random affine map and an elastic displacement to each frame."""
    n = len(frames)
    angle = rng.normal(0, ROTATION, n).clip(-MAX_ROTATION, MAX_ROTATION)
    shear = rng.normal(0, SHEAR, n).clip(-MAX_SHEAR, MAX_SHEAR)
    scale = rng.uniform(*SCALE, n)
    aspect = np.exp(rng.normal(0, LOG_ASPECT, n))
    shift = rng.normal(0, SHIFT, (n, 2, 1, 1)).clip(-MAX_SHIFT, MAX_SHIFT)

    # The map takes a pixel of the result to its source in the frame. With the origin in the frame's centre, its linear
    # part is one 2×2 matrix.
    cos, sin = np.cos(angle), np.sin(angle)
    x_row = np.stack([cos, cos * shear - sin], axis=-1) / (scale * aspect)[:, None]
    y_row = np.stack([sin, sin * shear + cos], axis=-1) * (aspect / scale)[:, None]
    matrix = np.stack([x_row, y_row], axis=1).astype(np.float32)
    centred = np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2
    y, x = np.meshgrid(centred, centred, indexing="ij")
    source = np.einsum("nij,jhw->nihw", matrix, np.stack([x, y])) + (SIDE - 1) / 2
    source += shift.astype(np.float32) + _elastic_displacement(n, rng)
    return _interpolate(frames, source[:, 0], source[:, 1])


def _elastic_displacement(n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw smooth displacements of n frames' pixels along x and y, in pixels: float32 (n, 2, 28, 28)."""
    deviation = rng.uniform(0, MAX_ELASTIC, (n, 1, 1, 1))
    grid = rng.normal(0, 1, (n, 2, KNOTS, KNOTS)) * deviation
    position = np.linspace(0, KNOTS - 1, SIDE)
    # Raised-cosine weights of the two neighbouring knots: smooth, and as cheap as linear interpolation.
    distance = np.abs(position[:, None] - np.arange(KNOTS)).clip(0, 1)
    weights = ((1 + np.cos(np.pi * distance)) / 2).astype(np.float32)
    return weights @ grid.astype(np.float32) @ weights.T


def _interpolate(frames: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the values of frames at positions x, y, each (n, 28, 28) in pixels; 0 outside the frame."""
    padding = 2
    padded = np.pad(frames, ((0, 0), (padding, padding), (padding, padding)))
    side = SIDE + 2 * padding
    last = side - 1.001  # less than side - 1, so that the right and the lower neighbour exist
    x, y = (np.clip(position + padding, 0, last) for position in (x, y))
    left, top = x.astype(np.int32), y.astype(np.int32)
    dx, dy = (x - left).astype(np.float32), (y - top).astype(np.float32)
    flat = padded.ravel()
    corner = np.arange(len(frames), dtype=np.int32)[:, None, None] * side**2 + top * side + left
    above = flat[corner] * (1 - dx) + flat[corner + 1] * dx
    below = flat[corner + side] * (1 - dx) + flat[corner + side + 1] * dx
    return above * (1 - dy) + below * dy


def _thicken_or_thin(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blend each frame with its dilation or its erosion by the four neighbours, by a random amount."""
    padded = np.pad(frames, ((0, 0), (1, 1), (1, 1)))
    neighbours = [padded[:, 1:-1, :-2], padded[:, 1:-1, 2:], padded[:, :-2, 1:-1], padded[:, 2:, 1:-1]]
    dilated = np.maximum(frames, np.maximum.reduce(neighbours))
    eroded = np.minimum(frames, np.minimum.reduce(neighbours))
    amount = rng.uniform(-STROKE_CHANGE, STROKE_CHANGE, len(frames))
    amount = np.sign(amount) * (np.abs(amount) - DEAD_ZONE).clip(0)
    amount = amount.astype(np.float32)[:, None, None]
    return frames + np.maximum(amount, 0) * (dilated - frames) + np.maximum(-amount, 0) * (eroded - frames)


def _interrupt(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fade a small rectangle, a gap in the strokes, in some of the frames."""
    chosen = np.flatnonzero(rng.random(len(frames)) < GAP_PROBABILITY)
    frames = frames.copy()
    border = (SIDE - BOX) // 2
    for index in chosen:
        height, width = rng.integers(1, MAX_GAP + 1, 2)
        top, left = rng.integers(border, SIDE - border - MAX_GAP, 2)
        frames[index, top : top + height, left : left + width] *= rng.uniform(0, MAX_GAP_INK)
    return frames


def _blur(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blend some of the frames with their 3×3 binomial blur, by a random amount."""
    padded = np.pad(frames, ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    blurred = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 16
    amount = rng.uniform(0, 1, len(frames)) * (rng.random(len(frames)) < BLUR_PROBABILITY)
    return frames + amount.astype(np.float32)[:, None, None] * (blurred - frames)


def _vary_ink(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Soften or harden edges, change the value of full ink, and add noise to some of the frames."""
    n = len(frames)
    gamma = np.exp(rng.normal(0, LOG_GAMMA, n)).astype(np.float32)[:, None, None]
    peak = rng.uniform(*PEAK, n).astype(np.float32)[:, None, None]
    deviation = rng.uniform(0, MAX_NOISE, n) * (rng.random(n) < NOISE_PROBABILITY)
    noise = rng.normal(0, 1, frames.shape).astype(np.float32) * deviation.astype(np.float32)[:, None, None]
    return np.clip(np.clip(frames, 0, 1) ** gamma * peak + noise, 0, 1)
