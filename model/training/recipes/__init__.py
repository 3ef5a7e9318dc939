"""Recipes: a network and how it is trained, one module for each, named as the recipe but with underscores."""

import importlib
import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.data.mnist import VALIDATION_SIZE, Split

if TYPE_CHECKING:  # names of recipes are listed without the wait for Keras
    import keras


@dataclass(frozen=True)
class Recipe:
    """A network and its training.

    Attributes:
        summary: what is special about it, in one line.
        network: builds the network, untrained: frames (n, 28, 28, 1) in 0..1 to the probabilities of the ten digits,
            (n, 10), or of these and "not a digit", (n, 11).
        optimizer: makes the optimizer, given the learning rate and the number of steps.
        learning_rate: the largest learning rate.
        loss: Keras's name of the loss; with "categorical_crossentropy" labels are one-hot.
        batch_size: frames per step.
        epochs: passes over the training set.
        label_smoothing: how much of each one-hot label is spread over all classes (Szegedy et al. 2016, "Rethinking the
            inception architecture for computer vision").
        published: accuracy on the test set that the recipe's authors state, in words.
        validation_size: how many of the 60,000 training images are held out; None for none, and validation on the test
            set.
        extra: makes frames that are added to MNIST's training digits, which it is given.
        augment: varies a batch of training frames, (n, 28, 28) in 0..1.
        callbacks: makes further Keras callbacks for one run.
        keeps_best: whether the weights with the best validation accuracy are kept, rather than the last.
        calibrated: whether the probabilities are calibrated after training; needs eleven outputs.
    """

    summary: str
    network: "Callable[[], keras.Model]"
    optimizer: "Callable[[float, int], keras.optimizers.Optimizer]"
    learning_rate: float
    loss: str
    batch_size: int
    epochs: int
    label_smoothing: float = 0.0
    published: str = "–"
    validation_size: int | None = VALIDATION_SIZE
    extra: Callable[[Split, np.random.Generator], Split] | None = None
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None
    callbacks: "Callable[[], list[keras.callbacks.Callback]]" = list
    keeps_best: bool = False
    calibrated: bool = False


def names() -> list[str]:
    """Return the names of all recipes, "default" first."""
    modules = (path.stem for path in pathlib.Path(__file__).parent.glob("[!_]*.py"))
    return sorted((module.replace("_", "-") for module in modules), key=lambda name: (name != "default", name))


def load(name: str) -> Recipe:
    """Return a recipe by its name, one of ``names()``."""
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}").RECIPE
