"""What differs between kinds of networks: what they are trained on and measured by, and how they are saved."""

import abc
import pathlib
import platform
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from model.data.mnist import Mnist, Split
from model.errors import DigitPadError
from model.network.keras_network import keras
from model.training.recipes import Recipe

#: Images of each split in a dry run.
DRY_RUN_SIZE = 512


class TrainingError(DigitPadError):
    """A run cannot be started, continued or saved."""

    code = "training"


@dataclass(frozen=True)
class Task(abc.ABC):
    """A recipe with the data that its network is trained and evaluated on.

    Attributes:
        OUTPUT: the name of the network's file, unless another is given.
        METRIC: the name of the metric, in 0..1, that is reported beside the loss and is largest in the best epoch.
    """

    recipe: Recipe
    data: Mnist

    OUTPUT: ClassVar[str]
    METRIC: ClassVar[str]

    @abc.abstractmethod
    def small(self) -> "Task":
        """Return the task of a dry run: the same on few images."""

    @abc.abstractmethod
    def batches(self, network: keras.Model, seed: int) -> keras.utils.PyDataset:
        """Return the batches of an epoch. Their ``begin`` starts an epoch, and they depend on seed and epoch alone."""

    @abc.abstractmethod
    def validation(self, network: keras.Model, seed: int) -> Any:
        """Return the validation data as ``fit`` takes it."""

    @abc.abstractmethod
    def compile(self, network: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        """Compile a network with the recipe's loss and the METRIC."""

    def finish(self, network: keras.Model, seed: int) -> dict:
        """Change a trained network in place where the recipe says so, and return what the report says about it."""
        return {}

    @abc.abstractmethod
    def score(self, network: keras.Model) -> dict[str, dict[str, float]]:
        """Return the metrics of a trained network by split; seeds are compared by the "loss" of "validation"."""

    @abc.abstractmethod
    def write(self, network: keras.Model, path: pathlib.Path, report: dict) -> str:
        """Write a network, its report and what belongs to them into a folder that holds nothing else.

        Args:
            network: the trained network; evaluated is the one that is loaded from its file.
            path: the network's file.
            report: how it was trained.

        Returns:
            What was written beside the network, and how good it is, for the terminal.

        Raises:
            DigitPadError: the loaded or the converted network gives other answers, or cannot be evaluated.
        """

    def remove_previous(self, output: pathlib.Path) -> None:
        """Remove what an earlier run wrote and this one may not."""
        output.with_suffix(".tflite").unlink(missing_ok=True)


def first(split: Split) -> Split:
    """Return the images of a split that a dry run uses."""
    return Split(*(array[:DRY_RUN_SIZE] for array in split))


def versions() -> dict[str, str]:
    """Return the versions that the outcome of a run depends on."""
    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "numpy": np.__version__,
    }
