"""Train a recipe's network on MNIST, evaluate it, and save it with its report. Keras 3 and numpy only."""

import dataclasses
import json
import pathlib
import platform
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from model.mnist import Mnist, Split
from model.quiet_keras import keras
from model.recipes import Recipe


class Batches(keras.utils.PyDataset):
    """Shuffled, augmented batches of a split: frames (n, 28, 28, 1) in 0..1, labels (n,).

    Every batch draws from a generator of its own, seeded by run, epoch and place, so that the order in which worker
    threads make them changes nothing.
    """

    def __init__(self, split: Split, batch_size: int, augment: Callable, seed: int):
        super().__init__(workers=1)
        self.split, self.batch_size, self.augment, self.seed = split, batch_size, augment, seed
        self.epoch = 0
        self._shuffle()

    def __len__(self) -> int:
        return -(-len(self.split.labels) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        rng = np.random.default_rng([self.seed, self.epoch, index])
        frames = self.augment(self.split.images[chosen].astype(np.float32) / 255, rng)
        return frames[..., None], self.split.labels[chosen]

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        self.order = np.random.default_rng([self.seed, self.epoch]).permutation(len(self.split.labels))


def run(
    recipe: Recipe, data: Mnist, epochs: int | None = None, batch_size: int | None = None, seed: int = 0
) -> tuple[keras.Model, dict]:
    """Train a recipe's network and measure it; epochs and batch size are the recipe's where none are given.

    Returns the network, uncompiled, and its report: accuracy and loss on training, validation and test, and how it
    was made, ready for JSON.
    """
    recipe = dataclasses.replace(recipe, epochs=epochs or recipe.epochs, batch_size=batch_size or recipe.batch_size)
    keras.utils.set_random_seed(seed)
    batches = Batches(data.train, recipe.batch_size, recipe.augment, seed)
    network = recipe.network()
    network.compile(recipe.optimizer(recipe.epochs * len(batches)), recipe.loss, metrics=["accuracy"])

    started = time.perf_counter()
    history = network.fit(
        batches,
        epochs=recipe.epochs,
        validation_data=(_frames(data.validation), data.validation.labels),
        # Validation sees the averaged weights, as the finished network will have them.
        callbacks=[keras.callbacks.SwapEMAWeights()] if network.optimizer.use_ema else [],
        verbose="auto" if sys.stdout.isatty() else 2,
    )
    seconds = time.perf_counter() - started

    report = {name: _score(network, split) for name, split in data._asdict().items()}
    report |= {
        "parameters": network.count_params(),
        "epochs": recipe.epochs,
        "batch_size": recipe.batch_size,
        "seed": seed,
        "seconds": round(seconds, 1),
        "history": {name: [round(float(value), 5) for value in values] for name, values in history.history.items()},
        "versions": {
            "python": platform.python_version(),
            "keras": keras.__version__,
            "backend": keras.backend.backend(),
            "numpy": np.__version__,
        },
    }
    # A fresh network takes the weights alone: the optimiser's state would make the file four times as large.
    bare = recipe.network()
    bare.set_weights(network.get_weights())
    return bare, report


def save(network: keras.Model, report: dict, path: pathlib.Path) -> None:
    """Write the network to ``path`` (.keras) and the report to metrics.json beside it, each whole or not at all."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".saving-") as folder:
        whole_network, whole_report = pathlib.Path(folder, path.name), pathlib.Path(folder, "metrics.json")
        network.save(whole_network)
        whole_report.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        whole_network.replace(path)
        whole_report.replace(path.with_name("metrics.json"))


def _frames(split: Split) -> np.ndarray:
    return split.images[..., None].astype(np.float32) / 255


def _score(network: keras.Model, split: Split) -> dict[str, float]:
    loss, accuracy = network.evaluate(_frames(split), split.labels, batch_size=500, verbose=0)
    return {"accuracy": accuracy, "loss": loss}
