"""The web page: draw a digit, or give a photo of one, and see at once what it is."""

import argparse
import importlib
import os
import pathlib
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from huggingface_hub import CommitScheduler

import model
from model.classifier import SHIPPED
from model.feedback import Feedback
from pad import TEXTS, Answer, Heading, Pad, Photo
from pad.answers import Answers

MAX_FILE = "30mb"
WORDS = gr.I18n(**TEXTS)
EXAMPLES = pathlib.Path(__file__).parent / "examples"


def build_page(classifier: model.Classifier, feedback: Feedback) -> gr.Blocks:
    """The page, with every answer given by this classifier, and corrections kept by this feedback."""
    answers = Answers(classifier, feedback)

    def read_photo(path: str | None) -> dict | None:
        return None if path is None else answers.read_photo(path)

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
                    Pad(answers.read)
                with gr.Tab(WORDS("photo")) as photo_tab:
                    photo = Photo(
                        label=WORDS("photo_label"),
                        sources=["upload", "clipboard", "webcam"],
                        webcam_options=gr.WebcamOptions(mirror=False),
                        buttons=[],
                        height=380,
                    )
                    gr.Examples([str(EXAMPLES / "shadow.jpg")], photo, label=WORDS("examples"), cache_examples=False)
            with gr.Column():
                answer = Answer(answers.why, answers.correct)
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


def feedback_kept() -> Feedback:
    """Where corrections go: the folder feedback/, and from there, where the environment names one, to a dataset."""
    folder, dataset = pathlib.Path("feedback"), os.environ.get("FEEDBACK_DATASET")
    if not dataset:
        return Feedback(folder)
    # Pushes what is new in the folder every five minutes, with the token of HF_TOKEN or of `hf auth login`.
    scheduler = CommitScheduler(repo_id=dataset, repo_type="dataset", folder_path=folder, private=True)
    return Feedback(folder, scheduler.lock)


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
    build_page(classifier, feedback_kept()).launch(
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
