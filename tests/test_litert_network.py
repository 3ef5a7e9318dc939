import concurrent.futures
import contextlib
import io

import numpy as np
import pytest
import tensorflow

import model
from model.classifier import SHIPPED
from model.network import keras_network
from model.network.keras_network import as_function, convert, keras
from model.network.litert_network import load_network
from model.network.quiet import suppress_stderr
from model.preparation.frame import from_uint8
from model.training import recipes
from tests.helpers.drawings import picture

FRAMES = np.random.default_rng(0).random((250, 28, 28), np.float32)


def assert_same(network, other, frames=FRAMES):
    """Assert that two networks give nearly the same answers."""
    for answer, expected in zip(network(frames), other(frames), strict=True):
        assert answer.shape == expected.shape
        assert np.abs(answer - expected).max() < 1e-4


def test_shipped_network_gives_the_same_as_with_keras():
    assert_same(load_network(SHIPPED.with_suffix(".tflite")), keras_network.load_network(SHIPPED)[0])


@pytest.mark.slow
def test_shipped_network_gives_the_same_as_with_keras_on_mnist(mnist_data):
    frames = from_uint8(mnist_data.test.images)
    assert_same(load_network(SHIPPED.with_suffix(".tflite")), keras_network.load_network(SHIPPED)[0], frames)


@pytest.mark.parametrize("recipe", recipes.names())
def test_converted_network_gives_the_same_as_with_keras(recipe, tmp_path):
    network = recipes.load(recipe).network()
    (tmp_path / "network.tflite").write_bytes(convert(network))
    assert_same(load_network(tmp_path / "network.tflite"), as_function(network))


def test_converted_network_may_have_flat_inputs_and_logits(tmp_path):
    network = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    (tmp_path / "network.tflite").write_bytes(convert(network))
    assert_same(load_network(tmp_path / "network.tflite"), as_function(network))


def test_network_is_thread_safe():
    network = load_network(SHIPPED.with_suffix(".tflite"))
    expected, _ = network(FRAMES)

    def answer(start: int) -> np.ndarray:
        return network(FRAMES[start : start + start % 3 + 1])[0]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for start, probabilities in enumerate(pool.map(answer, range(240))):
            assert np.abs(probabilities - expected[start : start + start % 3 + 1]).max() < 1e-5


def test_predict_digit_uses_a_tflite_file():
    assert model.predict_digit(picture(4), network=SHIPPED.with_suffix(".tflite")) == 4


def test_network_for_another_purpose_raises_network_error(tmp_path):
    network = keras.Sequential([keras.Input((784,)), keras.layers.Dense(9)])
    (tmp_path / "nine.tflite").write_bytes(convert(network))
    with pytest.raises(model.NetworkError, match="ten or eleven numbers"):
        load_network(tmp_path / "nine.tflite")


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs were expected")
def test_network_of_integers_raises_network_error(tmp_path):
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(
        keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])
    )
    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([frame[None]] for frame in FRAMES[:10])
    converter.inference_input_type = converter.inference_output_type = tensorflow.uint8
    with suppress_stderr(), contextlib.redirect_stdout(io.StringIO()):
        (tmp_path / "integers.tflite").write_bytes(converter.convert())
    with pytest.raises(model.NetworkError, match="fails on a batch"):
        load_network(tmp_path / "integers.tflite")


@pytest.mark.parametrize("content", [None, b"", b"no network"])
def test_missing_or_damaged_file_raises_network_error(content, tmp_path):
    if content is not None:
        (tmp_path / "network.tflite").write_bytes(content)
    with pytest.raises(model.NetworkError, match="LiteRT"):
        load_network(tmp_path / "network.tflite")
