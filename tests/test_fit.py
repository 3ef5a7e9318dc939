import dataclasses
import gc

import numpy as np
import pytest

from model.data.augmentation import augment
from model.data.mnist import Mnist, Split
from model.network.keras_network import keras
from model.training import recipes
from model.training.batches import frames_for, labels_for
from model.training.digits import DigitTask, loss_for
from model.training.fit import BACKUP, BEST, FINISHED, HISTORY, fit, has_stopped_run, read_history
from model.training.task import Task, TrainingError
from tests.helpers.digits import DATA, DRAWN
from tests.helpers.training import DENSE, StopBefore, dense_network, ink_task

# Keras's CSVLogger does not close its file when training is interrupted.
pytestmark = pytest.mark.filterwarnings("ignore:.*history.csv:pytest.PytestUnraisableExceptionWarning")


AVERAGED = dataclasses.replace(
    DENSE,
    summary="one hidden layer, averaged weights",
    optimizer=lambda learning_rate, steps: keras.optimizers.SGD(
        learning_rate, momentum=0.9, use_ema=True, ema_momentum=0.9
    ),
    learning_rate=0.01,
)
TASK = DigitTask(DENSE, DATA)
TASKS = {"Adam": TASK, "averaged weights": DigitTask(AVERAGED, DATA), "ink": ink_task()}


def interrupt(task: Task, callback: keras.callbacks.Callback, folder) -> None:
    """Train with a callback that interrupts it."""
    recipe = dataclasses.replace(task.recipe, callbacks=lambda: [callback])
    with pytest.raises(KeyboardInterrupt):
        fit(dataclasses.replace(task, recipe=recipe), seed=1, folder=folder)
    gc.collect()  # here, because no other test ignores the warning about the CSVLogger's file


def assert_same_weights(network: keras.Model, other: keras.Model) -> None:
    for weights, expected in zip(network.get_weights(), other.get_weights(), strict=True):
        assert np.allclose(weights, expected, atol=1e-5)


def test_loss_for_penalises_certainty_only_with_label_smoothing():
    certain = np.eye(11, dtype=np.float32)[[7]]
    hesitant = 0.9 * certain + 0.1 / 11
    loss = loss_for(dataclasses.replace(DENSE, label_smoothing=0.1))
    assert loss(certain, hesitant) < loss(certain, certain)
    assert loss_for(DENSE) == "categorical_crossentropy"


def test_fit_is_repeatable_and_reports_the_run(tmp_path):
    network, report = fit(TASK, seed=7, folder=tmp_path / "one")
    again, _ = fit(TASK, seed=7, folder=tmp_path / "other")
    assert_same_weights(network, again)
    reported = {"epochs": 3, "epochs_run": 3, "batch_size": 8, "seed": 7, "learning_rate": 0.001}
    assert reported.items() <= report.items()
    assert report["validation_size"] == 5_000
    lengths = {name: len(values) for name, values in report["history"].items()}
    assert lengths == {"accuracy": 3, "loss": 3, "val_accuracy": 3, "val_loss": 3}


def test_fit_loads_a_finished_network_instead_of_training_again(tmp_path):
    network, report = fit(TASK, seed=1, folder=tmp_path)
    loaded, its_report = fit(DigitTask(dataclasses.replace(DENSE, network=None), DATA), seed=1, folder=tmp_path)
    assert_same_weights(network, loaded)
    assert its_report["history"] == report["history"]


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_stopped_run_continues_from_its_last_whole_epoch(task, tmp_path):
    whole, whole_report = fit(task, seed=1, folder=tmp_path / "whole")
    folder = tmp_path / "stopped"
    assert not has_stopped_run(folder)
    interrupt(task, StopBefore(2), folder)
    assert has_stopped_run(folder)
    rows = (folder / HISTORY).read_text().splitlines()
    network, report = fit(task, seed=1, folder=folder)
    assert (folder / HISTORY).read_text().splitlines()[: len(rows)] == rows
    assert len(read_history(folder)) == report["epochs_run"] == 3
    assert_same_weights(network, whole)
    for name, values in whole_report["history"].items():
        assert report["history"][name] == pytest.approx(values, abs=1e-4)


class StopAfterTheLastEpoch(keras.callbacks.Callback):
    def on_train_end(self, logs=None):
        raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize("task", [TASK, TASKS["averaged weights"]], ids=["Adam", "averaged weights"])
def test_run_stopped_after_its_last_epoch_is_not_trained_again(task, tmp_path):
    whole, _ = fit(task, seed=1, folder=tmp_path / "whole")
    interrupt(task, StopAfterTheLastEpoch(), tmp_path / "stopped")
    assert has_stopped_run(tmp_path / "stopped")
    rows = (tmp_path / "stopped" / HISTORY).read_text()
    network, report = fit(task, seed=1, folder=tmp_path / "stopped")
    assert (tmp_path / "stopped" / HISTORY).read_text() == rows
    assert report["epochs_run"] == 3
    assert_same_weights(network, whole)


def test_stopped_run_keeps_its_best_network(tmp_path):
    interrupt(TASK, StopBefore(2), tmp_path)
    best = keras.saving.load_model(tmp_path / BEST)
    assert best.count_params() == dense_network().count_params()


@pytest.mark.slow
def test_resumed_run_keeps_the_best_network_from_before_the_stop(tmp_path):
    recipe = dataclasses.replace(DENSE, keeps_best=True, learning_rate=0.01)
    interrupt(DigitTask(recipe, DATA), StopBefore(2), tmp_path)
    best = keras.saving.load_model(tmp_path / BEST)

    class Spoil(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.set_weights([np.zeros_like(weights) for weights in self.model.get_weights()])

    network, _ = fit(DigitTask(dataclasses.replace(recipe, callbacks=lambda: [Spoil()]), DATA), seed=1, folder=tmp_path)
    assert_same_weights(network, best)


class StopAtTheEnd(keras.callbacks.Callback):
    """Interrupts the training at the end of an epoch, before its state is backed up."""

    def on_test_end(self, logs=None):
        raise KeyboardInterrupt


@pytest.mark.slow
def test_run_stopped_in_its_first_epoch_restarts_from_scratch(tmp_path):
    interrupt(DigitTask(dataclasses.replace(DENSE, learning_rate=0.1), DATA), StopAtTheEnd(), tmp_path / "stopped")
    assert not has_stopped_run(tmp_path / "stopped")
    network, report = fit(TASK, seed=1, folder=tmp_path / "stopped")
    whole, _ = fit(TASK, seed=1, folder=tmp_path / "whole")
    assert_same_weights(network, whole)
    assert report["epochs_run"] == 3


@pytest.mark.slow
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("metadata", [None, "", "{"])
def test_run_stopped_during_its_first_backup_restarts_from_scratch(metadata, whole, tmp_path):
    expected, _ = fit(TASK, seed=1, folder=tmp_path / "expected")
    interrupt(DigitTask(dataclasses.replace(DENSE, learning_rate=0.1), DATA), StopBefore(1), tmp_path / "stopped")
    weights = tmp_path / "stopped" / BACKUP / "latest.weights.h5"
    (weights.parent / "training_metadata.json").unlink()  # it is written last
    if metadata is not None:
        (weights.parent / "training_metadata.json").write_text(metadata)
    if not whole:
        weights.write_bytes(weights.read_bytes()[:1000])
    assert not has_stopped_run(tmp_path / "stopped")
    network, report = fit(TASK, seed=1, folder=tmp_path / "stopped")
    assert_same_weights(network, expected)
    assert report["epochs_run"] == 3


@pytest.mark.parametrize("keeps_best", [True, False])
def test_best_weights_are_returned_only_if_the_recipe_keeps_them(keeps_best, tmp_path):
    class Spoil(keras.callbacks.Callback):
        """Resets the network in the last epoch."""

        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                self.model.set_weights([np.zeros_like(weights) for weights in self.model.get_weights()])

    recipe = dataclasses.replace(
        recipes.load("small-5x5"), epochs=3, batch_size=2, callbacks=lambda: [Spoil()], keeps_best=keeps_best
    )
    network, _ = fit(DigitTask(recipe, DATA), seed=0, folder=tmp_path)
    assert (np.abs(network.get_weights()[0]).max() > 0.05) == keeps_best


@pytest.mark.slow
def test_averaged_weights_are_validated_and_returned(tmp_path):
    recipe = dataclasses.replace(recipes.load("default"), extra=None, calibrated=False, epochs=2, batch_size=10)
    network, report = fit(DigitTask(recipe, DATA), seed=0, folder=tmp_path)
    network.compile(loss=loss_for(recipe), metrics=["accuracy"])
    labels = labels_for(recipe, network, DRAWN.labels)
    loss, accuracy = network.evaluate(frames_for(network, DRAWN.images), labels, verbose=0)
    assert loss == pytest.approx(report["history"]["val_loss"][-1], abs=1e-3)
    assert accuracy == pytest.approx(report["history"]["val_accuracy"][-1], abs=1e-3)


@pytest.mark.slow
def test_extra_frames_are_trained_on_and_calibration_is_reported(tmp_path):
    train = Split(*(np.repeat(array, 30, axis=0) for array in DRAWN))

    def extra(digits, rng, fraction):
        assert digits is train
        return Split(rng.integers(0, 255, (200, 28, 28), np.uint8), np.full(200, 10, np.uint8))

    recipe = dataclasses.replace(
        DENSE, network=lambda: dense_network(11), extra=extra, augment=augment, calibrated=True, epochs=4
    )
    network, report = fit(DigitTask(recipe, Mnist(train, DRAWN, DRAWN)), seed=0, folder=tmp_path)
    assert report["calibration"].keys() == {"temperature", "not_digit_bias", "rejection_rate"}
    noise = np.random.default_rng(1).random((20, 28, 28, 1), np.float32)
    assert (network.predict(noise, verbose=0)[:, 10] > 0.5).mean() > 0.9
    digits = frames_for(network, DRAWN.images)
    assert (network.predict(digits, verbose=0)[:, 10] > 0.5).mean() < 0.1


@pytest.mark.parametrize(("outputs", "kept"), [(10, [3]), (11, [3, 10])])
def test_corrections_to_not_a_digit_are_trained_on_where_the_network_has_that_output(outputs, kept):
    corrected = Split(DRAWN.images[:2], np.array([3, 10], np.uint8))
    batches = DigitTask(DENSE, Mnist(corrected, DRAWN, DRAWN)).batches(dense_network(outputs), seed=0)
    assert sorted(batches.split.labels.tolist()) == kept


@pytest.mark.slow
def test_ink_network_is_trained_and_its_metric_reported(tmp_path):
    _, report = fit(ink_task(epochs=1), seed=0, folder=tmp_path)
    name = "intersection_over_union"
    assert report["history"].keys() == {name, "loss", f"val_{name}", "val_loss"}
    assert (report["epochs_run"], report["batch_size"], report["validation_size"]) == (1, 2, 5_000)


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0.5, 0])
@pytest.mark.parametrize("name", [BACKUP, HISTORY, BEST])
def test_damaged_state_of_a_stopped_run_is_reported(name, kept, tmp_path):
    task = DigitTask(dataclasses.replace(DENSE, keeps_best=True), DATA)
    interrupt(task, StopAfterTheLastEpoch(), tmp_path)
    files = [*(tmp_path / BACKUP).glob("*.h5*")] if name == BACKUP else [tmp_path / name]
    for file in files:
        file.write_bytes(file.read_bytes()[: int(kept * file.stat().st_size)])
    if name == HISTORY and not kept:
        files[0].write_bytes(b"\xff")
    with pytest.raises(TrainingError, match=rf"^The run in .* cannot be resumed: its {name} is damaged\."):
        fit(task, seed=1, folder=tmp_path)


def test_damaged_finished_network_is_reported(tmp_path):
    (tmp_path / FINISHED).write_bytes(b"PK")
    with pytest.raises(TrainingError, match=rf"its {FINISHED} is damaged\. Delete the folder"):
        fit(TASK, seed=1, folder=tmp_path)
