"""Saved networks, ours and other people's, as one kind of function: from frames to probabilities."""

import pathlib
from collections.abc import Callable

import numpy as np

from model.classifier import NetworkError
from model.quiet_keras import keras

#: From frames, float32 (n, 28, 28) in 0..1, white ink on black, to the probabilities of the ten digits, should it be
#: one, float32 (n, 10), each row with the sum 1; and to the probability that it is not a digit, float32 (n,).
Network = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

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
    inputs, outputs = network.inputs, network.outputs
    if len(inputs) != 1 or inputs[0].shape[1:] not in ((28, 28), (28, 28, 1), (784,)):
        raise NetworkError(f"{name} does not take frames: its input is not (28, 28), (28, 28, 1) or (784,).")
    if len(outputs) != 1 or outputs[0].shape[1:] not in ((10,), (11,)):
        raise NetworkError(f"{name} does not tell digits: its output is not ten numbers, or eleven.")
    shape, inverted = inputs[0].shape[1:], inputs[0].name == BLACK_ON_WHITE
    call = traced(network)

    def raw(frames: np.ndarray) -> np.ndarray:
        shaped = frames.astype(np.float32, copy=False).reshape(-1, *shape)
        return call(1 - shaped if inverted else shaped)

    # Whether the output is softmax shows in what it gives; the call also traces and allocates, better now than later.
    probe = raw(np.random.default_rng(0).random((16, 28, 28), np.float32))
    if (probe >= 0).all() and np.allclose(probe.sum(axis=1), 1, atol=1e-3):
        return lambda frames: _split(raw(frames))
    return lambda frames: _split(_softmax(raw(frames)))


def traced(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """A network as one graph for any number of inputs: 1 ms a call, where Keras's predict takes 70."""
    call = _graph(network) if keras.backend.backend() == "tensorflow" else network.predict_on_batch

    def in_batches(inputs: np.ndarray) -> np.ndarray:
        outputs = [call(inputs[at : at + BATCH]) for at in range(0, len(inputs), BATCH)]
        return np.concatenate(outputs) if len(outputs) != 1 else outputs[0]

    return in_batches


def _graph(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    import tensorflow  # only here, where Keras has loaded it

    signature = [tensorflow.TensorSpec(network.inputs[0].shape, tensorflow.float32)]
    graph = tensorflow.function(lambda inputs: network(inputs, training=False), input_signature=signature)
    return lambda inputs: graph(inputs).numpy()


def _split(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    digits = probabilities[:, :10] + np.float32(1e-30)  # where all ten vanish they are equal
    return digits / digits.sum(axis=1, keepdims=True), probabilities[:, 10:].sum(axis=1)


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
