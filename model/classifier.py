"""The classifier: from pictures to predictions, with a network that is loaded once and kept."""

import functools
import itertools
import os
import pathlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from model.network import litert_network
from model.network.base import DIGITS, NetworkError
from model.preparation.digits import Character, Segmentation, segment, segment_frame
from model.preparation.frame import Network, as_frame
from model.preparation.ink import InkNetwork, find_ink
from model.preparation.picture import Picture, load_grey

SHIPPED = pathlib.Path(__file__).parent / "trained" / "digits.keras"
SHIPPED_INK = SHIPPED.with_name("ink.tflite")
#: The values of Prediction.reason.
BLANK, NOT_A_DIGIT, SEVERAL_DIGITS = "blank", "not a digit", "several digits"
#: Decimal places of numbers in Prediction.as_dict().
DECIMALS = 6


@dataclass(frozen=True, eq=False)
class Prediction:
    """The answer for one picture.

    Attributes:
        digits: the digits in reading order; ``digit``, ``probabilities``, ``frame``, ``line``, ``box`` and ``outline``
            of each are as in ``Character``.
        rejected: the marks that are not digits, the most digit-like first; ``digit`` is None.
        probabilities: float32 (10,), sums to 1: of the one digit, or of the mark that is most probably one, given that
            it is; uniform if blank.
        frame: float32 (28, 28) in 0..1, white ink on black, of the same; None if blank.
        reason: why there is no single digit: "blank", "not a digit" or "several digits"; None if there is one.
    """

    digits: list[Character]
    rejected: list[Character]
    probabilities: np.ndarray = field(repr=False)
    frame: np.ndarray | None = field(repr=False)
    reason: str | None = None

    @property
    def digit(self) -> int | None:
        """The digit, 0..9, if there is exactly one."""
        return self.digits[0].digit if len(self.digits) == 1 else None

    @property
    def number(self) -> str:
        """All digits in reading order, lines separated by line breaks."""
        lines = itertools.groupby(self.digits, key=lambda digit: digit.line)
        return "\n".join("".join(str(digit.digit) for digit in line) for _, line in lines)

    def top(self, count: int = 3) -> list[tuple[int, float]]:
        """Return the ``count`` most probable digits with their probabilities, in descending order."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(int(digit), float(self.probabilities[digit])) for digit in order]

    def as_dict(self) -> dict:
        """Return the answer, ready for JSON, in the form that every route, the page, the API and the CLI use.

        The keys are "number", "digit", "reason", "probabilities", a list of ten numbers, "digits": of each its
        "digit", "probability" and "box", left, top, right and bottom in fractions of the picture; and "rejected": of
        each mark that is not a digit its "box".
        """
        return {
            "number": self.number,
            "digit": self.digit,
            "reason": self.reason,
            "probabilities": _rounded(self.probabilities),
            "digits": [
                {
                    "digit": digit.digit,
                    "probability": round(float(digit.probabilities[digit.digit]), DECIMALS),
                    "box": _rounded(digit.box),
                }
                for digit in self.digits
            ],
            "rejected": [{"box": _rounded(mark.box)} for mark in self.rejected],
        }


class Classifier:
    """Predicts the digits in pictures with a network. Safe to call from several threads."""

    def __init__(self, network: Network, ink_network: InkNetwork | None = None):
        """Take a network, and the network that finds ink, by default the shipped one."""
        self.network = network
        self.ink_network = ink_network or litert_network.load_ink_network(SHIPPED_INK)

    def predict(self, picture: Picture) -> Prediction:
        """Predict the digits in one picture.

        Args:
            picture: a path, bytes, a file opened in binary mode, a PIL image, or an array (H, W), (H, W, 3) or
                (H, W, 4).

        Raises:
            PictureError: the picture cannot be read.
        """
        return _prediction(self._segment(load_grey(picture)).read(self.network))

    def predict_many(self, pictures: Iterable[Picture]) -> list[Prediction]:
        """Predict the digits in each picture.

        Raises:
            PictureError: one of the pictures cannot be read.
        """
        return [self.predict(picture) for picture in pictures]

    def _segment(self, grey: np.ndarray) -> Segmentation:
        frame = as_frame(grey)
        return segment(find_ink(grey, self.ink_network)) if frame is None else segment_frame(frame)


def _prediction(characters: list[Character]) -> Prediction:
    if not characters:
        return Prediction([], [], np.full(DIGITS, 1 / DIGITS, np.float32), None, BLANK)
    digits = [character for character in characters if character.digit is not None]
    rejected = [character for character in characters if character.digit is None]
    rejected.sort(key=lambda character: -character.probabilities.max())
    likeliest = max(digits, key=lambda character: character.probabilities.max()) if digits else rejected[0]
    reason = None if len(digits) == 1 else SEVERAL_DIGITS if digits else NOT_A_DIGIT
    return Prediction(digits, rejected, likeliest.probabilities, likeliest.frame, reason)


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(float(value), DECIMALS) for value in values]


def load_classifier(path: str | os.PathLike = SHIPPED) -> Classifier:
    """Return the classifier of a saved network, .keras, .h5 or .tflite; by default the shipped one, run by LiteRT.

    Each file is loaded once; later calls return the same classifier.

    Raises:
        NetworkError: the file is missing or damaged, or the network does not map frames to digits.
    """
    path = pathlib.Path(path).absolute()  # not resolved: in the Hub's cache, links lead to names without a suffix
    with _loading:
        return _load(path, path.stat().st_mtime_ns if path.is_file() else None)


def served_file(path: pathlib.Path) -> pathlib.Path:
    """Return the file that is loaded for a network's file: of the shipped network, its LiteRT form."""
    converted = SHIPPED.with_suffix(".tflite")
    return converted if path.resolve() == SHIPPED.resolve() and converted.is_file() else path


_loading = threading.Lock()


@functools.cache
def _load(path: pathlib.Path, modified: int | None) -> Classifier:
    path = served_file(path)
    if path.suffix == ".tflite":
        return Classifier(litert_network.load_network(path))
    try:
        # Here, because TensorFlow takes seconds and most of the memory, and the shipped network does not need it.
        from model.network.keras_network import load_network
    except ImportError as error:
        raise NetworkError(f"{path.name} needs Keras and TensorFlow, which are not installed.") from error
    return Classifier(load_network(path)[0])
