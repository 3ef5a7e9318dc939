"""The answers of the page's routes and events, ready for JSON; pictures in them are data URLs."""

import base64

import cv2
import numpy as np

import model
from model.explanation import occlusion, saliency_map
from model.feedback import Feedback
from model.preparation.frame import SIDE, from_uint8, to_uint8
from model.preparation.picture import load_grey, load_pixels, shrink
from pad.errors import RequestError

#: Longer side of a photo as the page shows it, in pixels.
SHOWN_SIDE = 640
#: Decimal places of the outline's coordinates, which are fractions of the picture's sides.
OUTLINE_DECIMALS = 4
PNG_START = b"\x89PNG"


class Answers:
    """Answers requests with one classifier, and stores corrections with ``feedback``."""

    def __init__(self, classifier: model.Classifier, feedback: Feedback):
        self.classifier = classifier
        self.feedback = feedback

    def read(self, picture: bytes) -> dict:
        """Predict the digits in a picture's file.

        Returns:
            Prediction.as_dict(), and the "frame", a PNG as a data URL, or None if the picture is blank.

        Raises:
            PictureError: the file cannot be read.
        """
        return _answer(self.classifier.predict(picture))

    def read_photo(self, path: str) -> dict:
        """Predict the digits in a photo's file.

        Returns:
            What ``read`` returns, and the "picture", upright and no larger than the page shows it, as a data URL; and
            the "outline" of its digits, a list of polygons of [x, y] in fractions of the picture's width and height.

        Raises:
            PictureError: the file cannot be read.
        """
        pixels = load_pixels(path)
        prediction = self.classifier.predict(pixels)
        outline = [polygon for digit in prediction.digits for polygon in digit.outline]
        return _answer(prediction) | {
            "picture": _data_url(shrink(pixels, SHOWN_SIDE), "jpeg"),
            "outline": [polygon.round(OUTLINE_DECIMALS).tolist() for polygon in outline],
        }

    def why(self, frame: str) -> dict:
        """Explain the most probable digit of a frame.

        Args:
            frame: a PNG as a data URL.

        Returns:
            The "digit", 0..9, and its saliency "map", a PNG as a data URL.

        Raises:
            RequestError, PictureError: it is not a frame.
        """
        pixels = from_uint8(_frame(_decode(frame)))
        digit = int(self.classifier.network(pixels[None])[0].argmax())
        attribution = occlusion(self.classifier.network, pixels, digit)
        return {"digit": digit, "map": _data_url(saliency_map(pixels, attribution))}

    def correct(self, correction: dict) -> dict:
        """Store a visitor's correction.

        Args:
            correction: "picture" and "frame", data URLs; "read", the answer given, 0..9 or None; and "digit", 0..9.

        Returns:
            "kept", the digit.

        Raises:
            RequestError, PictureError: the correction is invalid.
            FeedbackError: it cannot be stored.
        """
        try:
            picture, frame = _decode(correction["picture"]), _decode(correction["frame"])
            read, digit = correction["read"], correction["digit"]
        except (TypeError, KeyError):
            raise _invalid() from None
        if not (_is_digit(digit) and (read is None or _is_digit(read))):
            raise _invalid()
        load_grey(picture)
        suffix = ".png" if picture.startswith(PNG_START) else ".jpg"
        self.feedback.keep(picture, suffix, _frame(frame), read, digit)
        return {"kept": digit}


def _answer(prediction: model.Prediction) -> dict:
    frame = None if prediction.frame is None else _data_url(to_uint8(prediction.frame))
    return prediction.as_dict() | {"frame": frame}


def _data_url(pixels: np.ndarray, kind: str = "png") -> str:
    """Encode pixels, uint8 (H, W) or (H, W, 3), as a data URL."""
    channels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    return f"data:image/{kind};base64,{base64.b64encode(cv2.imencode(f'.{kind}', channels)[1]).decode()}"


def _decode(url: str) -> bytes:
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except (AttributeError, ValueError):  # not a string, or not base64
        raise _invalid() from None


def _is_digit(value: object) -> bool:
    return type(value) is int and 0 <= value <= 9  # True and 1.0 equal 1, but are stored differently


def _frame(encoded: bytes) -> np.ndarray:
    """Return the frame, uint8 (28, 28), in a picture's file."""
    frame = load_grey(encoded)
    if frame.shape != (SIDE, SIDE):
        raise _invalid()
    return frame


def _invalid() -> RequestError:
    return RequestError("The request is not in the form that the page sends.")
