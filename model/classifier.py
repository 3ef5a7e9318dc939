"""The trained network: loaded once, kept warm, and asked about pictures."""

import functools
import os
import pathlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from model import litert
from model.frame import make_frame
from model.ink import Ink, find_ink
from model.picture import Picture, load_grey
from model.probabilities import Network, NetworkError

SHIPPED = pathlib.Path(__file__).parent / "trained" / "digits.keras"
BLANK, NOT_A_DIGIT = "blank", "not a digit"


@dataclass(frozen=True, eq=False)
class Prediction:
    """The answer to one picture.

    ``digit`` is 0..9, or None with the ``reason`` why there is none: "blank" where no ink was found, "not a
    digit" where what was found is more likely something else.
    ``probabilities``, float32 (10,), sum to 1: which digit it is, should it be one; all are equal where it is blank.
    ``frame``, float32 (28, 28) in 0..1, white ink on black, is what the network saw; None if it saw nothing.
    ``ink`` is what was found in the picture, and where; None if nothing was.
    """

    digit: int | None
    probabilities: np.ndarray = field(repr=False)
    frame: np.ndarray | None = field(repr=False)
    reason: str | None = None
    ink: Ink | None = field(default=None, repr=False)

    def top(self, count: int = 3) -> list[tuple[int, float]]:
        """The likeliest digits, each with its probability, likeliest first."""
        likeliest = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(int(digit), float(self.probabilities[digit])) for digit in likeliest]


class Classifier:
    """Asks a network about pictures; may be called from several threads.

    ``network`` maps frames to the probability of each digit, and of there being none.
    """

    def __init__(self, network: Network):
        self.network = network

    def predict(self, picture: Picture) -> Prediction:
        """Read the digit in one picture: a path, bytes, PIL image, or array (H, W), (H, W, 3) or (H, W, 4).

        Raises PictureError for what is not a readable picture.
        """
        return self.predict_many([picture])[0]

    def predict_many(self, pictures: Iterable[Picture]) -> list[Prediction]:
        """Read the digits in several pictures, in one batch through the network.

        Raises PictureError at the first that is not a readable picture.
        """
        inks = [find_ink(load_grey(picture)) for picture in pictures]
        frames = [make_frame(ink.strength) for ink in inks if ink]
        answers = zip(*self.network(np.stack(frames)), frames, strict=True) if frames else iter(())
        return [_answer(*next(answers), ink) if ink else _blank() for ink in inks]


def _blank() -> Prediction:
    return Prediction(None, np.full(10, 0.1, np.float32), None, BLANK)


def _answer(probabilities: np.ndarray, not_digit: float, frame: np.ndarray, ink: Ink) -> Prediction:
    if not_digit > 0.5:
        return Prediction(None, probabilities, frame, NOT_A_DIGIT, ink)
    return Prediction(int(probabilities.argmax()), probabilities, frame, None, ink)


def load_classifier(path: str | os.PathLike = SHIPPED) -> Classifier:
    """The classifier of the shipped network, or of another saved one, .keras, .h5 or .tflite; each file is loaded once
    and then shared. The shipped one is taken in LiteRT's form.

    Raises NetworkError for a file that is missing or does not hold a network from frames to ten digits.
    """
    path = pathlib.Path(path).absolute()  # links are not followed: what the Hub's lead to has no ending
    with _loading:
        return _load(path, path.stat().st_mtime_ns if path.is_file() else None)


_loading = threading.Lock()


@functools.cache
def _load(path: pathlib.Path, modified: int | None) -> Classifier:
    converted = SHIPPED.with_suffix(".tflite")
    if path.resolve() == SHIPPED.resolve() and converted.is_file():
        path = converted
    if path.suffix == ".tflite":
        return Classifier(litert.load_converted(path))
    try:
        # Imported only now: TensorFlow takes seconds, and most of the memory.
        from model.network import load_network
    except ImportError as error:
        raise NetworkError(f"{path.name} needs Keras and TensorFlow, and they are not installed.") from error
    return Classifier(load_network(path)[0])
