"""What is common to networks of digits, whatever runs them: shapes, and the conversion of outputs to probabilities."""

from collections.abc import Callable

import numpy as np

from model.errors import DigitPadError
from model.preparation.frame import SIDE, Network

#: Number of digits, 0 to 9.
DIGITS = 10
#: A frame by itself is rejected if it is more probably not a digit than this.
REJECTION_THRESHOLD = 0.5
#: Input shapes that a network may have, without the batch axis.
INPUT_SHAPES = ((SIDE, SIDE), (SIDE, SIDE, 1), (SIDE * SIDE,))
#: Output shapes that a network may have, without the batch axis: ten digits, or ten digits and "not a digit".
OUTPUT_SHAPES = ((DIGITS,), (DIGITS + 1,))
#: Frames in the probe batch that tells softmax outputs from logits.
PROBE_FRAMES = 16
#: Largest deviation from 1 of a row's sum in softmax outputs.
SUM_TOLERANCE = 1e-3
#: Added to each digit's probability, so that rows in which all ten underflow become uniform instead of NaN.
TINY = np.float32(1e-30)


class NetworkError(DigitPadError):
    """A network file is missing, damaged, or does not map frames to digits."""

    code = "invalid_network"


def in_batches(outputs: Callable[[np.ndarray], np.ndarray], size: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return ``outputs`` wrapped so that it is called on at most ``size`` inputs at a time."""
    return lambda inputs: np.concatenate([outputs(inputs[at : at + size]) for at in range(0, len(inputs), size)])


def with_probabilities(outputs: Callable[[np.ndarray], np.ndarray]) -> Network:
    """Return a Network from a function that maps frames to softmax outputs or logits, (n, 10) or (n, 11).

    The function is called once, on random frames, to tell softmax outputs from logits; this also warms it up.
    """
    probe = outputs(np.random.default_rng(0).random((PROBE_FRAMES, SIDE, SIDE), np.float32))
    if (probe >= 0).all() and np.allclose(probe.sum(axis=1), 1, atol=SUM_TOLERANCE):
        return lambda frames: _split(outputs(frames))
    return lambda frames: _split(_softmax(outputs(frames)))


def _split(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    digits = probabilities[:, :DIGITS] + TINY
    return digits / digits.sum(axis=1, keepdims=True), probabilities[:, DIGITS:].sum(axis=1)


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
