import concurrent.futures
import contextlib
import io
import subprocess
import sys

import numpy as np
import pytest
import tensorflow

import model
from model.classifier import SHIPPED
from model.litert import load_converted
from model.network import as_function, converted, keras, load_network
from model.quiet import stderr_held_back
from model.recipes import RECIPES
from tests.conftest import ROOT
from tests.drawings import picture

FRAMES = np.random.default_rng(0).random((250, 28, 28), np.float32)


def assert_same(network, other, frames=FRAMES):
    for ours, theirs in zip(network(frames), other(frames), strict=True):
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() < 1e-4


def test_the_shipped_network_is_the_one_that_keras_loads():
    assert_same(load_converted(SHIPPED.with_suffix(".tflite")), load_network(SHIPPED)[0])


def test_the_same_on_the_whole_test_set(mnist_data):
    frames = mnist_data.test.images / np.float32(255)
    assert_same(load_converted(SHIPPED.with_suffix(".tflite")), load_network(SHIPPED)[0], frames)


@pytest.mark.parametrize("recipe", ["black-on-white", "small-5x5"])
def test_networks_of_all_kinds_are_converted(recipe, tmp_path):
    network = RECIPES[recipe].network()
    (tmp_path / "network.tflite").write_bytes(converted(network))
    assert_same(load_converted(tmp_path / "network.tflite"), as_function(network))


def test_flat_frames_and_logits_are_converted(tmp_path):
    network = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    (tmp_path / "network.tflite").write_bytes(converted(network))
    assert_same(load_converted(tmp_path / "network.tflite"), as_function(network))


def test_several_threads_get_their_own_answers():
    network = load_converted(SHIPPED.with_suffix(".tflite"))
    expected, _ = network(FRAMES)

    def ask(start: int) -> np.ndarray:
        return network(FRAMES[start : start + start % 3 + 1])[0]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for start, answer in enumerate(pool.map(ask, range(240))):
            assert np.abs(answer - expected[start : start + start % 3 + 1]).max() < 1e-5


def test_any_such_file_can_be_asked_about_pictures():
    assert model.predict_digit(picture(4), network=SHIPPED.with_suffix(".tflite")) == 4


def test_a_network_for_something_else_is_said(tmp_path):
    network = keras.Sequential([keras.Input((784,)), keras.layers.Dense(9)])
    (tmp_path / "nine.tflite").write_bytes(converted(network))
    with pytest.raises(model.NetworkError, match="ten numbers"):
        load_converted(tmp_path / "nine.tflite")


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs were expected")
def test_a_network_of_whole_numbers_is_said(tmp_path):
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(
        keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])
    )
    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([frame[None]] for frame in FRAMES[:10])
    converter.inference_input_type = converter.inference_output_type = tensorflow.uint8
    with stderr_held_back(), contextlib.redirect_stdout(io.StringIO()):
        (tmp_path / "whole.tflite").write_bytes(converter.convert())
    with pytest.raises(model.NetworkError, match="fails when it is given"):
        load_converted(tmp_path / "whole.tflite")


@pytest.mark.parametrize("content", [None, b"", b"no network"])
def test_what_is_no_network_is_said(content, tmp_path):
    if content is not None:
        (tmp_path / "network.tflite").write_bytes(content)
    with pytest.raises(model.NetworkError, match="LiteRT"):
        load_converted(tmp_path / "network.tflite")


def test_the_page_is_served_without_tensorflow():
    script = (
        "import sys, app; app.model.load_classifier(); print({'tensorflow', 'keras', 'sklearn'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert result.stdout == "set()\n"
    assert result.stderr == ""
