"""Load networks that Keras saved, and convert them to LiteRT.

This is the one module that imports Keras; all others take ``keras`` from here.
"""

import contextlib
import io
import os
import pathlib
import tempfile
import zipfile
from collections.abc import Callable

import absl.logging
import numpy as np

from model.network.base import INPUT_SHAPES, OUTPUT_SHAPES, NetworkError, in_batches, with_probabilities
from model.network.quiet import suppress_stderr
from model.preparation.frame import SIDE, Network
from model.preparation.ink import SHAPES, signature_name

# TensorFlow writes its start-up notices before any of its log levels takes effect.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with suppress_stderr():
    import keras

    keras.ops.zeros(1)  # the backend's runtime starts at the first operation, not at import

absl.logging.set_verbosity(absl.logging.ERROR)  # no warning about the legacy format whenever an .h5 file is saved

# The name of the input layer, which is saved with the network, tells the polarity of the frames that it expects.
WHITE_ON_BLACK = "white_on_black"
BLACK_ON_WHITE = "black_on_white"

BATCH_SIZE = 500


def load_network(path: pathlib.Path) -> tuple[Network, int]:
    """Load a saved network, .keras or .h5, and return it with its number of parameters.

    Its input shape may be (28, 28), (28, 28, 1) or (784,). Its output may be softmax or logits of the ten digits,
    optionally followed by "not a digit". A network whose input is named "black_on_white" gets inverted frames.

    Raises:
        NetworkError: the file is missing or damaged, or the network does not map frames to digits.
    """
    if not path.is_file():
        raise NetworkError(f"There is no network file {path.name}; python train.py writes one.")
    try:
        network = keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise NetworkError(f"{path.name} is not a network that Keras can load, or it is damaged.") from error
    return as_function(network, path.name), network.count_params()


def as_function(network: keras.Model, name: str = "The network") -> Network:
    """Return a Keras network as a Network. ``name`` is its name in error messages.

    Raises:
        NetworkError: the network does not map frames to ten or eleven numbers.
    """
    # A subclassed network has neither attribute, and a Sequential one has none before it is built.
    inputs, outputs = getattr(network, "inputs", []), getattr(network, "outputs", [])
    if len(inputs) != 1 or inputs[0].shape[1:] not in INPUT_SHAPES:
        raise NetworkError(f"{name} does not take frames: its input shape is not (28, 28), (28, 28, 1) or (784,).")
    if len(outputs) != 1 or outputs[0].shape[1:] not in OUTPUT_SHAPES:
        raise NetworkError(f"{name} does not classify digits: it does not have ten or eleven outputs.")
    shape, inverted = inputs[0].shape[1:], inputs[0].name == BLACK_ON_WHITE
    call = compiled(network)

    def outputs_for(frames: np.ndarray) -> np.ndarray:
        shaped = frames.astype(np.float32, copy=False).reshape(-1, *shape)
        return call(1 - shaped if inverted else shaped)

    try:
        return with_probabilities(outputs_for)
    except Exception as error:  # other people's layers may raise anything
        raise NetworkError(f"{name} fails on a batch of several frames ({type(error).__name__}).") from error


def compiled(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that runs the network on any number of inputs.

    With TensorFlow it is one graph and takes 1 ms a call, where Keras's own ``predict`` takes tens.
    """
    run = _graph(network) if keras.backend.backend() == "tensorflow" else network.predict_on_batch
    return in_batches(run, BATCH_SIZE)


def convert(network: keras.Model) -> bytes:
    """Return a network as a LiteRT file. Needs TensorFlow as Keras's backend.

    The file's input is frames, float32 (n, 28, 28) in 0..1, white ink on black; its output is the network's.
    """
    import tensorflow  # only with this backend, and then Keras has loaded it already

    shaped = [keras.Input((SIDE, SIDE)), keras.layers.Reshape(network.inputs[0].shape[1:])]
    if network.inputs[0].name == BLACK_ON_WHITE:
        shaped.append(keras.layers.Rescaling(-1, offset=1))
    with suppress_stderr(), contextlib.redirect_stdout(io.StringIO()):
        return tensorflow.lite.TFLiteConverter.from_keras_model(keras.Sequential([*shaped, network])).convert()


def convert_ink(network: keras.Model) -> bytes:
    """Return an ink network as a LiteRT file with float16 weights. Needs TensorFlow as Keras's backend.

    The file has a signature for each of the SHAPES, from "standardised", float32 (1, h, w, 2), to the probabilities
    "ink" of ink and contact, float32 (1, h, w, 2): LiteRT runs a network of fixed shape faster.
    """
    import tensorflow  # only with this backend, and then Keras has loaded it already

    # As constants: the converter leaves the variables of a network with several signatures out of the file.
    weights = [[v.numpy() for v in vs] for vs in (network.trainable_variables, network.non_trainable_variables)]

    def signature(shape: tuple[int, int]) -> Callable:
        inputs = tensorflow.TensorSpec((1, *shape, 2), tensorflow.float32, name="standardised")

        def probabilities(standardised):
            logits, _ = network.stateless_call(*weights, standardised, training=False)
            return {"ink": tensorflow.sigmoid(logits)}

        graph = tensorflow.function(probabilities, input_signature=[inputs], autograph=False)
        return graph.get_concrete_function()

    signatures = {signature_name(shape): signature(shape) for shape in SHAPES}
    with (
        suppress_stderr(),
        contextlib.redirect_stdout(io.StringIO()),
        tempfile.TemporaryDirectory(prefix="digits-convert-") as folder,
    ):
        tensorflow.saved_model.save(tensorflow.Module(), folder, signatures=signatures)
        converter = tensorflow.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(signatures))
        converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tensorflow.float16]
        return converter.convert()


def _graph(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    import tensorflow  # only with this backend, and then Keras has loaded it already

    # Any batch size: a network without an Input was saved with that of its first training batch.
    signature = [tensorflow.TensorSpec((None, *network.inputs[0].shape[1:]), tensorflow.float32)]
    # AutoGraph would leave a compiled file in the temporary folder for each network.
    graph = tensorflow.function(
        lambda inputs: network(inputs, training=False), input_signature=signature, autograph=False
    )
    return lambda inputs: graph(inputs).numpy()
