"""The classifier: from pictures to predictions, with a network that is loaded once and kept."""

import functools
import os
import pathlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from model.network import litert_network
from model.network.base import DIGITS, Network, NetworkError
from model.preparation.frame import make_frame
from model.preparation.ink import Ink, find_ink
from model.preparation.picture import Picture, load_grey

SHIPPED = pathlib.Path(__file__).parent / "trained" / "digits.keras"
#: The values of Prediction.reason.
BLANK, NOT_A_DIGIT = "blank", "not a digit"
#: A frame is rejected if it is more probably not a digit than this.
REJECTION_THRESHOLD = 0.5
#: Decimal places of probabilities in Prediction.as_dict().
DECIMALS = 6


@dataclass(frozen=True, eq=False)
class Prediction:
    """The answer for one picture.

    Attributes:
        digit: 0..9, or None if there is none, for the ``reason`` given.
        probabilities: float32 (10,), sums to 1: of each digit, given that the picture shows one; uniform if blank.
        frame: float32 (28, 28) in 0..1, white ink on black, the network's input; None if blank.
        reason: None, "blank" if no ink was found, or "not a digit" if the network rejected the frame.
        ink: the ink that was found and where it is in the picture; None if blank.
    """

    digit: int | None
    probabilities: np.ndarray = field(repr=False)
    frame: np.ndarray | None = field(repr=False)
    reason: str | None = None
    ink: Ink | None = field(default=None, repr=False)

    def top(self, count: int = 3) -> list[tuple[int, float]]:
        """Return the ``count`` most probable digits with their probabilities, in descending order."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(int(digit), float(self.probabilities[digit])) for digit in order]

    def as_dict(self) -> dict:
        """Return the answer, ready for JSON, in the form that every route, the page, the API and the CLI use.

        The keys are "digit", "reason" and "probabilities", a list of ten numbers.
        """
        return {
            "digit": self.digit,
            "reason": self.reason,
            "probabilities": [round(float(probability), DECIMALS) for probability in self.probabilities],
        }


class Classifier:
    """Predicts the digits in pictures with a network. Safe to call from several threads."""

    def __init__(self, network: Network):
        self.network = network

    def predict(self, picture: Picture) -> Prediction:
        """Predict the digit in one picture.

        Args:
            picture: a path, bytes, a PIL image, or an array (H, W), (H, W, 3) or (H, W, 4).

        Raises:
            PictureError: the picture cannot be read.
        """
        return self.predict_many([picture])[0]

    def predict_many(self, pictures: Iterable[Picture]) -> list[Prediction]:
        """Predict the digit in each picture, with one batch through the network.

        Raises:
            PictureError: one of the pictures cannot be read.
        """
        inks = [find_ink(load_grey(picture)) for picture in pictures]
        frames = [make_frame(ink.strength) for ink in inks if ink]
        answers = zip(*self.network(np.stack(frames)), frames, strict=True) if frames else iter(())
        return [_prediction(*next(answers), ink) if ink else _blank() for ink in inks]


def _blank() -> Prediction:
    return Prediction(None, np.full(DIGITS, 1 / DIGITS, np.float32), None, BLANK)


def _prediction(probabilities: np.ndarray, not_digit: float, frame: np.ndarray, ink: Ink) -> Prediction:
    if not_digit > REJECTION_THRESHOLD:
        return Prediction(None, probabilities, frame, NOT_A_DIGIT, ink)
    return Prediction(int(probabilities.argmax()), probabilities, frame, None, ink)


def load_classifier(path: str | os.PathLike = SHIPPED) -> Classifier:
    """Return the classifier of a saved network, .keras, .h5 or .tflite; by default the shipped one, run by LiteRT.

    Each file is loaded once; later calls return the same classifier.

    Raises:
        NetworkError: the file is missing or damaged, or the network does not map frames to digits.
    """
    path = pathlib.Path(path).absolute()  # not resolved: in the Hub's cache, links lead to names without a suffix
    with _loading:
        return _load(path, path.stat().st_mtime_ns if path.is_file() else None)


_loading = threading.Lock()


@functools.cache
def _load(path: pathlib.Path, modified: int | None) -> Classifier:
    converted = SHIPPED.with_suffix(".tflite")
    if path.resolve() == SHIPPED.resolve() and converted.is_file():
        path = converted
    if path.suffix == ".tflite":
        return Classifier(litert_network.load_network(path))
    try:
        # Here, because TensorFlow takes seconds and most of the memory, and the shipped network does not need it.
        from model.network.keras_network import load_network
    except ImportError as error:
        raise NetworkError(f"{path.name} needs Keras and TensorFlow, which are not installed.") from error
    return Classifier(load_network(path)[0])
