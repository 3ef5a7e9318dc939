"""Load networks in LiteRT's format, which are served without TensorFlow, in less time and a third of the memory."""

import pathlib
import threading

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from model.network.base import OUTPUT_SHAPES, NetworkError, in_batches, with_probabilities
from model.network.quiet import suppress_stderr
from model.preparation.frame import SIDE, Network
from model.preparation.ink import SHAPES, InkNetwork, signature_name

BATCH_SIZE = 100


def load_network(path: pathlib.Path) -> Network:
    """Load a .tflite file as model.network.keras_network.convert writes it. The network is safe to call from threads.

    Raises:
        NetworkError: the file is missing or damaged, or the network does not map frames to digits.
    """
    try:
        with suppress_stderr():
            interpreter = Interpreter(model_content=path.read_bytes(), num_threads=1)
            (frames,), (outputs,) = interpreter.get_input_details(), interpreter.get_output_details()
            interpreter.allocate_tensors()
    except (OSError, ValueError, RuntimeError) as error:
        raise NetworkError(f"{path.name} is missing, damaged, or not a network that LiteRT can load.") from error
    if tuple(frames["shape"][1:]) != (SIDE, SIDE) or tuple(outputs["shape"][1:]) not in OUTPUT_SHAPES:
        raise NetworkError(f"{path.name} does not map frames, (n, 28, 28), to ten or eleven numbers.")
    lock = threading.Lock()

    def outputs_for(batch: np.ndarray) -> np.ndarray:
        with lock:
            if len(batch) != interpreter.get_input_details()[0]["shape"][0]:
                interpreter.resize_tensor_input(frames["index"], batch.shape)
                interpreter.allocate_tensors()
            interpreter.set_tensor(frames["index"], batch.astype(np.float32, copy=False))
            interpreter.invoke()
            return interpreter.get_tensor(outputs["index"])

    try:
        return with_probabilities(in_batches(outputs_for, BATCH_SIZE))
    except (ValueError, RuntimeError) as error:  # its input is integers, or its batch size is fixed
        raise NetworkError(f"{path.name} fails on a batch of several frames ({type(error).__name__}).") from error


def load_ink_network(path: pathlib.Path) -> InkNetwork:
    """Load the ink network as model.network.keras_network.convert_ink writes it. It is safe to call from threads.

    Raises:
        NetworkError: the file is missing or damaged, or not an ink network.
    """
    try:
        with suppress_stderr():
            interpreter = Interpreter(model_content=path.read_bytes(), num_threads=1)
            interpreter.allocate_tensors()
            runners = {shape: interpreter.get_signature_runner(signature_name(shape)) for shape in SHAPES}
    except (OSError, ValueError, RuntimeError) as error:
        raise NetworkError(f"{path.name} is missing, damaged, or not an ink network.") from error
    lock = threading.Lock()

    def probabilities(standardised: np.ndarray) -> np.ndarray:
        with lock:
            return runners[standardised.shape[:2]](standardised=standardised[None])["ink"][0]

    return probabilities
