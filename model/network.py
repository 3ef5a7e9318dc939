"""Saved networks, ours and other people's, as one kind of function: from frames to ten probabilities."""

import pathlib
from collections.abc import Callable

import numpy as np

from model.classifier import NetworkError
from model.quiet_keras import keras
from model.recipes import BLACK_ON_WHITE

#: Frames, float32 (n, 28, 28) in 0..1, white ink on black, to probabilities, float32 (n, 10).
Network = Callable[[np.ndarray], np.ndarray]

BATCH = 500


def load_network(path: pathlib.Path) -> tuple[Network, int]:
    """Load a saved network, .keras or .h5, and count its parameters.

    Its input may be (28, 28), (28, 28, 1) or (784,), its output softmax or logits. One whose input is named
    "black_on_white" is given inverted frames. Raises NetworkError if it cannot be loaded or is for something else.
    """
    if not path.is_file():
        raise NetworkError(f"There is no network file {path.name}; python train.py makes one.")
    try:
        network = keras.saving.load_model(path, compile=False)
    except Exception as error:  # a damaged file makes Keras, zip and HDF5 raise nearly anything
        raise NetworkError(f"{path.name} is not a network that Keras can load, or it is damaged.") from error
    return as_function(network, path.name), network.count_params()


def as_function(network: keras.Model, name: str = "The network") -> Network:
    """A Keras network as a function of frames; raises NetworkError unless it takes digits' frames to ten numbers."""
    inputs, outputs = network.inputs, network.outputs
    if len(inputs) != 1 or inputs[0].shape[1:] not in ((28, 28), (28, 28, 1), (784,)):
        raise NetworkError(f"{name} does not take frames: its input is not (28, 28), (28, 28, 1) or (784,).")
    if len(outputs) != 1 or outputs[0].shape[1:] != (10,):
        raise NetworkError(f"{name} does not tell digits: its output is not ten numbers.")
    shape, inverted = inputs[0].shape[1:], inputs[0].name == BLACK_ON_WHITE
    call = _traced(network)

    def raw(frames: np.ndarray) -> np.ndarray:
        shaped = frames.astype(np.float32, copy=False).reshape(-1, *shape)
        batches = range(0, len(shaped), BATCH)
        outputs = [call(1 - shaped[at : at + BATCH] if inverted else shaped[at : at + BATCH]) for at in batches]
        return np.concatenate(outputs) if len(outputs) != 1 else outputs[0]

    # Whether the output is softmax shows in what it gives; the call also traces and allocates, better now than later.
    probe = raw(np.random.default_rng(0).random((16, 28, 28), np.float32))
    if (probe >= 0).all() and np.allclose(probe.sum(axis=1), 1, atol=1e-3):
        return raw
    return lambda frames: _softmax(raw(frames))


def _traced(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """A network as one graph for any number of frames: 1 ms a call, where Keras's predict takes 70."""
    if keras.backend.backend() != "tensorflow":
        return network.predict_on_batch
    import tensorflow  # only here, where Keras has loaded it

    signature = [tensorflow.TensorSpec(network.inputs[0].shape, tensorflow.float32)]
    graph = tensorflow.function(lambda frames: network(frames, training=False), input_signature=signature)
    return lambda frames: graph(frames).numpy()


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
