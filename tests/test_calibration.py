import numpy as np
import pytest

from model.data.mnist import Split
from model.evaluation.metrics import score
from model.network.base import REJECTION_THRESHOLD
from model.network.keras_network import as_function, keras
from model.preparation.frame import from_uint8
from model.training.calibration import REJECTION_RATE, calibrate

RNG = np.random.default_rng(0)
TEMPERATURE = 1.6


def overconfident() -> tuple[keras.Model, Split]:
    """Return a network that multiplies the logits in the first row by TEMPERATURE, and digits labelled accordingly."""
    logits = RNG.normal(0, 2, (4000, 10))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([RNG.choice(10, p=of_image) for of_image in probabilities])
    images = np.zeros((4000, 28, 28), np.uint8)
    images[:, 0, :10] = (10 * logits + 128).clip(0, 255).round()
    network = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(11, activation="softmax")]
    )
    kernel = np.zeros((784, 11), np.float32)
    kernel[range(10), range(10)] = 25.5 * TEMPERATURE
    network.layers[-1].set_weights([kernel, np.full(11, -3, np.float32)])
    return network, Split(images, labels)


def test_calibrate_finds_temperature_and_bias_and_keeps_the_digits():
    network, digits = overconfident()
    frames = from_uint8(digits.images)
    before, _ = as_function(network)(frames)
    report = calibrate(network, digits, lambda frames, rng: frames, np.random.default_rng(0))
    after, not_digit = as_function(network)(frames)
    assert report.keys() == {"temperature", "not_digit_bias", "rejection_rate"}
    assert report["temperature"] == pytest.approx(TEMPERATURE, rel=0.1)
    assert np.array_equal(before.argmax(axis=1), after.argmax(axis=1))
    losses = [score(probabilities, not_digit, digits.labels)["loss"] for probabilities in (before, after)]
    assert losses[1] < losses[0]
    assert np.mean(not_digit > REJECTION_THRESHOLD) == pytest.approx(REJECTION_RATE, abs=0.001)
