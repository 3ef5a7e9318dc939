"""Networks that Keras saved, ours and other people's, as one kind of function: from frames to probabilities."""

import contextlib
import io
import pathlib
from collections.abc import Callable

import numpy as np

from model.probabilities import Network, NetworkError, in_batches, with_probabilities
from model.quiet import stderr_held_back
from model.quiet_keras import keras

# The name of a network's input says which way round it expects its frames; the name is saved with the network.
WHITE_ON_BLACK = "white_on_black"
BLACK_ON_WHITE = "black_on_white"

BATCH = 500


def load_network(path: pathlib.Path) -> tuple[Network, int]:
    """Load a saved network, .keras or .h5, and count its parameters.

    Its input may be (28, 28), (28, 28, 1) or (784,), its output softmax or logits of the ten digits and, if it has an
    eleventh, of what is not a digit. One whose input is named "black_on_white" is given inverted frames. Raises
    NetworkError if it cannot be loaded or is for something else.
    """
    if not path.is_file():
        raise NetworkError(f"There is no network file {path.name}; python train.py makes one.")
    try:
        network = keras.saving.load_model(path, compile=False)
    except Exception as error:  # a damaged file makes Keras, zip and HDF5 raise nearly anything
        raise NetworkError(f"{path.name} is not a network that Keras can load, or it is damaged.") from error
    return as_function(network, path.name), network.count_params()


def as_function(network: keras.Model, name: str = "The network") -> Network:
    """A Keras network as a function of frames; raises NetworkError unless it takes frames to ten or eleven numbers."""
    # A subclassed network has neither, and a Sequential one none before it is built.
    inputs, outputs = getattr(network, "inputs", []), getattr(network, "outputs", [])
    if len(inputs) != 1 or inputs[0].shape[1:] not in ((28, 28), (28, 28, 1), (784,)):
        raise NetworkError(f"{name} does not take frames: its input is not known as (28, 28), (28, 28, 1) or (784,).")
    if len(outputs) != 1 or outputs[0].shape[1:] not in ((10,), (11,)):
        raise NetworkError(f"{name} does not tell digits: its output is not ten numbers, or eleven.")
    shape, inverted = inputs[0].shape[1:], inputs[0].name == BLACK_ON_WHITE
    call = traced(network)

    def outputs_for(frames: np.ndarray) -> np.ndarray:
        shaped = frames.astype(np.float32, copy=False).reshape(-1, *shape)
        return call(1 - shaped if inverted else shaped)

    try:
        return with_probabilities(outputs_for)
    except Exception as error:  # what its layers raise, which may be anybody's
        raise NetworkError(f"{name} fails when it is given several frames ({type(error).__name__}).") from error


def traced(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """A network as one graph for any number of inputs: 1 ms a call, where Keras's predict takes tens."""
    return in_batches(_graph(network) if keras.backend.backend() == "tensorflow" else network.predict_on_batch, BATCH)


def converted(network: keras.Model) -> bytes:
    """A network loaded under TensorFlow as a LiteRT file: frames, float32 (n, 28, 28) in 0..1, white ink on black, to
    what the network puts out."""
    import tensorflow  # only here, where Keras has loaded it

    shaped = [keras.Input((28, 28)), keras.layers.Reshape(network.inputs[0].shape[1:])]
    if network.inputs[0].name == BLACK_ON_WHITE:
        shaped.append(keras.layers.Rescaling(-1, offset=1))
    with stderr_held_back(), contextlib.redirect_stdout(io.StringIO()):
        return tensorflow.lite.TFLiteConverter.from_keras_model(keras.Sequential([*shaped, network])).convert()


def _graph(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    import tensorflow  # only here, where Keras has loaded it

    # Any number, whatever it was saved with: without an Input, Keras saves that of the first batch of its training.
    signature = [tensorflow.TensorSpec((None, *network.inputs[0].shape[1:]), tensorflow.float32)]
    # Without AutoGraph, as in Keras's own predict: it would leave a file in the temporary folder for each network.
    graph = tensorflow.function(
        lambda inputs: network(inputs, training=False), input_signature=signature, autograph=False
    )
    return lambda inputs: graph(inputs).numpy()
