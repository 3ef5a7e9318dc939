"""Train a recipe's network with one seed. Keras 3 and numpy only, so that it runs on any of Keras's backends."""

import contextlib
import csv
import json
import pathlib
import shutil
import sys
import time
from collections.abc import Iterator

import numpy as np

from model.network.keras_network import keras
from model.training.task import Task, TrainingError

callbacks = keras.callbacks

#: What a seed's folder holds: Keras's backup of the last whole epoch, the best network so far, the metrics of each
#: epoch, and finally the trained network.
BACKUP, BEST, HISTORY, FINISHED = "backup", "best.keras", "history.csv", "finished.keras"
#: Decimal places of the metrics that are reported for each epoch.
DECIMALS = 5


class EpochTime(callbacks.Callback):
    """Adds "seconds", the duration of the epoch with its validation, to the metrics that later callbacks get."""

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        logs["seconds"] = time.perf_counter() - self.started


class Backup(callbacks.BackupAndRestore):
    """Keras's backup of each whole epoch, in ``folder``; raises TrainingError if it is damaged."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        super().__init__(str(folder / BACKUP), double_checkpoint=True, delete_checkpoint=False)

    def on_train_begin(self, logs: dict | None = None) -> None:
        with _intact(self.folder, BACKUP):
            super().on_train_begin(logs)


@contextlib.contextmanager
def _intact(folder: pathlib.Path, name: str) -> Iterator[None]:
    """Raise TrainingError for any error while a file in a seed's folder is read."""
    try:
        yield
    except Exception as error:  # Keras and h5py raise nearly anything for damaged files
        raise TrainingError(
            f"The run in {folder} cannot be resumed: its {name} is damaged. Delete the folder to start again."
        ) from error


def fit(task: Task, seed: int, folder: pathlib.Path) -> tuple[keras.Model, dict]:
    """Train a recipe's network, or continue from the last whole epoch in ``folder``, or load it if it is finished.

    Args:
        task: the recipe and its data.
        seed: seeds all random choices.
        folder: keeps the state of the run; the caller deletes it.

    Returns:
        The network, uncompiled, and how it was trained, ready for JSON.

    Raises:
        TrainingError: what ``folder`` holds is damaged.
    """
    if not (folder / FINISHED).exists():
        if not has_stopped_run(folder):
            shutil.rmtree(folder, ignore_errors=True)  # what a run left that was stopped in its first epoch
        folder.mkdir(parents=True, exist_ok=True)
        network = _train(task, seed, folder)
        new = folder / f"new-{FINISHED}"
        network.save(new)
        new.replace(folder / FINISHED)
    network = _load(folder, FINISHED)
    epochs = read_history(folder)
    seconds = [epoch["seconds"] for epoch in epochs]
    recipe, metrics = task.recipe, (task.METRIC, "loss", f"val_{task.METRIC}", "val_loss")
    report = {
        "epochs": recipe.epochs,
        "epochs_run": len(epochs),
        "batch_size": recipe.batch_size,
        "learning_rate": recipe.learning_rate,
        "validation_size": recipe.validation_size,
        "seed": seed,
        "seconds": round(sum(seconds), 1),
        "seconds_per_epoch": round(float(np.median(seconds)), 1),
        "history": {name: [round(epoch[name], DECIMALS) for epoch in epochs] for name in metrics},
    }
    return network, report | task.finish(network, seed)


def _train(task: Task, seed: int, folder: pathlib.Path) -> keras.Model:
    recipe, val_metric = task.recipe, f"val_{task.METRIC}"
    keras.utils.set_random_seed(seed)
    network = recipe.network()
    batches = task.batches(network, seed)
    optimizer = recipe.optimizer(recipe.learning_rate, recipe.epochs * len(batches))
    task.compile(network, optimizer)
    done = read_history(folder)[: _epochs_done(folder)]
    best = max((epoch[val_metric] for epoch in done), default=None)
    network.fit(
        batches,
        epochs=recipe.epochs,
        validation_data=task.validation(network, seed),
        callbacks=[
            callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: batches.begin(epoch)),
            EpochTime(),
            callbacks.CSVLogger(folder / HISTORY, append=True),
            # Before the weights are exchanged for the averaged ones, which are validated and kept.
            Backup(folder),
            *([callbacks.SwapEMAWeights(swap_on_epoch=True)] if optimizer.use_ema else []),
            callbacks.ModelCheckpoint(
                folder / BEST,
                monitor=val_metric,
                mode="max",
                save_best_only=True,
                initial_value_threshold=best if (folder / BEST).exists() else None,
            ),
            *recipe.callbacks(),
        ],
        shuffle=False,  # the batches are shuffled, in an order that a resumed run repeats
        verbose="auto" if sys.stdout.isatty() else 2,
    )
    if recipe.keeps_best:
        network = _load(folder, BEST)
    # Without the optimizer's state, which would triple the size of the file.
    bare = recipe.network()
    bare.set_weights(network.get_weights())
    return bare


def _load(folder: pathlib.Path, name: str) -> keras.Model:
    with _intact(folder, name):
        return keras.saving.load_model(folder / name, compile=False)


def read_history(folder: pathlib.Path) -> list[dict[str, float]]:
    """Return the metrics and "seconds" of each epoch so far, in order; an epoch that was repeated counts once.

    Raises:
        TrainingError: they are damaged.
    """
    path = folder / HISTORY
    if not path.exists():
        return []
    with _intact(folder, HISTORY), path.open(newline="", encoding="utf-8") as file:
        epochs = {int(row.pop("epoch")): row for row in csv.DictReader(file)}
        return [{name: float(value) for name, value in epochs[epoch].items()} for epoch in sorted(epochs)]


def has_stopped_run(folder: pathlib.Path) -> bool:
    """Return whether a seed's folder holds a finished network or a whole epoch to continue from."""
    return (folder / FINISHED).exists() or _epochs_done(folder) > 0


def _epochs_done(folder: pathlib.Path) -> int:
    """Return the number of whole epochs in Keras's backup."""
    try:
        return json.loads((folder / BACKUP / "training_metadata.json").read_text(encoding="utf-8"))["epoch"]
    except (FileNotFoundError, ValueError, TypeError, KeyError):  # the run was killed while Keras wrote the file
        return 0
