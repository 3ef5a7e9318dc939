import numpy as np
import pytest

import model
from model.classifier import SHIPPED
from model.network import as_function, load_network
from model.quiet_keras import keras
from model.recipes import RECIPES
from tests.drawings import picture

FRAMES = np.random.default_rng(1).random((7, 28, 28), np.float32)
layers = keras.layers


def tiny(shape: tuple, activation: str | None, outputs: int = 10) -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(outputs, activation=activation)])


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (784,)])
def test_anybodys_network_is_loaded(shape, suffix, tmp_path):
    network = tiny(shape, "softmax")
    network.save(tmp_path / f"theirs{suffix}")
    loaded, parameters = load_network(tmp_path / f"theirs{suffix}")
    assert parameters == 7_850
    assert np.allclose(loaded(FRAMES)[0], network.predict(FRAMES.reshape(-1, *shape), verbose=0), atol=1e-6)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("batch", [None, 1, 4])
def test_a_network_saved_with_a_fixed_batch_takes_any_number_of_frames(batch, suffix, tmp_path):
    given = [keras.Input(batch_shape=(batch, 28, 28))] if batch else []
    network = keras.Sequential([*given, layers.Flatten(), layers.Dense(10, activation="softmax")])
    network.compile("sgd", "sparse_categorical_crossentropy")
    if not batch:
        network.fit(FRAMES, np.arange(7), batch_size=7, verbose=0)  # its Input is made of the first batch
    network.save(tmp_path / f"theirs{suffix}")
    loaded, _ = load_network(tmp_path / f"theirs{suffix}")
    expected = np.concatenate([network.predict_on_batch(FRAMES[at : at + 1]) for at in range(7)])
    assert np.allclose(loaded(FRAMES)[0], expected, atol=1e-6)


@keras.saving.register_keras_serializable()
class Subclassed(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.dense = layers.Dense(10)

    def call(self, frames):
        return self.dense(keras.ops.reshape(frames, (-1, 784)))


def built(network: keras.Model) -> keras.Model:
    network(FRAMES)
    return network


@keras.saving.register_keras_serializable()
class Two(layers.Layer):
    """For batches of two only."""

    def call(self, frames):
        return keras.ops.reshape(frames, (2, 784))

    def compute_output_shape(self, shape):
        return (shape[0], 784)


def test_logits_become_probabilities():
    of_logits, of_softmax = (as_function(tiny((28, 28), activation))(FRAMES)[0] for activation in (None, "softmax"))
    assert np.allclose(of_logits, of_softmax, atol=1e-6)


def test_ten_outputs_take_all_for_digits_and_an_eleventh_may_not():
    _, not_digit = as_function(tiny((28, 28), "softmax"))(FRAMES)
    assert not_digit.tolist() == [0] * 7
    network = tiny((28, 28), "softmax", outputs=11)
    probabilities, not_digit = as_function(network)(FRAMES)
    eleven = network.predict(FRAMES, verbose=0)
    assert np.allclose(not_digit, eleven[:, 10], atol=1e-6)
    assert np.allclose(probabilities, eleven[:, :10] / eleven[:, :10].sum(axis=1, keepdims=True), atol=1e-6)


def test_what_is_surely_no_digit_still_has_probabilities_of_digits():
    network = tiny((28, 28), "softmax", outputs=11)
    kernel, biases = network.layers[-1].get_weights()
    network.layers[-1].set_weights([kernel, np.where(np.arange(11) == 10, 1000, biases)])
    probabilities, not_digit = as_function(network)(FRAMES)
    assert np.allclose(not_digit, 1)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_many_frames_and_few():
    network = as_function(tiny((28, 28), "softmax"))
    many = np.random.default_rng(2).random((1203, 28, 28), np.float32)
    assert network(many)[0].shape == (1203, 10)
    assert np.allclose(network(many)[0][1200:], network(many[1200:])[0], atol=1e-6)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_network_for_black_on_white_is_given_inverted_frames(suffix, tmp_path):
    network = RECIPES["black-on-white"].network()
    network.save(tmp_path / f"inverted{suffix}")
    loaded, _ = load_network(tmp_path / f"inverted{suffix}")
    assert np.allclose(loaded(FRAMES)[0], network.predict(1 - FRAMES[..., None], verbose=0), atol=1e-6)
    assert not np.allclose(loaded(FRAMES)[0], network.predict(FRAMES[..., None], verbose=0), atol=1e-3)


@pytest.mark.parametrize(
    ("network", "says"),
    [
        (lambda: keras.Sequential([keras.Input((3,)), layers.Dense(10)]), "does not take frames"),
        (lambda: keras.Sequential([keras.Input((784,)), layers.Dense(2)]), "does not tell digits"),
        (lambda: built(Subclassed()), "does not take frames"),
        (lambda: keras.Sequential([keras.Input((28, 28)), Two(), layers.Dense(10)]), "fails when"),
    ],
)
def test_a_network_for_something_else_is_said(network, says, tmp_path):
    network().save(tmp_path / "other.keras")
    with pytest.raises(model.NetworkError, match=says):
        load_network(tmp_path / "other.keras")


def test_a_network_that_was_never_built_is_said():
    with pytest.raises(model.NetworkError, match="does not take frames"):
        as_function(keras.Sequential([layers.Flatten(), layers.Dense(10)]))


@pytest.mark.parametrize("content", [b"", b"no network", SHIPPED.read_bytes()[:5000]])
def test_a_damaged_file_is_said(content, tmp_path):
    (tmp_path / "damaged.keras").write_bytes(content)
    with pytest.raises(model.NetworkError, match="damaged"):
        load_network(tmp_path / "damaged.keras")


def test_pictures_are_read_with_another_network(tmp_path):
    RECIPES["small-5x5"].network().save(tmp_path / "small.h5")
    assert model.predict_digit(picture(3), network=tmp_path / "small.h5") in range(10)
    title = model.display_prediction(picture(3), network=tmp_path / "small.h5").axes[0].get_title()
    assert title == str(model.predict_digit(picture(3), network=tmp_path / "small.h5"))
