"""What the page's scripts ask the server, and its answers: dictionaries ready for JSON, pictures as data URLs.

Nothing is raised to the scripts, where it would arrive as undefined, and leave a traceback in the log: an answer that
could not be given is {"error": a sentence}.
"""

import base64

import cv2
import numpy as np

import model
from model.display import heat_map
from model.explanation import occlusion
from model.feedback import Feedback, FeedbackError
from model.picture import load_grey, load_pixels

MAX_URL = 1_500_000  # characters of a data URL; a drawing's has about 5,000, a photo's as it is shown about 100,000
SHOWN_SIDE = 640  # pixels of a photo as it is shown with the ink outlined


class Answers:
    """Answers by one classifier; corrections go to ``feedback``."""

    def __init__(self, classifier: model.Classifier, feedback: Feedback):
        self.classifier = classifier
        self.feedback = feedback

    def read(self, drawing: str) -> dict:
        """Read a drawing, a PNG as a data URL: "digit" or None, "reason", "probabilities", and "frame"."""
        try:
            return _answer(self.classifier.predict(_decoded(drawing)))
        except ValueError:  # no base64, or no picture
            return {"error": "This drawing cannot be read."}

    def read_photo(self, path: str) -> dict:
        """Read a picture's file: as a drawing, and the "picture", and the "outline" of its ink: polygons of x, y in
        shares of the picture."""
        try:
            pixels = load_pixels(path)
        except model.PictureError as error:
            return {"error": str(error)}
        prediction = self.classifier.predict(pixels)
        shown_by = min(1, SHOWN_SIDE / max(pixels.shape))
        shown = cv2.resize(pixels, None, fx=shown_by, fy=shown_by, interpolation=cv2.INTER_AREA)
        outline = prediction.ink.outline() if prediction.ink else []
        return _answer(prediction) | {
            "picture": _data_url(shown, "jpeg"),
            "outline": [polygon.round(4).tolist() for polygon in outline],
        }

    def why(self, frame: str) -> dict:
        """Explain the likeliest "digit" of a frame, a PNG as a data URL, by a "map" of which ink spoke for it."""
        try:
            seen = _frame(frame)
        except ValueError:
            return {"error": "This frame cannot be read."}
        digit = int(self.classifier.network(seen[None])[0].argmax())
        return {"digit": digit, "map": _data_url(heat_map(seen, occlusion(self.classifier.network, seen, digit)))}

    def correct(self, correction: dict) -> dict:
        """Keep a visitor's correction: "picture" and "frame" as data URLs, what was "read", and the right "digit"."""
        try:
            picture, frame = _decoded(correction["picture"]), _frame(correction["frame"])
            load_grey(picture)
            read, digit = correction["read"], correction["digit"]
            if digit not in range(10) or read not in (None, *range(10)):
                raise ValueError("not digits")
        except (TypeError, KeyError, ValueError):
            return {"error": "This correction cannot be read."}
        suffix = ".png" if picture.startswith(b"\x89PNG") else ".jpg"
        try:
            self.feedback.keep(picture, suffix, (frame * 255).round().astype(np.uint8), read, digit)
        except FeedbackError as error:
            return {"error": str(error)}
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
    """What a data URL holds; raises ValueError for anything else, and for more than the page ever sends."""
    if not isinstance(url, str) or len(url) > MAX_URL:
        raise ValueError("not a data URL, or too long a one")
    return base64.b64decode(url.partition(",")[2], validate=True)


def _frame(url: str) -> np.ndarray:
    """The frame, float32 (28, 28) in 0..1, that a data URL holds; raises ValueError for anything else."""
    frame = load_grey(_decoded(url))
    if frame.shape != (28, 28):
        raise ValueError("a frame is 28×28")
    return frame / np.float32(255)
