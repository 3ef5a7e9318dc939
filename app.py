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

import model
from model.classifier import SHIPPED
from pad import TEXTS, Answer, Heading, Pad, Photo

MAX_DRAWING = 400_000  # characters of a drawing's data URL; a real one has about 5,000
MAX_FILE = "30mb"
WORDS = gr.I18n(**TEXTS)


def answer_to(prediction: model.Prediction) -> dict:
    """A prediction as the page shows it: digit, reason, probabilities, and the frame as a data URL."""
    return {
        "digit": prediction.digit,
        "reason": prediction.reason,
        "probabilities": prediction.probabilities.tolist(),
        "frame": None if prediction.frame is None else _data_url(prediction.frame),
    }


def _data_url(frame) -> str:
    _, png = cv2.imencode(".png", (frame * 255).round().astype("uint8"))
    return "data:image/png;base64," + base64.b64encode(png).decode()


def drawing_reader(classifier: model.Classifier) -> Callable[[str], dict]:
    """The function that the pad's script calls, with a PNG as a data URL, and that returns what the page is to show."""

    def read(drawing: str) -> dict:
        # What is raised here would reach the script as undefined, and the log as a traceback.
        if not isinstance(drawing, str) or len(drawing) > MAX_DRAWING:
            return {"error": "This drawing cannot be read."}
        try:
            return answer_to(classifier.predict(base64.b64decode(drawing.partition(",")[2], validate=True)))
        except ValueError:  # no base64, or no picture
            return {"error": "This drawing cannot be read."}

    return read


def build_page(classifier: model.Classifier) -> gr.Blocks:
    """The page, with every answer given by this classifier."""

    def read_photo(path: str | None) -> dict | None:
        if path is None:
            return None
        try:
            return answer_to(classifier.predict(path))
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
                answer = Answer()
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
