"""Calibrate a trained network's probabilities on digits that it was not trained on.

The correction is written into the weights of the last layer, so the saved network needs nothing beside it.
"""

from collections.abc import Callable

import numpy as np

from model.data.mnist import Split
from model.network.base import DIGITS
from model.network.keras_network import compiled, keras
from model.preparation.frame import from_uint8

#: Fraction of genuine digits, augmented as in training, that the calibrated network rejects.
REJECTION_RATE = 0.0025
#: How many augmented copies of each digit the rejection rate is measured on.
COPIES = 4
#: Temperatures that are tried: lowest, highest, number.
TEMPERATURES = (0.2, 5, 301)
#: Decimal places in the report.
DECIMALS = 4


def calibrate(
    network: keras.Model,
    digits: Split,
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray],
    rng: np.random.Generator,
) -> dict[str, float]:
    """Calibrate a network of eleven softmax outputs, in place.

    By temperature scaling (Guo et al. 2017, "On calibration of modern neural networks") all logits are divided by the
    number that minimises the digits' cross-entropy. Then the bias of the eleventh is moved so that REJECTION_RATE of
    the digits, varied by ``augment``, have a probability of more than 0.5 of not being a digit.

    Returns:
        "temperature"; "not_digit_bias", in nats, which was added; and "rejection_rate".
    """
    dense = network.layers[-1]
    features = compiled(keras.Model(network.inputs, dense.input))
    kernel, biases = (weights.astype(np.float64) for weights in dense.get_weights())
    frames = from_uint8(digits.images)
    logits = features(frames[..., None]) @ kernel + biases
    temperature = _best_temperature(logits[:, :DIGITS], digits.labels)
    kernel, biases = kernel / temperature, biases / temperature

    augmented = np.concatenate([augment(frames, rng) for _ in range(COPIES)])
    logits = features(augmented[..., None]) @ kernel + biases
    bias = -np.quantile(logits[:, DIGITS] - np.logaddexp.reduce(logits[:, :DIGITS], axis=1), 1 - REJECTION_RATE)
    biases[DIGITS] += bias
    dense.set_weights([kernel, biases])
    return {
        "temperature": round(float(temperature), DECIMALS),
        "not_digit_bias": round(float(bias), DECIMALS),
        "rejection_rate": REJECTION_RATE,
    }


def _best_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    return min(np.geomspace(*TEMPERATURES), key=lambda temperature: _cross_entropy(logits / temperature, labels))


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    return float((np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(labels)), labels]).mean())
