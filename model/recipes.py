"""Networks and how each is trained, as data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.augmentation import augment
from model.quiet_keras import keras

layers = keras.layers


@dataclass(frozen=True)
class Recipe:
    """One network and its training.

    ``network`` builds it, untrained: (n, 28, 28, 1) in 0..1 to ten probabilities (n, 10).
    ``optimizer`` makes the optimiser for a run of that many steps.
    ``augment`` varies a batch of training frames, (n, 28, 28) in 0..1, with the generator it is given.
    """

    summary: str
    network: Callable[[], keras.Model]
    optimizer: Callable[[int], keras.optimizers.Optimizer]
    loss: str
    batch_size: int
    epochs: int
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _convolution(filters: int, size: int, strides: int = 1) -> list[keras.layers.Layer]:
    return [
        layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.Activation("relu"),
    ]


def _default_network() -> keras.Model:
    # Convolutions at 28×28 would cost more than all the rest together, so the first one halves the field already.
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *_convolution(32, 5, strides=2),
            *_convolution(64, 3),
            layers.MaxPooling2D(),
            *_convolution(96, 3),
            *_convolution(96, 3),
            *_convolution(96, 3),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )


def _adamw_with_cosine_rate(steps: int) -> keras.optimizers.Optimizer:
    warm_up = steps // 20
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=1e-5, warmup_target=2e-3, warmup_steps=warm_up, decay_steps=steps - warm_up
    )
    # The averaged weights are what is validated and saved.
    return keras.optimizers.AdamW(rate, weight_decay=0.02, use_ema=True, ema_momentum=0.998)


RECIPES = {
    "default": Recipe(
        summary="five convolutions with batch normalisation, trained on frames varied as real pictures are",
        network=_default_network,
        optimizer=_adamw_with_cosine_rate,
        loss="sparse_categorical_crossentropy",
        batch_size=128,
        epochs=36,
        augment=augment,
    ),
}
