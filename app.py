"""The web page: draw a digit, or give a photo of one, and see at once what it is."""

import argparse
import base64
import importlib
import os
import sys
import threading
from collections.abc import Callable

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import cv2
import gradio as gr
import numpy as np

import model
from model.classifier import SHIPPED
from model.display import heat_map
from model.explanation import occlusion
from model.picture import load_grey, load_pixels
from pad import TEXTS, Answer, Heading, Pad, Photo

MAX_DRAWING = 400_000  # characters of a drawing's data URL; a real one has about 5,000
MAX_FILE = "30mb"
SHOWN_SIDE = 640  # pixels of a photo as it is shown with the ink outlined
WORDS = gr.I18n(**TEXTS)


def answer_to(prediction: model.Prediction) -> dict:
    """A prediction as the page shows it: digit, reason, probabilities, and the frame as a data URL."""
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
    """What a data URL from the page holds; raises ValueError for anything else, and for more than a drawing is."""
    if not isinstance(url, str) or len(url) > MAX_DRAWING:
        raise ValueError("not a data URL of a drawing")
    return base64.b64decode(url.partition(",")[2], validate=True)


def answer_to_photo(classifier: model.Classifier, path: str) -> dict:
    """The answer as for a drawing, with the picture as a data URL, and the outline of its ink: polygons of x, y in
    shares of the picture. Raises PictureError."""
    pixels = load_pixels(path)
    prediction = classifier.predict(pixels)
    shown_by = min(1, SHOWN_SIDE / max(pixels.shape))
    shown = cv2.resize(pixels, None, fx=shown_by, fy=shown_by, interpolation=cv2.INTER_AREA)
    outline = prediction.ink.outline() if prediction.ink else []
    return answer_to(prediction) | {
        "picture": _data_url(shown, "jpeg"),
        "outline": [polygon.round(4).tolist() for polygon in outline],
    }


def drawing_reader(classifier: model.Classifier) -> Callable[[str], dict]:
    """The function that the pad's script calls, with a PNG as a data URL, and that returns what the page is to show."""

    def read(drawing: str) -> dict:
        # What is raised here would reach the script as undefined, and the log as a traceback.
        try:
            return answer_to(classifier.predict(_decoded(drawing)))
        except ValueError:  # no base64, or no picture
            return {"error": "This drawing cannot be read."}

    return read


def explainer(classifier: model.Classifier) -> Callable[[str], dict]:
    """The function that the answer's script calls, with a frame as a data URL, for the heat map of why it was read."""

    def why(frame: str) -> dict:
        try:
            seen = load_grey(_decoded(frame))
        except ValueError:
            return {"error": "This frame cannot be read."}
        if seen.shape != (28, 28):
            return {"error": "This frame is not 28×28."}
        seen = seen / np.float32(255)
        digit = int(classifier.network(seen[None])[0].argmax())
        return {"digit": digit, "map": _data_url(heat_map(seen, occlusion(classifier.network, seen, digit)))}

    return why


def build_page(classifier: model.Classifier) -> gr.Blocks:
    """The page, with every answer given by this classifier."""

    def read_photo(path: str | None) -> dict | None:
        if path is None:
            return None
        try:
            return answer_to_photo(classifier, path)
        except model.PictureError as error:
            return {"error": str(error)}

    def predict(image: str) -> dict:
        """Read the digit in an image file: the digit or null, ten probabilities, and the reason where it is null."""
        if image is None:
            raise gr.Error("There is no image to read.", print_exception=False)
        try:
            prediction = classifier.predict(image)
        except model.PictureError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return {
            "digit": prediction.digit,
            "probabilities": prediction.probabilities.tolist(),
            "reason": prediction.reason,
        }

    with gr.Blocks(title=TEXTS["en"]["title"], analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        Heading()
        with gr.Row(equal_height=False):
            with gr.Column():
                with gr.Tab(WORDS("draw")) as drawing_tab:
                    Pad(drawing_reader(classifier))
                with gr.Tab(WORDS("photo")) as photo_tab:
                    photo = Photo(
                        label=WORDS("photo_label"),
                        sources=["upload", "clipboard", "webcam"],
                        webcam_options=gr.WebcamOptions(mirror=False),
                        buttons=[],
                        height=380,
                    )
            with gr.Column():
                answer = Answer(explainer(classifier))
        photo.change(
            read_photo, photo, answer, show_progress="hidden", trigger_mode="always_last", api_visibility="private"
        )
        photo_tab.select(read_photo, photo, answer, show_progress="hidden", api_visibility="private")
        drawing_tab.select(None, js="() => { window.dispatchEvent(new Event('pad-shown')) }")
        with gr.Row(visible=False):
            image = Photo(label="image")
            result = gr.JSON(label="digit and probabilities")
            gr.Button().click(predict, image, result, api_name="predict")
    return page


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--network",
        default=os.environ.get("DIGITS_NETWORK", SHIPPED),
        metavar="FILE",
        help="a saved network, .keras or .h5 (default: the shipped one, or what DIGITS_NETWORK says)",
    )
    options = parser.parse_args()
    try:
        classifier = model.load_classifier(options.network)
    except model.NetworkError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    # Gradio imports this at the first event of all, at the cost of a second or two to the first visitor.
    threading.Thread(target=importlib.import_module, args=["matplotlib.pyplot"], daemon=True).start()
    build_page(classifier).launch(
        show_error=True,
        max_file_size=MAX_FILE,
        enable_monitoring=False,
        run_history=False,
        footer_links=["api"],
        i18n=WORDS,
        theme=gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
