"""What each convolution of a network makes of a frame, for a look inside."""

import pathlib
import threading
from collections.abc import Callable

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from model.classifier import served_file
from model.network.base import NetworkError
from model.network.quiet import suppress_stderr

#: Maps a frame, float32 (28, 28) in 0..1, white ink on black, to the activations of each convolution in the network,
#: from the first to the last, float32 (h, w, filters).
Activations = Callable[[np.ndarray], list[np.ndarray]]

#: The percentile of a layer's activations that is shown white, and the grey of the lines between tiles.
BRIGHT_PERCENTILE, BORDER = 99, 64
#: Keeps the scale of a layer without activations finite.
TINY = 1e-9
CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


def load_activations(path: pathlib.Path) -> Activations:
    """Load the convolutions of a saved network, .keras, .h5 or .tflite. The function is safe to call from threads.

    Raises:
        NetworkError: the file is missing or damaged, or Keras, which it needs, is not installed or has another backend.
    """
    lock, path = threading.Lock(), served_file(path)
    try:
        content = path.read_bytes() if path.suffix == ".tflite" else _converted(path)
        with suppress_stderr():
            # Without delegates, which would join the convolutions to one operation.
            interpreter = Interpreter(
                model_content=content,
                num_threads=1,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
                experimental_preserve_all_tensors=True,
            )
            interpreter.allocate_tensors()
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise NetworkError(f"{path.name} cannot be looked into.") from error
    (frames,) = interpreter.get_input_details()
    outputs = [
        operation["outputs"][0] for operation in interpreter._get_ops_details() if operation["op_name"] in CONVOLUTIONS
    ]

    def activations(frame: np.ndarray) -> list[np.ndarray]:
        with lock:
            interpreter.set_tensor(frames["index"], frame[None].astype(np.float32, copy=False))
            interpreter.invoke()
            return [interpreter.get_tensor(output)[0] for output in outputs]

    return activations


def _converted(path: pathlib.Path) -> bytes:
    # Here, because TensorFlow takes seconds and most of the memory, and the shipped network does not need it.
    from model.network.keras_network import convert, keras

    return convert(keras.saving.load_model(path, compile=False))


def tiles(activations: np.ndarray) -> np.ndarray:
    """Return activations, float32 (h, w, filters), as one picture: uint8 (H, W), a tile for each filter, row by row.

    All tiles have one scale, from the least activation of the layer to one that few exceed.
    """
    height, width, filters = activations.shape
    columns = int(np.ceil(np.sqrt(filters)))
    rows = int(np.ceil(filters / columns))
    least, bright = activations.min(), np.percentile(activations, BRIGHT_PERCENTILE)
    scaled = ((activations - least) * (255 / max(bright - least, TINY))).clip(0, 255)
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), BORDER, np.uint8)
    for index in range(filters):
        top, left = (index // columns) * (height + 1), (index % columns) * (width + 1)
        sheet[top : top + height, left : left + width] = scaled[..., index].round()
    return sheet
