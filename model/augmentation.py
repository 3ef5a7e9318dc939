"""Training frames varied the way real pictures differ from MNIST, in numpy alone.

One random geometric map a frame (rotation, shear, scale, shift, and the smooth elastic displacement of Simard,
Steinkraus and Platt 2003, "Best practices for convolutional neural networks applied to visual document analysis") is
applied in a single bilinear look-up. Then strokes are made thicker or thinner, broken, blurred, and their ink uneven,
as other pens, cameras and small pictures make them.
"""

import numpy as np

SIDE = 28


def augment(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vary frames, float32 (n, 28, 28) in 0..1, each in its own way; returns new ones of the same form."""
    frames = _warp(frames, rng)
    frames = _thicken_or_thin(frames, rng)
    frames = _break(frames, rng)
    frames = _blur(frames, rng)
    return _shade(frames, rng)


def _warp(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    n = len(frames)
    angle = rng.normal(0, np.radians(7), n).clip(-0.4, 0.4)
    shear = rng.normal(0, 0.13, n).clip(-0.4, 0.4)
    size = rng.uniform(0.82, 1.12, n)
    aspect = np.exp(rng.normal(0, 0.1, n))
    shift = rng.normal(0, 0.9, (n, 2, 1, 1)).clip(-3, 3)

    # From a pixel of the result to the place in the frame that it is taken from: about the centre, so one 2×2 matrix.
    cos, sin = np.cos(angle), np.sin(angle)
    across = np.stack([cos, cos * shear - sin], axis=-1) / (size * aspect)[:, None]
    down = np.stack([sin, sin * shear + cos], axis=-1) * (aspect / size)[:, None]
    centred = np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2
    y, x = np.meshgrid(centred, centred, indexing="ij")
    matrix = np.stack([across, down], axis=1).astype(np.float32)
    source = np.einsum("nij,jhw->nihw", matrix, np.stack([x, y])) + (SIDE - 1) / 2
    source += shift.astype(np.float32) + _elastic(n, rng)
    return _bilinear(frames, source[:, 0], source[:, 1])


def _elastic(n: int, rng: np.random.Generator) -> np.ndarray:
    """Smooth random displacements in pixels, float32 (n, 2, 28, 28): a coarse random grid, interpolated."""
    knots = 6
    strength = rng.uniform(0, 0.9, (n, 1, 1, 1))
    grid = rng.normal(0, 1, (n, 2, knots, knots)) * strength
    position = np.linspace(0, knots - 1, SIDE)
    # Raised-cosine weights of the two neighbouring knots: smooth, and as cheap as linear ones.
    distance = np.abs(position[:, None] - np.arange(knots)).clip(0, 1)
    weights = ((1 + np.cos(np.pi * distance)) / 2).astype(np.float32)
    return weights @ grid.astype(np.float32) @ weights.T


def _bilinear(frames: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The frames' values at places x, y, each (n, 28, 28) in pixels; nothing outside the frame."""
    margin = 2
    padded = np.pad(frames, ((0, 0), (margin, margin), (margin, margin)))
    side = SIDE + 2 * margin
    x, y = (np.clip(c + margin, 0, side - 1.001) for c in (x, y))
    left, top = x.astype(np.int32), y.astype(np.int32)
    right_share, bottom_share = (x - left).astype(np.float32), (y - top).astype(np.float32)
    flat = padded.ravel()
    corner = np.arange(len(frames), dtype=np.int32)[:, None, None] * side**2 + top * side + left
    above = flat[corner] * (1 - right_share) + flat[corner + 1] * right_share
    below = flat[corner + side] * (1 - right_share) + flat[corner + side + 1] * right_share
    return above * (1 - bottom_share) + below * bottom_share


def _thicken_or_thin(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Six frames in ten: towards the brightest or the darkest of the four neighbours, by a random share."""
    padded = np.pad(frames, ((0, 0), (1, 1), (1, 1)))
    neighbours = [padded[:, 1:-1, :-2], padded[:, 1:-1, 2:], padded[:, :-2, 1:-1], padded[:, 2:, 1:-1]]
    thick = np.maximum(frames, np.maximum.reduce(neighbours))
    thin = np.minimum(frames, np.minimum.reduce(neighbours))
    share = rng.uniform(-1.1, 1.1, len(frames))
    share = np.sign(share) * (np.abs(share) - 0.45).clip(0)
    share = share.astype(np.float32)[:, None, None]
    return frames + np.maximum(share, 0) * (thick - frames) + np.maximum(-share, 0) * (thin - frames)


def _break(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One frame in five: a gap of one to three pixels across the strokes, somewhere in the middle of the frame."""
    chosen = np.flatnonzero(rng.random(len(frames)) < 0.2)
    frames = frames.copy()
    for index in chosen:
        height, width = rng.integers(1, 4, 2)
        top, left = rng.integers(4, 24 - 3, 2)
        frames[index, top : top + height, left : left + width] *= rng.uniform(0, 0.6)
    return frames


def _blur(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Three frames in ten: a 3×3 binomial blur, mixed in by a random share."""
    padded = np.pad(frames, ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    blurred = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 16
    share = rng.uniform(0, 1, len(frames)) * (rng.random(len(frames)) < 0.3)
    return frames + share.astype(np.float32)[:, None, None] * (blurred - frames)


def _shade(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Softer or harder edges, fainter ink, and a little noise in half of the frames."""
    n = len(frames)
    gamma = np.exp(rng.normal(0, 0.25, n)).astype(np.float32)[:, None, None]
    peak = rng.uniform(0.75, 1.05, n).astype(np.float32)[:, None, None]
    noise = rng.uniform(0, 0.08, n) * (rng.random(n) < 0.5)
    noise = rng.normal(0, 1, frames.shape).astype(np.float32) * noise.astype(np.float32)[:, None, None]
    inked = np.clip(frames, 0, 1) ** gamma * peak
    return np.clip(inked + noise, 0, 1)
