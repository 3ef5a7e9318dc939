"""Our own recipe: it learns to reject what is not a digit, and to read digits as they come from pens and cameras."""

import numpy as np

from model.classifier import SHIPPED_INK
from model.data.augmentation import augment
from model.data.mnist import Split, concatenate
from model.data.not_digits import not_digits
from model.data.prepared import prepared_frames
from model.data.shapes import make_alphabet
from model.data.styles import styled_digits
from model.network.keras_network import WHITE_ON_BLACK, keras
from model.network.litert_network import load_ink_network
from model.preparation.frame import SIDE
from model.training.recipes import DigitRecipe

layers = keras.layers

#: Digits in other styles, and non-digits, that are added to the training set.
STYLED_DIGITS, NOT_DIGITS = 40_000, 30_000
#: Synthetic photos of which the preparation's frames are added, and how many of them are written with the same shapes.
PHOTOS, PHOTOS_PER_ALPHABET = 20_000, 4_000
#: The learning rate rises in the first of this many parts of the training, from a tenth of its largest value.
WARM_UP_PARTS = 20


def network() -> keras.Model:
    """Build the network: frames (n, 28, 28, 1) to the ten digits and "not a digit", (n, 11)."""
    # A convolution at 28×28 between two layers of many channels would cost more than all the others together, so the
    # resolution is halved as soon as there are many.
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name=WHITE_ON_BLACK),
            *normalised_convolution(16),
            *normalised_convolution(48, strides=2),
            *normalised_convolution(64),
            layers.MaxPooling2D(),
            *normalised_convolution(128),
            *normalised_convolution(128),
            *normalised_convolution(128),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(11, activation="softmax"),
        ],
        name="digits",
    )


def normalised_convolution(filters: int, strides: int = 1) -> list[keras.layers.Layer]:
    """Return a 3×3 convolution with batch normalisation and ReLU."""
    return [
        layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.Activation("relu"),
    ]


def optimizer(learning_rate: float, steps: int) -> keras.optimizers.Optimizer:
    """Return Nesterov momentum with a cosine learning rate over the steps, weight decay and averaged weights."""
    warm_up = steps // WARM_UP_PARTS
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=learning_rate / 10,
        warmup_target=learning_rate,
        warmup_steps=warm_up,
        decay_steps=steps - warm_up,
    )
    # The averaged weights are what is validated and saved.
    return keras.optimizers.SGD(
        schedule, momentum=0.9, nesterov=True, weight_decay=5e-3, use_ema=True, ema_momentum=0.998
    )


def made_frames(digits: Split, rng: np.random.Generator, fraction: float) -> Split:
    """Make digits in other styles, non-digits, and frames that the preparation makes of synthetic photos.

    MNIST's digits are added once more, so that they are about a third of what is trained on.
    """
    styled, negatives, photos = (round(fraction * count) for count in (STYLED_DIGITS, NOT_DIGITS, PHOTOS))
    network = load_ink_network(SHIPPED_INK)
    prepared = [
        prepared_frames(make_alphabet(digits, rng), network, min(PHOTOS_PER_ALPHABET, photos - made), rng)
        for made in range(0, photos, PHOTOS_PER_ALPHABET)
    ]
    return concatenate(digits, styled_digits(styled, rng), not_digits(digits, negatives, rng), *prepared)


RECIPE = DigitRecipe(
    summary="six normalised convolutions; learns from its own preparation, and to reject what is not a digit",
    network=network,
    optimizer=optimizer,
    learning_rate=0.1,
    loss="categorical_crossentropy",
    label_smoothing=0.1,  # some of MNIST's labels are wrong
    batch_size=128,
    epochs=40,
    extra=made_frames,
    augment=augment,
    calibrated=True,
)
