"""The answers of the page's routes and events, ready for JSON; pictures in them are data URLs."""

import base64
import functools
import pathlib
from collections.abc import Callable, Sequence

import cv2
import numpy as np

import model
from model.activations import Activations, load_activations, tiles
from model.classifier import SHIPPED
from model.explanation import occlusion, saliency_map
from model.feedback import Feedback
from model.preparation.digits import Character
from model.preparation.frame import SIDE, from_uint8, to_uint8
from model.preparation.ink import Box
from model.preparation.picture import load_grey, load_pixels, shrink
from pad.decoding import is_small
from pad.errors import NoCharacterError, RequestError

#: Longer side of a photo as the page shows it and as it is stored with a correction, in pixels.
SHOWN_SIDE = 640
#: Decimal places of probabilities, and of the outline's coordinates, which are fractions of the picture's sides.
PROBABILITY_DECIMALS, OUTLINE_DECIMALS = 6, 4
#: Pixels of a frame that are brighter than this, in 0..1, are ink rather than its blurred edge.
INKED = 0.5
#: The conversions of three and four channels to the order that OpenCV's encoders take.
TO_BGR = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
#: How much of the area of two boxes must be common to both, 0..1, for them to be those of the same character.
SAME_BOX = 0.5


class Answers:
    """Answers requests with one classifier, and stores corrections with ``feedback``.

    ``network`` is the classifier's file, of which ``inside`` shows the convolutions, and ``decode`` what decodes
    pictures as ``load_pixels`` does.
    """

    def __init__(
        self,
        classifier: model.Classifier,
        feedback: Feedback,
        network: pathlib.Path = SHIPPED,
        decode: Callable[[bytes], np.ndarray] = load_pixels,
    ):
        self.classifier = classifier
        self.feedback = feedback
        self.network = network
        self.decode = decode

    def predict(self, picture: bytes) -> model.Prediction:
        """Predict the digits in a picture's file.

        Raises:
            PictureError: the file cannot be read.
        """
        return self.classifier.predict(self.decode(picture))

    def read(self, picture: bytes) -> dict:
        """Predict the digits in a picture's file.

        Returns:
            Prediction.as_dict(), and the "frame", a PNG as a data URL, or None if the picture is blank. Each of the
            "digits" and the "rejected" marks has its "probabilities", its "frame", and its "outline", too: a list of
            polygons of [x, y] in fractions of the picture's width and height.

        Raises:
            PictureError: the file cannot be read.
        """
        return _answer(self.predict(picture))

    def preview(self, picture: bytes) -> dict:
        """Predict the digits in a picture's file that the browser cannot show.

        Returns:
            What ``read`` returns, and the "picture", upright and no larger than the page shows it, as a data URL.

        Raises:
            PictureError: the file cannot be read.
        """
        pixels = self.decode(picture)
        return _answer(self.classifier.predict(pixels)) | {"picture": _data_url(shrink(pixels, SHOWN_SIDE), "jpeg")}

    def why(self, frame: str) -> dict:
        """Explain the most probable digit of a frame.

        Args:
            frame: a PNG as a data URL.

        Returns:
            The "digit", 0..9; its saliency "map", a PNG as a data URL, transparent where there is no ink; and the
            "ink", left, top, right and bottom of the ink in pixels of the frame.

        Raises:
            RequestError, PictureError: it is not a frame.
        """
        pixels = from_uint8(_frame(_decode(frame)))
        digit = int(self.classifier.network(pixels[None])[0].argmax())
        colours = saliency_map(np.ones_like(pixels), occlusion(self.classifier.network, pixels, digit))
        left, top, width, height = cv2.boundingRect((pixels > INKED).astype(np.uint8))
        return {
            "digit": digit,
            "map": _data_url(np.dstack([colours, to_uint8(pixels)])),
            "ink": [left, top, left + width, top + height],
        }

    def inside(self, frame: str) -> dict:
        """Show what each convolution of the network makes of a frame.

        Args:
            frame: a PNG as a data URL.

        Returns:
            The "layers", from the first to the last: of each the number of its "filters", the "side" of what they make
            of the frame, in pixels, and that as "tiles", a PNG as a data URL.

        Raises:
            RequestError, PictureError: it is not a frame.
            NetworkError: the network cannot be looked into.
        """
        pixels = from_uint8(_frame(_decode(frame)))
        layers = self._activations(pixels)
        return {
            "layers": [
                {"filters": layer.shape[2], "side": layer.shape[0], "tiles": _data_url(tiles(layer))}
                for layer in layers
            ]
        }

    @functools.cached_property
    def _activations(self) -> Activations:
        return load_activations(self.network)

    def correct(self, correction: dict) -> dict:
        """Store a visitor's correction.

        Args:
            correction: "picture", a data URL; "box", that of the character, as in the answer about the picture, which
                may be left out if there is only one; "read", the answer given, 0..9 or None; and "digit", the right
                one, 0..9, or None if it is not a digit.

        What is stored is made of the decoded picture: the picture itself, and the frame of the character in that box.

        Returns:
            Its "name", with which it can be withdrawn.

        Raises:
            RequestError, PictureError: the correction is invalid.
            NoCharacterError: there is no character in that box.
            FeedbackError: it cannot be stored.
        """
        try:
            picture, box = _decode(correction["picture"]), correction.get("box")
            read, digit = correction["read"], correction["digit"]
        except (TypeError, KeyError):
            raise _invalid() from None
        if not (all(value is None or _is_digit(value) for value in (digit, read)) and (box is None or _is_box(box))):
            raise _invalid()
        pixels = shrink(self.decode(picture), SHOWN_SIDE)
        frame = _data_url(to_uint8(_character(self.classifier.predict(pixels), box).frame))
        kind = "png" if pixels.ndim == 2 else "jpeg"
        return {"name": self.feedback.keep(_data_url(pixels, kind), frame, read, digit)}

    def withdraw(self, name: str) -> dict:
        """Delete a visitor's correction.

        Args:
            name: what ``correct`` returned; only the visitor knows it.

        Returns:
            "withdrawn", its name.

        Raises:
            RequestError: there is no such correction.
            FeedbackError: it cannot be deleted.
        """
        if not (isinstance(name, str) and self.feedback.withdraw(name)):
            raise RequestError("There is no such correction.")
        return {"withdrawn": name}


def _answer(prediction: model.Prediction) -> dict:
    answer = prediction.as_dict()
    shown = [*answer["digits"], *answer["rejected"]]
    for mark, character in zip(shown, [*prediction.digits, *prediction.rejected], strict=True):
        mark["probabilities"] = character.probabilities.round(PROBABILITY_DECIMALS).tolist()
        mark["frame"] = _data_url(to_uint8(character.frame))
        mark["outline"] = [polygon.round(OUTLINE_DECIMALS).tolist() for polygon in character.outline]
    return answer | {"frame": None if prediction.frame is None else _data_url(to_uint8(prediction.frame))}


def _data_url(pixels: np.ndarray, kind: str = "png") -> str:
    """Encode pixels, uint8 (H, W), (H, W, 3) or (H, W, 4), as a data URL."""
    channels = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, TO_BGR[pixels.shape[2]])
    return f"data:image/{kind};base64,{base64.b64encode(cv2.imencode(f'.{kind}', channels)[1]).decode()}"


def _decode(url: str) -> bytes:
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except (AttributeError, ValueError):  # not a string, or not base64
        raise _invalid() from None


def _is_digit(value: object) -> bool:
    return type(value) is int and 0 <= value <= 9  # True and 1.0 equal 1, but are stored differently


def _is_box(value: object) -> bool:
    if not (isinstance(value, list) and len(value) == 4 and all(type(each) in (int, float) for each in value)):
        return False
    left, top, right, bottom = value
    return 0 <= left < right <= 1 and 0 <= top < bottom <= 1


def _character(prediction: model.Prediction, box: list[float] | None) -> Character:
    """Return the character in a box, or the only one if there is no box."""
    characters = [*prediction.digits, *prediction.rejected]
    if box is not None:
        characters = [each for each in characters if _overlap(each.box, box) > SAME_BOX]
    if len(characters) != 1:
        raise NoCharacterError
    return characters[0]


def _overlap(box: Box, other: Sequence[float]) -> float:
    """Return the intersection of two boxes over their union, 0..1."""
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in (box, other)]
    left, top, right, bottom = *map(max, box[:2], other[:2]), *map(min, box[2:], other[2:])
    common = max(0, right - left) * max(0, bottom - top)
    return common / (sum(areas) - common)


def _frame(encoded: bytes) -> np.ndarray:
    """Return the frame, uint8 (28, 28), in a picture's file."""
    if not is_small(encoded):
        raise _invalid()
    frame = load_grey(encoded)
    if frame.shape != (SIDE, SIDE):
        raise _invalid()
    return frame


def _invalid() -> RequestError:
    return RequestError("The request is not in the form that the page sends.")
