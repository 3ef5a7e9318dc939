"""What the page asks of the classifier, as dictionaries ready for JSON, with pictures as data URLs."""

import base64

import cv2
import numpy as np

import model
from model.explanation import heat_map, occlusion
from model.feedback import Feedback
from model.picture import load_grey, load_pixels, shrunk

SHOWN_SIDE = 640  # pixels of a photo as it is shown with the ink outlined


class Answers:
    """Answers by one classifier; corrections go to ``feedback``.

    What cannot be read raises PictureError, and what cannot be kept FeedbackError.
    """

    def __init__(self, classifier: model.Classifier, feedback: Feedback):
        self.classifier = classifier
        self.feedback = feedback

    def read(self, picture: bytes) -> dict:
        """Read a picture's file: "digit" or None, "reason", "probabilities", and "frame" or None."""
        return _answer(self.classifier.predict(picture))

    def read_photo(self, path: str) -> dict:
        """Read a picture's file: as ``read`` does, and the "picture", and the "outline" of its ink: polygons of x, y in
        shares of the picture."""
        pixels = load_pixels(path)
        prediction = self.classifier.predict(pixels)
        outline = prediction.ink.outline() if prediction.ink else []
        return _answer(prediction) | {
            "picture": _data_url(shrunk(pixels, SHOWN_SIDE), "jpeg"),
            "outline": [polygon.round(4).tolist() for polygon in outline],
        }

    def why(self, frame: str) -> dict:
        """Explain the likeliest "digit" of a frame, a PNG as a data URL, by a "map" of which ink spoke for it."""
        seen = _frame(_decoded(frame)) / np.float32(255)
        digit = int(self.classifier.network(seen[None])[0].argmax())
        return {"digit": digit, "map": _data_url(heat_map(seen, occlusion(self.classifier.network, seen, digit)))}

    def correct(self, correction: dict) -> dict:
        """Keep a visitor's correction: "picture" and "frame" as data URLs, what was "read", and the right "digit"."""
        try:
            picture, frame = _decoded(correction["picture"]), _decoded(correction["frame"])
            read, digit = correction["read"], correction["digit"]
        except (TypeError, KeyError):
            raise _unreadable() from None
        if not (_is_digit(digit) and (read is None or _is_digit(read))):
            raise _unreadable()
        load_grey(picture)
        suffix = ".png" if picture.startswith(b"\x89PNG") else ".jpg"
        self.feedback.keep(picture, suffix, _frame(frame), read, digit)
        return {"kept": digit}


def _answer(prediction: model.Prediction) -> dict:
    return {
        "digit": prediction.digit,
        "reason": prediction.reason,
        "probabilities": prediction.probabilities.tolist(),
        "frame": None if prediction.frame is None else _data_url((prediction.frame * 255).round().astype(np.uint8)),
    }


def _data_url(pixels: np.ndarray, kind: str = "png") -> str:
    """Pixels, uint8 (H, W) or (H, W, 3), as a data URL."""
    channels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    return f"data:image/{kind};base64,{base64.b64encode(cv2.imencode(f'.{kind}', channels)[1]).decode()}"


def _decoded(url: str) -> bytes:
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except (AttributeError, ValueError):  # no string, or no base64
        raise _unreadable() from None


def _is_digit(value: object) -> bool:
    return type(value) is int and 0 <= value <= 9  # True and 1.0 are equal to 1, but are written otherwise


def _frame(encoded: bytes) -> np.ndarray:
    """The frame, uint8 (28, 28), that a picture's file holds."""
    frame = load_grey(encoded)
    if frame.shape != (28, 28):
        raise _unreadable()
    return frame


def _unreadable() -> model.PictureError:
    return model.PictureError("unreadable", "This is not what the page sends.")
