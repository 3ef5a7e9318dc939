"""Make a trained network's probabilities honest, on digits that it was not trained on.

What is found is written into the weights of its last layer, so that the saved network needs nothing beside it.
"""

import numpy as np

from model.mnist import Split
from model.network import traced
from model.quiet_keras import keras

#: The share of genuine digits, varied as in training, that is taken for something else.
TURNED_AWAY = 0.0025
VARIED = 4


def calibrate(network: keras.Model, digits: Split, augment, rng: np.random.Generator) -> dict[str, float]:
    """Correct a network of eleven outputs, the last a softmax, on held-out digits.

    Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks"): all logits are divided
    by the one number that makes the digits' labels likeliest. Then the eleventh's bias is moved so that
    TURNED_AWAY of the digits, varied by ``augment``, come out as more likely not a digit.

    Returns what was done: "temperature"; "not_digit_bias", in nats; and "turned_away", the share of the varied digits.
    """
    dense = network.layers[-1]
    features = traced(keras.Model(network.inputs, dense.input))
    kernel, biases = (weights.astype(np.float64) for weights in dense.get_weights())
    frames = digits.images / np.float32(255)
    logits = features(frames[..., None]) @ kernel + biases
    temperature = _best_temperature(logits[:, :10], digits.labels)
    kernel, biases = kernel / temperature, biases / temperature

    varied = np.concatenate([augment(frames, rng) for _ in range(VARIED)])
    logits = features(varied[..., None]) @ kernel + biases
    bias = -np.quantile(logits[:, 10] - np.logaddexp.reduce(logits[:, :10], axis=1), 1 - TURNED_AWAY)
    biases[10] += bias
    dense.set_weights([kernel, biases])
    return {
        "temperature": round(float(temperature), 4),
        "not_digit_bias": round(float(bias), 4),
        "turned_away": TURNED_AWAY,
    }


def _best_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    candidates = np.geomspace(0.2, 5, 301)
    return min(candidates, key=lambda temperature: _cross_entropy(logits / temperature, labels))


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    return float((np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(labels)), labels]).mean())
