"""Recipes that train in a moment, and a callback that interrupts a training."""

import dataclasses

from model.data.shapes import Alphabet, from_image
from model.network.keras_network import keras
from model.training import recipes
from model.training.ink import InkTask
from model.training.recipes import DigitRecipe
from tests.helpers.digits import DATA, DRAWN

layers = keras.layers

#: The names of the recipes of networks that classify digits.
DIGIT_RECIPES = [name for name in recipes.names() if name != "ink"]


def dense_network(outputs: int = 10) -> keras.Model:
    """Return a network of one hidden layer."""
    hidden = [layers.Flatten(), layers.Dense(32, activation="relu")]
    return keras.Sequential([keras.Input((28, 28, 1)), *hidden, layers.Dense(outputs, activation="softmax")])


#: A recipe without dropout, so that a resumed run can be compared with an uninterrupted one.
DENSE = DigitRecipe(
    summary="one hidden layer",
    network=dense_network,
    optimizer=lambda learning_rate, steps: keras.optimizers.Adam(learning_rate),
    learning_rate=0.001,
    loss="categorical_crossentropy",
    batch_size=8,
    epochs=3,
)


DRAWN_SHAPES = [from_image(image, int(label)) for image, label in zip(*DRAWN, strict=True)]
#: An alphabet of the ten drawn digits.
ALPHABET = Alphabet(digits=DRAWN_SHAPES, operators=DRAWN_SHAPES, others=DRAWN_SHAPES)


def ink_task(**attributes) -> InkTask:
    """Return the training of the ink network on few photos, with other attributes of its recipe."""
    few = {"steps": 2, "validation_steps": 1, "kind_photos": 1, "batch_size": 2, "epochs": 3}
    return InkTask(dataclasses.replace(recipes.load("ink"), **few | attributes), DATA, lambda digits, rng: ALPHABET)


class StopBefore(keras.callbacks.Callback):
    """Interrupts the training before an epoch, counted from 0."""

    def __init__(self, epoch: int):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt
