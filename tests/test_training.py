import dataclasses
import os

import numpy as np
import pytest

import train
from model import training
from model.frame import make_frame
from model.mnist import Mnist, Split
from model.quiet_keras import keras
from model.recipes import RECIPES
from tests.drawings import mask

DRAWN = Split(
    np.stack([(make_frame(mask(digit)) * 255).astype(np.uint8) for digit in range(10)]), np.arange(10, dtype=np.uint8)
)
DATA = Mnist(Split(*(np.repeat(array, 3, axis=0) for array in DRAWN)), DRAWN, DRAWN)
SMALL = training.with_overrides(RECIPES["small-5x5"], epochs=3, batch_size=8)
OURS = training.with_overrides(  # with dropout and averaged weights
    dataclasses.replace(RECIPES["default"], extra=None, calibrated=False), epochs=3, batch_size=8, learning_rate=0.001
)


def batches_of(recipe, seed=3):
    return training.Batches(DATA.train, recipe, recipe.network(), seed)


def test_batches_hold_every_image_once_and_differ_by_epoch():
    batches = batches_of(SMALL)
    assert len(batches) == 4
    frames, one_hot = zip(*(batches[index] for index in range(4)), strict=True)
    labels = np.concatenate(one_hot).argmax(axis=1)
    assert frames[0].shape == (8, 28, 28, 1)
    assert sorted(labels) == sorted(DATA.train.labels)
    batches.begin(1)
    assert not np.array_equal(np.concatenate([batches[index][1] for index in range(4)]).argmax(axis=1), labels)
    batches.begin(0)
    assert np.array_equal(batches[2][0], frames[2])


def test_labels_and_frames_are_as_the_recipe_wants_them():
    frames, labels = batches_of(RECIPES["two-conv-64"])[0]
    assert labels.shape == (30,)
    assert frames.mean() < 0.3
    frames, labels = batches_of(RECIPES["black-on-white"])[0]
    assert labels.shape == (30, 10)
    assert frames.mean() > 0.7
    _, labels = batches_of(RECIPES["default"])[0]
    assert labels.shape == (30, 11)


def test_certainty_costs_where_labels_are_smoothed():
    certain = np.eye(11, dtype=np.float32)[[7]]
    hesitant = 0.9 * certain + 0.1 / 11
    loss = training.loss_for(RECIPES["default"])
    assert loss(certain, hesitant) < loss(certain, certain)
    assert training.loss_for(RECIPES["black-on-white"]) == "categorical_crossentropy"


def test_a_run_is_repeatable_and_reported(tmp_path):
    network, report = training.run(SMALL, DATA, seed=7, checkpoint=tmp_path / "one")
    again, _ = training.run(SMALL, DATA, seed=7, checkpoint=tmp_path / "other")
    for weights, same in zip(network.get_weights(), again.get_weights(), strict=True):
        assert np.allclose(weights, same, atol=1e-5)
    assert {name: report[name] for name in ("epochs", "epochs_run", "batch_size", "seed", "learning_rate")} == {
        "epochs": 3,
        "epochs_run": 3,
        "batch_size": 8,
        "seed": 7,
        "learning_rate": 0.001,
    }
    assert {name: len(values) for name, values in report["history"].items()} == {
        "accuracy": 3,
        "loss": 3,
        "val_accuracy": 3,
        "val_loss": 3,
    }


class StopBefore(keras.callbacks.Callback):
    def __init__(self, last: int):
        super().__init__()
        self.last = last

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.last:
            raise KeyboardInterrupt


def assert_same(run, other):
    (network, report), (its_network, its_report) = run, other
    assert its_report["history"] == report["history"]
    for weights, same in zip(network.get_weights(), its_network.get_weights(), strict=True):
        assert np.allclose(weights, same, atol=1e-5)


@pytest.mark.parametrize("recipe", [SMALL, OURS])
def test_a_stopped_run_keeps_its_best_and_goes_on_as_if_it_had_not_been(recipe, tmp_path):
    whole = training.run(recipe, DATA, seed=1, checkpoint=tmp_path / "whole")
    stopped = dataclasses.replace(recipe, callbacks=lambda: [StopBefore(2)])
    with pytest.raises(KeyboardInterrupt):
        training.run(stopped, DATA, seed=1, checkpoint=tmp_path / "stopped")
    best = keras.saving.load_model(tmp_path / "stopped" / training.BEST)
    assert best.count_params() == recipe.network().count_params()
    assert_same(whole, training.run(recipe, DATA, seed=1, checkpoint=tmp_path / "stopped"))


def test_a_run_cut_short_while_it_wrote_any_of_its_files_goes_on(tmp_path, monkeypatch):
    whole = training.run(SMALL, DATA, seed=1, checkpoint=tmp_path / "whole")
    for last in range(1, 6):
        writes = iter(range(1, last))

        def cut_short(file: int, writes=writes) -> None:
            if next(writes, None) is None:
                os.ftruncate(file, 10)
                raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("os.fsync", cut_short)
            with pytest.raises(KeyboardInterrupt):
                training.run(SMALL, DATA, seed=1, checkpoint=tmp_path / str(last))
        assert_same(whole, training.run(SMALL, DATA, seed=1, checkpoint=tmp_path / str(last)))


def test_a_run_stopped_in_its_first_epoch_is_begun_anew(tmp_path):
    class StopAtTheEnd(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    stopped = dataclasses.replace(SMALL, callbacks=lambda: [StopAtTheEnd()], learning_rate=0.1)
    with pytest.raises(KeyboardInterrupt):
        training.run(stopped, DATA, seed=1, checkpoint=tmp_path / "1")
    assert not train.holds_stopped_run(tmp_path)
    anew = training.run(SMALL, DATA, seed=1, checkpoint=tmp_path / "1")
    assert_same(training.run(SMALL, DATA, seed=1, checkpoint=tmp_path / "whole"), anew)


def test_epochs_without_progress_count_on_after_a_stop(tmp_path):
    def patient():
        return keras.callbacks.EarlyStopping(monitor="val_loss", patience=3, min_delta=1e-3)

    recipe = training.with_overrides(SMALL, epochs=9, learning_rate=1e-12)  # no progress at all
    stopped = dataclasses.replace(recipe, callbacks=lambda: [StopBefore(2), patient()])
    with pytest.raises(KeyboardInterrupt):
        training.run(stopped, DATA, seed=1, checkpoint=tmp_path)
    resumed = dataclasses.replace(recipe, callbacks=lambda: [patient()])
    _, report = training.run(resumed, DATA, seed=1, checkpoint=tmp_path)
    assert report["epochs_run"] == 4


def test_the_best_weights_are_kept_where_the_recipe_says_so(tmp_path):
    class Spoil(keras.callbacks.Callback):
        """After the second epoch the network has forgotten everything."""

        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                self.model.set_weights([np.zeros_like(weights) for weights in self.model.get_weights()])

    recipe = training.with_overrides(RECIPES["small-5x5"], epochs=3, batch_size=2)
    for keeps_best in (True, False):
        spoiled = dataclasses.replace(recipe, callbacks=lambda: [Spoil()], keeps_best=keeps_best)
        network, _ = training.run(spoiled, DATA, seed=0, checkpoint=tmp_path / str(keeps_best))
        assert (np.abs(network.get_weights()[0]).max() > 0.05) == keeps_best


def test_averaged_weights_are_what_is_returned(tmp_path):
    alone = dataclasses.replace(RECIPES["default"], extra=None, calibrated=False)
    recipe = training.with_overrides(alone, epochs=2, batch_size=10)
    network, report = training.run(recipe, DATA, seed=0, checkpoint=tmp_path)
    again, _ = training.run(recipe, DATA, seed=0, checkpoint=tmp_path)  # finished already
    assert np.array_equal(network.get_weights()[0], again.get_weights()[0])
    network.compile(loss=training.loss_for(recipe), metrics=["accuracy"])
    labels = training.labels_for(recipe, network, DRAWN.labels)
    loss, accuracy = network.evaluate(training.frames_for(network, DRAWN.images), labels, verbose=0)
    assert loss == pytest.approx(report["history"]["val_loss"][-1], abs=1e-3)
    assert accuracy == pytest.approx(report["history"]["val_accuracy"][-1], abs=1e-3)


def test_what_is_added_is_trained_on_and_what_is_calibrated_is_reported(tmp_path):
    def extra(digits, rng):
        assert digits is DATA.train
        return Split(rng.integers(0, 255, (20, 28, 28), np.uint8), np.full(20, 10, np.uint8))

    recipe = training.with_overrides(dataclasses.replace(RECIPES["default"], extra=extra), epochs=30, batch_size=10)
    network, report = training.run(recipe, DATA, seed=0, checkpoint=tmp_path)
    assert {"temperature", "not_digit_bias", "turned_away"} == set(report["calibration"])
    noise = np.random.default_rng(1).random((20, 28, 28, 1), np.float32)
    assert (network.predict(noise, verbose=0)[:, 10] > 0.5).mean() > 0.9
    digits = training.frames_for(network, DRAWN.images)
    assert (network.predict(digits, verbose=0)[:, 10] > 0.5).mean() < 0.1
