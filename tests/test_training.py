import json

import numpy as np
import pytest

from model import training
from model.classifier import load_classifier
from model.frame import make_frame
from model.mnist import Mnist, Split
from model.recipes import RECIPES
from tests.drawings import mask

DRAWN = Split(
    np.stack([(make_frame(mask(digit)) * 255).astype(np.uint8) for digit in range(10)]), np.arange(10, dtype=np.uint8)
)
DATA = Mnist(Split(*(np.repeat(array, 3, axis=0) for array in DRAWN)), DRAWN, DRAWN)


def test_batches_hold_every_image_once_and_differ_by_epoch():
    batches = training.Batches(DATA.train, 8, augment=lambda frames, rng: frames, seed=3)
    assert len(batches) == 4
    first, labels = zip(*(batches[index] for index in range(4)), strict=True)
    assert first[0].shape == (8, 28, 28, 1)
    assert sorted(np.concatenate(labels)) == sorted(DATA.train.labels)
    batches.on_epoch_end()
    assert not np.array_equal(np.concatenate([batches[index][1] for index in range(4)]), np.concatenate(labels))


def test_a_run_is_repeatable_saved_and_loaded(tmp_path):
    network, report = training.run(RECIPES["default"], DATA, epochs=2, batch_size=16, seed=7)
    again, _ = training.run(RECIPES["default"], DATA, epochs=2, batch_size=16, seed=7)
    for weights, same in zip(network.get_weights(), again.get_weights(), strict=True):
        assert np.allclose(weights, same, atol=1e-4)

    assert report["parameters"] == 289_002
    assert report["seed"] == 7
    assert (report["epochs"], report["batch_size"]) == (2, 16)
    assert len(report["history"]["loss"]) == 2
    assert {"accuracy", "loss"} <= set(report["test"])

    path = tmp_path / "digits.keras"
    training.save(network, report, path)
    assert json.loads((tmp_path / "metrics.json").read_text()) == report
    assert sorted(file.name for file in tmp_path.iterdir()) == ["digits.keras", "metrics.json"]
    frames = DRAWN.images / np.float32(255)
    assert np.allclose(
        load_classifier(path).probabilities(frames), network.predict(frames[..., None], verbose=0), atol=1e-5
    )


def test_saving_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "digits.keras"
    path.write_text("the old network")
    network = RECIPES["default"].network()
    with pytest.raises(TypeError):
        training.save(network, {"not": {"JSON"}}, path)
    assert path.read_text() == "the old network"
    assert [file.name for file in tmp_path.iterdir()] == ["digits.keras"]
