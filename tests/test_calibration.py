import numpy as np
import pytest

from model.calibration import TURNED_AWAY, calibrate
from model.metrics import score
from model.mnist import Split
from model.network import as_function
from model.quiet_keras import keras

RNG = np.random.default_rng(0)
TEMPERATURE = 1.6


def overconfident() -> tuple[keras.Model, Split]:
    """A network that reads logits off the first row, too large by a factor, and digits as the right ones have it."""
    logits = RNG.normal(0, 2, (4000, 10))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([RNG.choice(10, p=chance) for chance in chances])
    images = np.zeros((4000, 28, 28), np.uint8)
    images[:, 0, :10] = (10 * logits + 128).clip(0, 255).round()
    network = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(11, activation="softmax")]
    )
    kernel = np.zeros((784, 11), np.float32)
    kernel[range(10), range(10)] = 25.5 * TEMPERATURE
    network.layers[-1].set_weights([kernel, np.full(11, -3, np.float32)])
    return network, Split(images, labels)


def test_temperature_is_found_and_digits_are_kept():
    network, digits = overconfident()
    frames = digits.images / np.float32(255)
    before, _ = as_function(network)(frames)
    report = calibrate(network, digits, lambda frames, rng: frames, np.random.default_rng(0))
    after, not_digit = as_function(network)(frames)
    assert report["temperature"] == pytest.approx(TEMPERATURE, rel=0.1)
    assert np.array_equal(before.argmax(axis=1), after.argmax(axis=1))
    losses = [score(probabilities, not_digit, digits.labels)["loss"] for probabilities in (before, after)]
    assert losses[1] < losses[0]
    assert np.mean(not_digit > 0.5) == pytest.approx(TURNED_AWAY, abs=0.001)
