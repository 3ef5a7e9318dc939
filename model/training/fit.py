"""Train a recipe's network with one seed. Keras 3 and numpy only, so that it runs on any of Keras's backends."""

import csv
import json
import pathlib
import shutil
import sys
import time

import numpy as np

from model.network.keras_network import keras
from model.training.task import Task

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


def fit(task: Task, seed: int, folder: pathlib.Path) -> tuple[keras.Model, dict]:
    """Train a recipe's network, or continue from the last whole epoch in ``folder``, or load it if it is finished.

    Args:
        task: the recipe and its data.
        seed: seeds all random choices.
        folder: keeps the state of the run; the caller deletes it.

    Returns:
        The network, uncompiled, and how it was trained, ready for JSON.
    """
    if not (folder / FINISHED).exists():
        if not has_stopped_run(folder):
            shutil.rmtree(folder, ignore_errors=True)  # what a run left that was stopped in its first epoch
        folder.mkdir(parents=True, exist_ok=True)
        network = _train(task, seed, folder)
        new = folder / f"new-{FINISHED}"
        network.save(new)
        new.replace(folder / FINISHED)
    network = keras.saving.load_model(folder / FINISHED, compile=False)
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
            callbacks.BackupAndRestore(str(folder / BACKUP), double_checkpoint=True, delete_checkpoint=False),
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
        network = keras.saving.load_model(folder / BEST, compile=False)
    # Without the optimizer's state, which would triple the size of the file.
    bare = recipe.network()
    bare.set_weights(network.get_weights())
    return bare


def read_history(folder: pathlib.Path) -> list[dict[str, float]]:
    """Return the metrics and "seconds" of each epoch so far, in order; an epoch that was repeated counts once."""
    path = folder / HISTORY
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        epochs = {int(row.pop("epoch")): row for row in csv.DictReader(file)}
    return [{name: float(value) for name, value in epochs[epoch].items()} for epoch in sorted(epochs)]


def has_stopped_run(folder: pathlib.Path) -> bool:
    """Return whether a seed's folder holds a finished network or a whole epoch to continue from."""
    return (folder / FINISHED).exists() or _epochs_done(folder) > 0


def _epochs_done(folder: pathlib.Path) -> int:
    """Return the number of whole epochs in Keras's backup."""
    try:
        return json.loads((folder / BACKUP / "training_metadata.json").read_text(encoding="utf-8"))["epoch"]
    except (FileNotFoundError, ValueError):  # ValueError if the run was killed while Keras wrote the file
        return 0
