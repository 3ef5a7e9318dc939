"""Train a recipe's network on MNIST. Keras 3 and numpy only, so that it runs on any of Keras's backends."""

import csv
import dataclasses
import pathlib
import platform
import sys
import time

import numpy as np

from model.calibration import calibrate
from model.mnist import Mnist, Split
from model.network import BLACK_ON_WHITE
from model.quiet_keras import keras
from model.recipes import Recipe

BEST = "best.keras"
FINISHED = "finished.keras"
HISTORY = "history.csv"


def frames_for(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """MNIST's images, uint8 (n, 28, 28), as a recipe's network expects them: float32 (n, 28, 28, 1) in 0..1."""
    frames = images[..., None].astype(np.float32) / 255
    return 1 - frames if network.inputs[0].name == BLACK_ON_WHITE else frames


class Batches(keras.utils.PyDataset):
    """Shuffled batches of a split as a recipe wants them: frames (n, 28, 28, 1), and labels as by labels_for.

    Every batch draws from a generator of its own, seeded by run, epoch and place, so that neither the order in which
    worker threads make them nor a resumed run changes anything.
    """

    def __init__(self, split: Split, recipe: Recipe, network: keras.Model, seed: int):
        super().__init__(workers=1)
        self.split, self.recipe, self.network, self.seed = split, recipe, network, seed
        self.begin(epoch=0)

    def begin(self, epoch: int) -> None:
        self.epoch = epoch
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.split.labels))

    def __len__(self) -> int:
        return -(-len(self.split.labels) // self.recipe.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.order[index * self.recipe.batch_size : (index + 1) * self.recipe.batch_size]
        frames = frames_for(self.network, self.split.images[chosen])
        if self.recipe.augment:
            rng = np.random.default_rng([self.seed, self.epoch, index])
            frames = self.recipe.augment(frames[..., 0], rng)[..., None]
        return frames, labels_for(self.recipe, self.network, self.split.labels[chosen])


def labels_for(recipe: Recipe, network: keras.Model, labels: np.ndarray) -> np.ndarray:
    """Labels (n,) as the recipe's loss wants them: as they are, or one-hot, (n, the network's outputs)."""
    if recipe.loss != "categorical_crossentropy":
        return labels
    return np.eye(network.output_shape[-1], dtype=np.float32)[labels]


def loss_for(recipe: Recipe) -> str | keras.losses.Loss:
    """The recipe's loss as Keras wants it."""
    if not recipe.label_smoothing:
        return recipe.loss
    return keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)


def with_overrides(recipe: Recipe, **overrides) -> Recipe:
    """The recipe with those of its numbers replaced that are not None."""
    return dataclasses.replace(recipe, **{name: value for name, value in overrides.items() if value is not None})


def run(recipe: Recipe, data: Mnist, seed: int, checkpoint: pathlib.Path) -> tuple[keras.Model, dict]:
    """Train a recipe's network.

    The folder ``checkpoint`` holds, after each epoch, what a further call needs to go on from there, the best network
    so far (BEST, by validation accuracy), and the history (HISTORY); at the end, the network (FINISHED). A folder that
    has them already is gone on from.

    Returns the network, uncompiled, and how it was trained, ready for JSON.
    """
    if not (checkpoint / FINISHED).exists():
        _fit(recipe, data, seed, checkpoint)
    network = keras.saving.load_model(checkpoint / FINISHED, compile=False)
    history = read_history(checkpoint)
    seconds = history.pop("seconds")
    report = {
        "epochs": recipe.epochs,
        "epochs_run": len(seconds),
        "batch_size": recipe.batch_size,
        "learning_rate": recipe.learning_rate,
        "held_out": recipe.held_out,
        "seed": seed,
        "seconds": round(sum(seconds), 1),
        "seconds_per_epoch": round(float(np.median(seconds)), 1),
        "history": history,
    }
    if recipe.calibrated:
        report["calibration"] = calibrate(network, data.validation, recipe.augment, np.random.default_rng(seed))
    return network, report


def _fit(recipe: Recipe, data: Mnist, seed: int, checkpoint: pathlib.Path) -> None:
    keras.utils.set_random_seed(seed)
    network = recipe.network()
    train = data.train
    if recipe.extra:
        extra = recipe.extra(train, np.random.default_rng(seed))
        train = Split(*map(np.concatenate, zip(train, extra, strict=True)))
    batches = Batches(train, recipe, network, seed)
    optimizer = recipe.optimizer(recipe.learning_rate, recipe.epochs * len(batches))
    network.compile(optimizer, loss_for(recipe), metrics=["accuracy"])
    network.optimizer.build(network.trainable_variables)  # or its state would not be restored
    checkpoint.mkdir(parents=True, exist_ok=True)
    callbacks = [
        # The first, so that it restores and keeps the weights before any other has exchanged them for averaged ones.
        keras.callbacks.BackupAndRestore(checkpoint / "backup", delete_checkpoint=False),
        keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: batches.begin(epoch)),
        # Validated, kept and saved are the averaged weights, if there are any.
        *([keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if network.optimizer.use_ema else []),
        _KeepBest(recipe, checkpoint),
        _WriteHistory(checkpoint / HISTORY),
        *recipe.callbacks(),
    ]
    validation = data.validation
    network.fit(
        batches,
        epochs=recipe.epochs,
        validation_data=(
            frames_for(network, validation.images),
            labels_for(recipe, network, validation.labels),
        ),
        callbacks=callbacks,
        shuffle=False,  # the batches are shuffled already, in an order that a resumed run can repeat
        verbose="auto" if sys.stdout.isatty() else 2,
    )
    if recipe.keeps_best:
        (checkpoint / BEST).replace(checkpoint / FINISHED)
    else:
        _save_whole(_bare(recipe, network), checkpoint / FINISHED)


def _save_whole(network: keras.Model, path: pathlib.Path) -> None:
    new = path.with_name("new.keras")
    network.save(new)
    new.replace(path)


def read_history(checkpoint: pathlib.Path) -> dict[str, list[float]]:
    """Each epoch's loss, accuracy, validation loss and accuracy, and seconds, from a checkpoint's folder."""
    with (checkpoint / HISTORY).open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [round(float(row[name]), 5) for row in rows] for name in rows[0]}


class _KeepBest(keras.callbacks.Callback):
    """Saves the network, without its optimiser, whenever its validation accuracy is the best so far."""

    def __init__(self, recipe: Recipe, checkpoint: pathlib.Path):
        super().__init__()
        self.recipe, self.checkpoint = recipe, checkpoint
        self.best = max(read_history(checkpoint)["val_accuracy"], default=0) if (checkpoint / HISTORY).exists() else 0

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        if logs["val_accuracy"] > self.best:
            self.best = logs["val_accuracy"]
            _save_whole(_bare(self.recipe, self.model), self.checkpoint / BEST)


class _WriteHistory(keras.callbacks.Callback):
    """Adds a row to a CSV file after each epoch: Keras's figures of it, and the seconds that it took."""

    def __init__(self, path: pathlib.Path):
        super().__init__()
        self.path = path

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        row = logs | {"seconds": time.perf_counter() - self.started}
        first = not self.path.exists()
        with self.path.open("a", newline="") as file:
            rows = csv.DictWriter(file, sorted(row))
            if first:
                rows.writeheader()
            rows.writerow(row)


def versions() -> dict[str, str]:
    """The versions that a run's outcome depends on."""
    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "numpy": np.__version__,
    }


def _bare(recipe: Recipe, network: keras.Model) -> keras.Model:
    """The network alone: the optimiser's state would make its file three or four times as large."""
    bare = recipe.network()
    bare.set_weights(network.get_weights())
    return bare
