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


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A network and its training.

    Attributes:
        summary: what is special about it, in one line.
        network: builds the network, untrained.
        optimizer: makes the optimizer, given the learning rate and the number of steps.
        learning_rate: the largest learning rate.
        loss: Keras's name of the loss, or a function of what is expected and the network's output.
        batch_size: frames or photos per step.
        epochs: how often the training set, or as many photos as an epoch has, are trained on.
        published: accuracy on the test set that the recipe's authors state, in words.
        validation_size: how many of the 60,000 training images are held out; None for none, and validation on the test
            set.
        callbacks: makes further Keras callbacks for one run.
        keeps_best: whether the weights of the epoch with the best metric in validation are kept, not the last.
    """

    summary: str
    network: "Callable[[], keras.Model]"
    optimizer: "Callable[[float, int], keras.optimizers.Optimizer]"
    learning_rate: float
    loss: "str | Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]"
    batch_size: int
    epochs: int
    published: str = "–"
    validation_size: int | None = VALIDATION_SIZE
    callbacks: "Callable[[], list[keras.callbacks.Callback]]" = list
    keeps_best: bool = False


@dataclass(frozen=True, kw_only=True)
class DigitRecipe(Recipe):
    """A network that classifies digits: frames (n, 28, 28, 1) in 0..1 to the probabilities of the ten digits, (n, 10),
    or of these and "not a digit", (n, 11).

    With the loss "categorical_crossentropy" labels are one-hot.

    Attributes:
        label_smoothing: how much of each one-hot label is spread over all classes (Szegedy et al. 2016, "Rethinking the
            inception architecture for computer vision").
        extra: makes frames that are added to MNIST's training digits. It is given these, the source of randomness, and
            which fraction of its usual number to make of frames that take long.
        augment: varies a batch of training frames, (n, 28, 28) in 0..1.
        calibrated: whether the probabilities are calibrated after training; needs eleven outputs.
    """

    label_smoothing: float = 0.0
    extra: Callable[[Split, np.random.Generator, float], Split] | None = None
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None
    calibrated: bool = False


@dataclass(frozen=True, kw_only=True)
class InkRecipe(Recipe):
    """A network that finds handwriting: standardised pictures (n, h, w, 2) to logits of ink and contact, (n, h, w, 2).

    Attributes:
        steps: batches in an epoch; every batch is of new synthetic photos.
        validation_steps: batches in the validation.
        kind_photos: how many photos of each kind are evaluated on.
        ablations: what the parts of the recipe contribute, in Markdown, for the model card, which has no such section
            without it.
    """

    steps: int
    validation_steps: int
    kind_photos: int
    ablations: str = ""


def names() -> list[str]:
    """Return the names of all recipes, "default" first."""
    modules = (path.stem for path in pathlib.Path(__file__).parent.glob("[!_]*.py"))
    return sorted((module.replace("_", "-") for module in modules), key=lambda name: (name != "default", name))


def load(name: str) -> Recipe:
    """Return a recipe by its name, one of ``names()``."""
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}").RECIPE
