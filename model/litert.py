"""A network in LiteRT's form, which is served without TensorFlow: sooner, and in a third of the memory."""

import pathlib
import threading

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from model.probabilities import Network, NetworkError, in_batches, with_probabilities
from model.quiet import stderr_held_back

BATCH = 100


def load_converted(path: pathlib.Path) -> Network:
    """Load a file that model.network.converted made; the network may be called from several threads.

    Raises NetworkError for a file that is missing or is no such network.
    """
    try:
        with stderr_held_back():
            interpreter = Interpreter(model_content=path.read_bytes(), num_threads=1)
            (frames,), (outputs,) = interpreter.get_input_details(), interpreter.get_output_details()
            interpreter.allocate_tensors()
    except (OSError, ValueError, RuntimeError) as error:
        raise NetworkError(f"{path.name} is missing, damaged, or no network that LiteRT can load.") from error
    if frames["shape"][1:].tolist() != [28, 28] or outputs["shape"][1:].tolist() not in ([10], [11]):
        raise NetworkError(f"{path.name} does not take frames, (n, 28, 28), to ten numbers or eleven.")
    one_at_a_time = threading.Lock()

    def outputs_for(batch: np.ndarray) -> np.ndarray:
        with one_at_a_time:
            if len(batch) != interpreter.get_input_details()[0]["shape"][0]:
                interpreter.resize_tensor_input(frames["index"], batch.shape)
                interpreter.allocate_tensors()
            interpreter.set_tensor(frames["index"], batch.astype(np.float32, copy=False))
            interpreter.invoke()
            return interpreter.get_tensor(outputs["index"])

    try:
        return with_probabilities(in_batches(outputs_for, BATCH))
    except (ValueError, RuntimeError) as error:  # one for whole numbers, or for a single frame
        raise NetworkError(f"{path.name} fails when it is given several frames ({type(error).__name__}).") from error
