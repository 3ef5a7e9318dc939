import numpy as np
import pytest

from model.network.base import in_batches, with_probabilities

FRAMES = np.random.default_rng(0).random((7, 28, 28), np.float32)


def logits_of(frames: np.ndarray) -> np.ndarray:
    """Return eleven logits for each frame: its first pixels."""
    return 10 * frames[:, 0, :11] - 5


def softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_in_batches_calls_with_at_most_the_size_and_joins_the_outputs(count):
    sizes = []

    def double(inputs):
        sizes.append(len(inputs))
        return 2 * inputs

    assert np.array_equal(in_batches(double, 3)(FRAMES[:count]), 2 * FRAMES[:count])
    assert sum(sizes) == count
    assert max(sizes) <= 3


@pytest.mark.parametrize("outputs", [logits_of, lambda frames: softmax(logits_of(frames))], ids=["logits", "softmax"])
def test_with_probabilities_accepts_logits_and_softmax_outputs(outputs):
    probabilities, not_digit = with_probabilities(outputs)(FRAMES)
    expected = softmax(logits_of(FRAMES))
    assert np.allclose(not_digit, expected[:, 10], atol=1e-6)
    assert np.allclose(probabilities, softmax(logits_of(FRAMES)[:, :10]), atol=1e-6)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def test_with_probabilities_of_ten_outputs_rejects_nothing():
    _, not_digit = with_probabilities(lambda frames: logits_of(frames)[:, :10])(FRAMES)
    assert not_digit.tolist() == [0] * len(FRAMES)


def test_with_probabilities_is_uniform_where_all_digits_underflow():
    certain = np.eye(11, dtype=np.float32)
    probabilities, not_digit = with_probabilities(lambda frames: certain[np.full(len(frames), 10)])(FRAMES)
    assert np.allclose(probabilities, 0.1)
    assert np.allclose(not_digit, 1)
