"""Networks and how each is trained, as data: ours, and those of five published MNIST projects."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.augmentation import augment
from model.mnist import Split, joined
from model.network import BLACK_ON_WHITE, WHITE_ON_BLACK
from model.not_digits import not_digits
from model.quiet_keras import keras
from model.styles import styled_digits

layers = keras.layers

#: Frames of what is not a digit in a training set.
NOT_DIGITS = 12_000


@dataclass(frozen=True)
class Recipe:
    """One network and its training.

    ``network`` builds it, untrained: frames (n, 28, 28, 1) in 0..1 to the probabilities of the ten digits, (n, 10), or
    of these and of what is not a digit, (n, 11).
    ``optimizer`` makes the optimiser for a learning rate and a number of steps.
    ``loss`` is Keras's name of it; with "categorical_crossentropy" labels are one-hot, and ``label_smoothing`` of their
    weight is spread over all classes (Szegedy et al. 2016, "Rethinking the inception architecture").
    ``held_out`` is how many of the 60,000 training images are for validation; with None none are, and the test set
    stands in as validation data.
    ``extra`` makes what is added to MNIST's training digits, which it is given.
    ``augment`` varies a batch of training frames, (n, 28, 28) in 0..1, with the generator it is given.
    ``published`` is the accuracy on the test set that its authors state, in words.
    ``callbacks`` makes Keras's callbacks for one run; ``keeps_best`` is whether the weights with the best validation
    accuracy are kept, rather than the last; ``calibrated`` is whether probabilities are corrected afterwards.
    """

    summary: str
    network: Callable[[], keras.Model]
    optimizer: Callable[[float, int], keras.optimizers.Optimizer]
    learning_rate: float
    loss: str
    batch_size: int
    epochs: int
    label_smoothing: float = 0.0
    published: str = "–"
    held_out: int | None = 5_000
    extra: Callable[[Split, np.random.Generator], Split] | None = None
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None
    callbacks: Callable[[], list[keras.callbacks.Callback]] = list
    keeps_best: bool = False
    calibrated: bool = False


def _sequential(*between: keras.layers.Layer, frames: str = WHITE_ON_BLACK, outputs: int = 10) -> keras.Model:
    return keras.Sequential(
        [keras.Input((28, 28, 1), name=frames), *between, layers.Dense(outputs, activation="softmax")], name="digits"
    )


def _normalised_convolution(filters: int, size: int, strides: int = 1) -> list[keras.layers.Layer]:
    return [
        layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.Activation("relu"),
    ]


def _default() -> keras.Model:
    # Between two layers of many channels a convolution at 28×28 would cost more than all the rest together: the field
    # is halved as soon as there are some.
    return _sequential(
        *_normalised_convolution(16, 3),
        *_normalised_convolution(48, 3, strides=2),
        *_normalised_convolution(64, 3),
        layers.MaxPooling2D(),
        *_normalised_convolution(96, 3),
        *_normalised_convolution(96, 3),
        *_normalised_convolution(96, 3),
        layers.Flatten(),
        layers.Dropout(0.3),
        outputs=11,
    )


def _two_convolutions(dense: int, frames: str = WHITE_ON_BLACK) -> keras.Model:
    return _sequential(
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(dense, activation="relu"),
        frames=frames,
    )


def _small() -> keras.Model:
    return _sequential(
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(2, strides=2),
        layers.Conv2D(8, 2, activation="relu"),
        layers.MaxPooling2D(2, strides=2),
        layers.Flatten(),
        layers.Dense(100, activation="relu"),
    )


def _dropout() -> keras.Model:
    return _sequential(
        layers.Conv2D(32, 3, activation="relu"),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.5),
    )


def _averaging_momentum_with_cosine_rate(rate: float, steps: int) -> keras.optimizers.Optimizer:
    warm_up = steps // 20
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=rate / 10, warmup_target=rate, warmup_steps=warm_up, decay_steps=steps - warm_up
    )
    # The averaged weights are what is validated and saved.
    return keras.optimizers.SGD(
        schedule, momentum=0.9, nesterov=True, weight_decay=5e-3, use_ema=True, ema_momentum=0.998
    )


def _at_constant_rate(optimizer: type[keras.optimizers.Optimizer]) -> Callable[..., keras.optimizers.Optimizer]:
    return lambda rate, steps: optimizer(rate)


def _styles_and_not_digits(digits: Split, rng: np.random.Generator) -> Split:
    return joined(styled_digits(rng), not_digits(digits, NOT_DIGITS, rng))


RECIPES = {
    "default": Recipe(
        summary="six normalised convolutions, on digits varied as real pictures are; cosine rate, averaged weights",
        network=_default,
        optimizer=_averaging_momentum_with_cosine_rate,
        learning_rate=0.1,
        loss="categorical_crossentropy",
        label_smoothing=0.1,  # against learning by heart those of MNIST's labels that are wrong
        batch_size=128,
        epochs=20,
        extra=_styles_and_not_digits,
        augment=augment,
        calibrated=True,
    ),
    "two-conv-64": Recipe(
        summary="two convolutions and 64 dense units; adam, 10 % of training held out",
        network=lambda: _two_convolutions(dense=64),
        optimizer=_at_constant_rate(keras.optimizers.Adam),
        learning_rate=1e-3,
        loss="sparse_categorical_crossentropy",
        batch_size=32,
        epochs=10,
        published="not stated",
        held_out=6_000,
    ),
    "black-on-white": Recipe(
        summary="two convolutions and 128 dense units, trained on black digits on white; adam, one-hot labels",
        network=lambda: _two_convolutions(dense=128, frames=BLACK_ON_WHITE),
        optimizer=_at_constant_rate(keras.optimizers.Adam),
        learning_rate=1e-3,
        loss="categorical_crossentropy",
        batch_size=128,
        epochs=10,
        published="“high”",
        held_out=6_000,
    ),
    "small-5x5": Recipe(
        summary="16 filters of 5×5 and 8 of 2×2; adam, batches of 200; validated on the test set, as it was published",
        network=_small,
        optimizer=_at_constant_rate(keras.optimizers.Adam),
        learning_rate=1e-3,
        loss="categorical_crossentropy",
        batch_size=200,
        epochs=10,
        published="98.75 %",
        held_out=None,
    ),
    "dropout-adadelta": Recipe(
        summary="two convolutions, 256 dense units, dropout; Adadelta, stopped early, best weights kept",
        network=_dropout,
        optimizer=_at_constant_rate(keras.optimizers.Adadelta),
        learning_rate=1e-3,
        loss="categorical_crossentropy",
        batch_size=128,
        epochs=50,
        published="92.40 %",
        callbacks=lambda: [keras.callbacks.EarlyStopping(monitor="val_loss", patience=5)],
        keeps_best=True,
    ),
    "rmsprop-128": Recipe(
        summary="two convolutions and 128 dense units; RMSprop, batches of 128",
        network=lambda: _two_convolutions(dense=128),
        optimizer=_at_constant_rate(keras.optimizers.RMSprop),
        learning_rate=1e-3,
        loss="categorical_crossentropy",
        batch_size=128,
        epochs=10,
        published="99.02 %, loss 0.0388",
    ),
}
