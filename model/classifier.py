"""The trained network: loaded once, kept warm, and asked about pictures."""

import functools
import os
import pathlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from model.frame import make_frame
from model.ink import find_ink
from model.picture import Picture, load_grey

SHIPPED = pathlib.Path(__file__).parent / "trained" / "digits.keras"
BLANK = "blank"


class NetworkError(Exception):
    """A network file cannot be used; the message is one sentence that says why."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """The answer to one picture.

    ``digit`` is 0..9, or None with the ``reason`` why there is none: "blank" where no ink was found.
    ``probabilities``, float32 (10,), sum to 1; all are equal where there was nothing to judge.
    ``frame``, float32 (28, 28) in 0..1, white ink on black, is what the network saw; None if it saw nothing.
    """

    digit: int | None
    probabilities: np.ndarray = field(repr=False)
    frame: np.ndarray | None = field(repr=False)
    reason: str | None = None

    def top(self, count: int = 3) -> list[tuple[int, float]]:
        """The likeliest digits, each with its probability, likeliest first."""
        likeliest = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(int(digit), float(self.probabilities[digit])) for digit in likeliest]


class Classifier:
    """Asks a network about pictures; may be called from several threads.

    ``probabilities`` is the network itself: frames, float32 (n, 28, 28) in 0..1, to probabilities, float32 (n, 10).
    """

    def __init__(self, probabilities: Callable[[np.ndarray], np.ndarray]):
        self.probabilities = probabilities

    def predict(self, picture: Picture) -> Prediction:
        """Read the digit in one picture: a path, bytes, PIL image, or array (H, W), (H, W, 3) or (H, W, 4).

        Raises PictureError for what is not a readable picture.
        """
        return self.predict_many([picture])[0]

    def predict_many(self, pictures: Iterable[Picture]) -> list[Prediction]:
        """Read the digits in several pictures, in one batch through the network.

        Raises PictureError at the first that is not a readable picture.
        """
        frames = [_frame_of(picture) for picture in pictures]
        seen = [frame for frame in frames if frame is not None]
        answers = iter(self.probabilities(np.stack(seen)) if seen else ())
        return [_blank() if frame is None else _answer(next(answers), frame) for frame in frames]


def _frame_of(picture: Picture) -> np.ndarray | None:
    ink = find_ink(load_grey(picture))
    return None if ink is None else make_frame(ink.strength)


def _blank() -> Prediction:
    return Prediction(None, np.full(10, 0.1, np.float32), None, BLANK)


def _answer(probabilities: np.ndarray, frame: np.ndarray) -> Prediction:
    return Prediction(int(probabilities.argmax()), probabilities, frame)


def load_classifier(path: str | os.PathLike = SHIPPED) -> Classifier:
    """The classifier of the shipped network, or of another saved one; each file is loaded once and then shared.

    Raises NetworkError for a file that is missing or does not hold a network for 28×28 frames and ten digits.
    """
    return _load(pathlib.Path(path).resolve())


@functools.cache
def _load(path: pathlib.Path) -> Classifier:
    # Imported only now: Keras takes seconds, for which a mistyped argument or a blank page need not wait.
    from model.quiet_keras import keras

    if not path.is_file():
        raise NetworkError(f"There is no network file {path.name}; python train.py makes one.")
    try:
        network = keras.saving.load_model(path, compile=False)
    except Exception as error:  # a damaged file makes Keras, zip and HDF5 raise nearly anything
        raise NetworkError(f"{path.name} is not a network that Keras can load, or it is damaged.") from error
    if network.input_shape != (None, 28, 28, 1) or network.output_shape != (None, 10):
        raise NetworkError(f"{path.name} is not a network from frames of 28×28 to ten digits.")
    return Classifier(_traced(network))


def _traced(network) -> Callable[[np.ndarray], np.ndarray]:
    """The network as one TensorFlow graph for any number of frames: 1 ms a call, where Keras's predict takes 70."""
    import tensorflow  # by now Keras has loaded it

    @tensorflow.function(input_signature=[tensorflow.TensorSpec((None, 28, 28), tensorflow.float32)])
    def graph(frames):
        return network(frames[..., None], training=False)

    def probabilities(frames: np.ndarray) -> np.ndarray:
        return graph(frames).numpy()

    probabilities(
        np.zeros((1, 28, 28), np.float32)
    )  # the first call traces and allocates: not at the first visitor's cost
    return probabilities
