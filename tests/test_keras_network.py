import numpy as np
import pytest

import model
from model.classifier import SHIPPED
from model.network.keras_network import as_function, compiled, keras, load_network
from model.training import recipes
from tests.helpers.drawings import picture

FRAMES = np.random.default_rng(1).random((7, 28, 28), np.float32)
layers = keras.layers


def tiny(shape: tuple, activation: str | None, outputs: int = 10) -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(outputs, activation=activation)])


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (784,)])
def test_load_network_accepts_every_input_shape_and_format(shape, suffix, tmp_path):
    network = tiny(shape, "softmax")
    network.save(tmp_path / f"network{suffix}")
    loaded, parameters = load_network(tmp_path / f"network{suffix}")
    assert parameters == 7_850
    assert np.allclose(loaded(FRAMES)[0], network.predict(FRAMES.reshape(-1, *shape), verbose=0), atol=1e-6)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("batch", [None, 1, 4])
def test_network_saved_with_a_fixed_batch_size_takes_any_number_of_frames(batch, suffix, tmp_path):
    inputs = [keras.Input(batch_shape=(batch, 28, 28))] if batch else []
    network = keras.Sequential([*inputs, layers.Flatten(), layers.Dense(10, activation="softmax")])
    network.compile("sgd", "sparse_categorical_crossentropy")
    if not batch:
        network.fit(FRAMES, np.arange(7), batch_size=7, verbose=0)  # makes its Input, of the first batch's size
    network.save(tmp_path / f"network{suffix}")
    loaded, _ = load_network(tmp_path / f"network{suffix}")
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
    """Works on batches of two only."""

    def call(self, frames):
        return keras.ops.reshape(frames, (2, 784))

    def compute_output_shape(self, shape):
        return (shape[0], 784)


def test_logits_are_converted_to_probabilities():
    of_logits, of_softmax = (as_function(tiny((28, 28), activation))(FRAMES)[0] for activation in (None, "softmax"))
    assert np.allclose(of_logits, of_softmax, atol=1e-6)


def test_network_of_ten_outputs_rejects_nothing_and_one_of_eleven_may():
    _, not_digit = as_function(tiny((28, 28), "softmax"))(FRAMES)
    assert not_digit.tolist() == [0] * 7
    network = tiny((28, 28), "softmax", outputs=11)
    probabilities, not_digit = as_function(network)(FRAMES)
    eleven = network.predict(FRAMES, verbose=0)
    assert np.allclose(not_digit, eleven[:, 10], atol=1e-6)
    assert np.allclose(probabilities, eleven[:, :10] / eleven[:, :10].sum(axis=1, keepdims=True), atol=1e-6)


def test_probabilities_of_digits_sum_to_one_even_if_certainly_not_a_digit():
    network = tiny((28, 28), "softmax", outputs=11)
    kernel, biases = network.layers[-1].get_weights()
    network.layers[-1].set_weights([kernel, np.where(np.arange(11) == 10, 1000, biases)])
    probabilities, not_digit = as_function(network)(FRAMES)
    assert np.allclose(not_digit, 1)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_large_batches_give_the_same_as_small_ones():
    network = as_function(tiny((28, 28), "softmax"))
    many = np.random.default_rng(2).random((1203, 28, 28), np.float32)
    assert network(many)[0].shape == (1203, 10)
    assert np.allclose(network(many)[0][1200:], network(many[1200:])[0], atol=1e-6)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_network_for_black_on_white_gets_inverted_frames(suffix, tmp_path):
    network = recipes.load("black-on-white").network()
    network.save(tmp_path / f"inverted{suffix}")
    loaded, _ = load_network(tmp_path / f"inverted{suffix}")
    assert np.allclose(loaded(FRAMES)[0], network.predict(1 - FRAMES[..., None], verbose=0), atol=1e-6)
    assert not np.allclose(loaded(FRAMES)[0], network.predict(FRAMES[..., None], verbose=0), atol=1e-3)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (lambda: keras.Sequential([keras.Input((3,)), layers.Dense(10)]), "does not take frames"),
        (lambda: keras.Sequential([keras.Input((784,)), layers.Dense(2)]), "does not classify digits"),
        (lambda: built(Subclassed()), "does not take frames"),
        (lambda: keras.Sequential([keras.Input((28, 28)), Two(), layers.Dense(10)]), "fails on a batch"),
    ],
)
def test_network_for_another_purpose_raises_network_error(network, message, tmp_path):
    network().save(tmp_path / "other.keras")
    with pytest.raises(model.NetworkError, match=message):
        load_network(tmp_path / "other.keras")


def test_network_that_is_not_built_raises_network_error():
    with pytest.raises(model.NetworkError, match="does not take frames"):
        as_function(keras.Sequential([layers.Flatten(), layers.Dense(10)]))


@pytest.mark.parametrize("content", [b"", b"no network", SHIPPED.read_bytes()[:5000]])
def test_damaged_file_raises_network_error(content, tmp_path):
    (tmp_path / "damaged.keras").write_bytes(content)
    with pytest.raises(model.NetworkError, match="damaged"):
        load_network(tmp_path / "damaged.keras")


def test_missing_file_raises_network_error(tmp_path):
    with pytest.raises(model.NetworkError, match=r"no network file none\.keras"):
        load_network(tmp_path / "none.keras")


def test_compiled_returns_the_outputs_of_the_network():
    network = tiny((28, 28), None)
    assert np.allclose(compiled(network)(FRAMES), network.predict(FRAMES, verbose=0), atol=1e-5)


def test_predict_digit_and_display_prediction_use_another_network(tmp_path):
    recipes.load("small-5x5").network().save(tmp_path / "small.h5")
    assert model.predict_digit(picture(3), network=tmp_path / "small.h5") in range(10)
    title = model.display_prediction(picture(3), network=tmp_path / "small.h5").axes[0].get_title()
    assert title == str(model.predict_digit(picture(3), network=tmp_path / "small.h5"))
