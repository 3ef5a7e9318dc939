import numpy as np
import pytest

from model.activations import load_activations, tiles
from model.classifier import SHIPPED
from model.network.base import NetworkError
from model.preparation.frame import from_uint8
from tests.helpers.digits import DRAWN


@pytest.mark.slow
def test_activations_of_the_shipped_network_are_those_that_keras_computes():
    from model.network.keras_network import keras

    frame = from_uint8(DRAWN.images[4])
    network = keras.saving.load_model(SHIPPED, compile=False)
    activations = load_activations(SHIPPED)(frame)
    # In the converted network, normalisation and activation are part of the convolutions.
    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.Activation)]
    outputs = keras.Model(network.inputs[0], [layer.output for layer in layers])(frame[None, ..., None])
    assert len(activations) == len(outputs) == 6
    for ours, theirs in zip(activations, outputs, strict=True):
        assert np.allclose(ours, theirs[0], atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["small-5x5", "black-on-white"])
def test_activations_of_a_recipes_network_are_those_that_keras_computes(name, tmp_path):
    from model.network.keras_network import keras
    from model.training import recipes

    network = recipes.load(name).network()
    network.save(tmp_path / "network.keras")
    frame = from_uint8(DRAWN.images[4])
    convolutions = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    given = 1 - frame if network.inputs[0].name == "black_on_white" else frame
    outputs = keras.Model(network.inputs[0], [layer.output for layer in convolutions])(given[None, ..., None])
    activations = load_activations(tmp_path / "network.keras")(frame)
    assert len(activations) == len(convolutions) > 0
    for ours, theirs in zip(activations, outputs, strict=True):
        assert np.allclose(ours, theirs[0], atol=1e-4)


def test_damaged_networks_cannot_be_looked_into(tmp_path):
    for name in ("damaged.tflite", "missing.tflite", "damaged.keras"):
        if "missing" not in name:
            (tmp_path / name).write_text("no network")
        with pytest.raises(NetworkError, match="cannot be looked into"):
            load_activations(tmp_path / name)


def test_tiles_are_one_picture_with_a_tile_for_each_filter():
    activations = np.zeros((4, 4, 5), np.float32)
    activations[1, 2, 3] = 2
    activations[..., 4] = 1
    sheet = tiles(activations)
    assert sheet.shape == (2 * 5 - 1, 3 * 5 - 1)
    assert sheet[5 + 1, 2] == 255  # the fourth tile is the first of the second row
    assert sheet[:4, :4].max() == 0
    assert sheet[:4, :4].max() < sheet[5:, 5:9].min() == sheet[5:, 5:9].max() < 255
    assert tiles(np.zeros((4, 4, 2), np.float32)).max() < 255
