"""What a network puts out, as probabilities."""

from collections.abc import Callable

import numpy as np

#: From frames, float32 (n, 28, 28) in 0..1, white ink on black, to the probabilities of the ten digits, should it be
#: one, float32 (n, 10), each row with the sum 1; and to the probability that it is not a digit, float32 (n,).
Network = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


class NetworkError(Exception):
    """A network file cannot be used; the message is one sentence that says why."""


def in_batches(outputs: Callable[[np.ndarray], np.ndarray], size: int) -> Callable[[np.ndarray], np.ndarray]:
    """The same function, but given no more than so many inputs at once."""
    return lambda inputs: np.concatenate([outputs(inputs[at : at + size]) for at in range(0, len(inputs), size)])


def with_probabilities(outputs: Callable[[np.ndarray], np.ndarray]) -> Network:
    """A network of a function from frames to what it puts out for each: softmax or logits of the ten digits and, if
    there is an eleventh, of what is not a digit."""
    # Which of the two shows in what it gives; the call also makes room and warms up, better now than later.
    probe = outputs(np.random.default_rng(0).random((16, 28, 28), np.float32))
    if (probe >= 0).all() and np.allclose(probe.sum(axis=1), 1, atol=1e-3):
        return lambda frames: _split(outputs(frames))
    return lambda frames: _split(_softmax(outputs(frames)))


def _split(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    digits = probabilities[:, :10] + np.float32(1e-30)  # where all ten vanish they are equal
    return digits / digits.sum(axis=1, keepdims=True), probabilities[:, 10:].sum(axis=1)


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
