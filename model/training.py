"""Train a recipe's network on MNIST. Keras 3 and numpy only, so that it runs on any of Keras's backends."""

import dataclasses
import json
import os
import pathlib
import platform
import sys
import time
from collections.abc import Callable

import numpy as np

from model.calibration import calibrate
from model.mnist import Mnist, Split, joined
from model.network import BLACK_ON_WHITE
from model.quiet_keras import keras
from model.recipes import Recipe

BEST = "best.keras"
FINISHED = "finished.keras"
HISTORY = "history.json"
STATE = "state.weights.h5"


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

    The folder ``checkpoint`` holds, after each epoch, what a further call needs to go on as if nothing had happened
    (STATE), the best network so far (BEST, by validation accuracy), and the history (HISTORY); at the end, the network
    (FINISHED). A folder that has STATE or FINISHED already is gone on from.

    Returns the network, uncompiled, and how it was trained, ready for JSON.
    """
    if not (checkpoint / FINISHED).exists():
        _fit(recipe, data, seed, checkpoint)
    network = keras.saving.load_model(checkpoint / FINISHED, compile=False)
    rows = read_history(checkpoint)
    history = {name: [round(row[name], 5) for row in rows] for name in rows[0]}
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
        train = joined(train, recipe.extra(train, np.random.default_rng(seed)))
    batches = Batches(train, recipe, network, seed)
    optimizer = recipe.optimizer(recipe.learning_rate, recipe.epochs * len(batches))
    network.compile(optimizer, loss_for(recipe), metrics=["accuracy"])
    network.optimizer.build(network.trainable_variables)  # or its state would not be restored
    checkpoint.mkdir(parents=True, exist_ok=True)
    history = _restore(network, checkpoint, len(batches))
    counting = recipe.callbacks()

    def count_again(logs: dict | None) -> None:
        for epoch, row in enumerate(history):
            for callback in counting:
                callback.on_epoch_end(epoch, row)

    callbacks = [
        keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: batches.begin(epoch)),
        # Validated, kept and saved are the averaged weights, if there are any.
        *([keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if network.optimizer.use_ema else []),
        _Keep(recipe, checkpoint, history),
        *counting,
        # The last, so that the others have begun: EarlyStopping forgets at the beginning what it has counted.
        keras.callbacks.LambdaCallback(on_train_begin=count_again),
    ]
    validation = data.validation
    network.fit(
        batches,
        epochs=recipe.epochs,
        initial_epoch=len(history),
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
        _save_whole(_bare(recipe, network).save, checkpoint / FINISHED)


def _restore(network: keras.Model, checkpoint: pathlib.Path, steps: int) -> list[dict[str, float]]:
    """Take up the state of a stopped run, if there is one; returns its history up to there."""
    if not (checkpoint / STATE).exists():
        return []
    network.load_weights(checkpoint / STATE)
    done = int(network.optimizer.iterations)
    for layer in network.layers:
        if hasattr(layer, "seed_generator"):  # Dropout's: Keras does not save how often it was drawn from
            seed, _ = keras.ops.convert_to_numpy(layer.seed_generator.state)
            layer.seed_generator.state.assign([seed, done])
    return read_history(checkpoint)[: done // steps]


def read_history(checkpoint: pathlib.Path) -> list[dict[str, float]]:
    """Each epoch's loss, accuracy, validation loss and accuracy, and seconds, from a checkpoint's folder."""
    return json.loads((checkpoint / HISTORY).read_text())


class _Keep(keras.callbacks.Callback):
    """Keeps the history, the best network by validation accuracy, and the state to go on from.

    The state comes last, when the next epoch begins: then the weights are no longer exchanged for averaged ones, and
    all else of the epoch before has been kept. Whatever is kept of an epoch that the state lacks is made again.
    """

    def __init__(self, recipe: Recipe, checkpoint: pathlib.Path, history: list[dict[str, float]]):
        super().__init__()
        self.recipe, self.checkpoint, self.history = recipe, checkpoint, history

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        if epoch:
            _save_whole(self.model.save_weights, self.checkpoint / STATE)
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        if logs["val_accuracy"] > max((row["val_accuracy"] for row in self.history), default=-1):
            _save_whole(_bare(self.recipe, self.model).save, self.checkpoint / BEST)
        self.history.append(logs | {"seconds": time.perf_counter() - self.started})
        _save_whole(lambda new: new.write_text(json.dumps(self.history)), self.checkpoint / HISTORY)


def _save_whole(save: Callable[[pathlib.Path], object], path: pathlib.Path) -> None:
    new = path.with_name("new-" + path.name)
    save(new)
    with new.open("rb+") as file:
        os.fsync(file.fileno())  # or a power cut could leave the name to a file without its content
    new.replace(path)


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
