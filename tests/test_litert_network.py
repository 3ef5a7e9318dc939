import concurrent.futures
import contextlib
import io

import numpy as np
import pytest
import tensorflow

import model
from model.classifier import SHIPPED
from model.network import keras_network
from model.network.keras_network import as_function, compiled, convert, convert_ink, keras
from model.network.litert_network import load_ink_network, load_network
from model.network.quiet import suppress_stderr
from model.preparation.frame import from_uint8
from model.preparation.ink import SHAPES
from model.training import recipes
from tests.helpers.drawings import picture
from tests.helpers.training import DIGIT_RECIPES

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


@pytest.mark.parametrize("recipe", DIGIT_RECIPES)
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


@pytest.fixture(scope="module")
def ink_network() -> keras.Model:
    """The ink network with random weights and, unlike when it is built, random normalisations."""
    keras.utils.set_random_seed(0)
    network, rng = recipes.load("ink").network(), np.random.default_rng(0)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, weights.shape) for weights in layer.get_weights()])
    return network


@pytest.fixture(scope="module")
def ink_file(ink_network, tmp_path_factory):
    path = tmp_path_factory.mktemp("ink") / "ink.tflite"
    path.write_bytes(convert_ink(ink_network))
    return path


@pytest.mark.parametrize("shape", SHAPES)
def test_converted_ink_network_gives_the_same_as_with_keras(ink_network, ink_file, shape):
    standardised = np.random.default_rng(1).normal(0, 1, (*shape, 2)).astype(np.float32)
    expected = 1 / (1 + np.exp(-compiled(ink_network)(standardised[None])[0]))
    probabilities = load_ink_network(ink_file)(standardised)
    assert probabilities.shape == expected.shape
    assert np.ptp(expected) > 0.01
    assert np.abs(probabilities - expected).max() < 1e-3


def test_converted_ink_network_is_small(ink_file):
    assert ink_file.stat().st_size <= 2_000_000


def test_ink_network_is_thread_safe(ink_file):
    network = load_ink_network(ink_file)
    pictures = [np.random.default_rng(index).random((*SHAPES[index % 3], 2), np.float32) for index in range(12)]
    expected = [network(standardised) for standardised in pictures]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for probabilities, alone in zip(pool.map(network, pictures), expected, strict=True):
            assert np.array_equal(probabilities, alone)


@pytest.mark.parametrize("content", [None, b"", b"no network", "cut", "digits"])
def test_missing_or_damaged_ink_network_raises_network_error(content, ink_file, tmp_path):
    contents = {"cut": ink_file.read_bytes()[:100_000], "digits": SHIPPED.with_suffix(".tflite").read_bytes()}
    if content is not None:
        (tmp_path / "ink.tflite").write_bytes(contents.get(content, content))
    with pytest.raises(model.NetworkError, match="not an ink network"):
        load_ink_network(tmp_path / "ink.tflite")
