"""The web page: draw a digit, or give a photo of one, and see at once what it is."""

import argparse
import datetime
import importlib
import os
import pathlib
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from huggingface_hub import CommitScheduler
from starlette.middleware import Middleware

import model
from model.classifier import SHIPPED
from model.feedback import Feedback, FeedbackError
from pad import TEXTS, Answer, Heading, Pad, Photo
from pad.answers import Answers
from pad.preview import LinkPreview, preview_route
from pad.routes import routes

MAX_FILE = "30mb"
WORDS = gr.I18n(**TEXTS)
HERE = pathlib.Path(__file__).parent
SHADOWED = HERE / "examples" / "shadow.jpg"


def build_page(answers: Answers) -> gr.Blocks:
    """The page of a photo's answers, and of a drawing's, which come by the routes of pad.routes."""

    def read_photo(path: str | None) -> dict | None:
        try:
            return None if path is None else answers.read_photo(path)
        except model.PictureError as error:
            return {"error": str(error), "code": error.code}

    def predict(image: str) -> dict:
        """Read the digit in a picture: hand-written on paper, or drawn, dark on light or light on dark.

        Args:
            image: the picture, as a file's URL or a data URL

        Returns:
            the digit (null where there is none, with "reason" saying why) and the probability of each from 0 to 9
        """
        if image is None:
            raise gr.Error("There is no image to read.", print_exception=False)
        try:
            prediction = answers.classifier.predict(image)
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
                    Pad()
                with gr.Tab(WORDS("photo")) as photo_tab:
                    photo = Photo(
                        label=WORDS("photo_label"),
                        sources=["upload", "clipboard", "webcam"],
                        webcam_options=gr.WebcamOptions(mirror=False),
                        buttons=[],
                        height=380,
                    )
                    example = gr.Button(WORDS("shadowed_photo"), icon=SHADOWED, size="sm")
            with gr.Column():
                answer = Answer()
        example.click(lambda: str(SHADOWED), None, photo, show_progress="hidden", api_visibility="private")
        photo.change(
            read_photo, photo, answer, show_progress="hidden", trigger_mode="always_last", api_visibility="private"
        )
        photo_tab.select(read_photo, photo, answer, show_progress="hidden", api_visibility="private")
        drawing_tab.select(None, js="() => { window.dispatchEvent(new Event('pad-shown')) }")
        if os.environ.get("SPACE_ID"):  # shown elsewhere, the button would do nothing
            gr.DuplicateButton(WORDS("duplicate"))
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
    # Pushes what is new in the folder every five minutes, with the token of HF_TOKEN or of `hf auth login`. Each start
    # has a folder of its own in the dataset: a Space that restarts begins with an empty disk, and its new table must
    # not replace the old one.
    started = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H%M%SZ")
    try:
        scheduler = CommitScheduler(
            repo_id=dataset, repo_type="dataset", folder_path=folder, path_in_repo=started, private=True
        )
    except Exception as error:  # no token, no such name, no network: each library below raises its own
        raise FeedbackError(f"Corrections cannot go to the dataset {dataset}: {error}") from error
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
        answers = Answers(model.load_classifier(options.network), feedback_kept())
    except (model.NetworkError, FeedbackError) as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    # Gradio imports this at the first event of all, at the cost of a second or two to the first visitor.
    threading.Thread(target=importlib.import_module, args=["matplotlib.pyplot"], daemon=True).start()
    words = TEXTS["en"]
    preview = Middleware(LinkPreview, title=words["title"], description=words["lead"])
    build_page(answers).launch(
        app_kwargs={"routes": [*routes(answers), preview_route()], "middleware": [preview]},
        allowed_paths=[str(SHADOWED.parent)],
        ssr_mode=False,  # the page has scripts of its own
        show_error=True,
        max_file_size=MAX_FILE,
        enable_monitoring=False,
        run_history=False,
        footer_links=["api"],
        i18n=WORDS,
        mcp_server=True,
        css_paths=HERE / "pad" / "page.css",
        theme=gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
