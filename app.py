"""The web page: draw a digit, or give a photo of one, and see at once what it is."""

import argparse
import contextlib
import datetime
import importlib
import logging
import os
import pathlib
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading

# What Gradio reads as it is imported. Its files go to a folder of our own, where nobody else's can be deleted.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_TEMP_DIR"] = f"{tempfile.gettempdir()}/digit-pad-{secrets.token_hex(8)}"

import gradio as gr
from huggingface_hub import CommitScheduler
from starlette.middleware import Middleware

import model
from model.classifier import SHIPPED
from model.feedback import Feedback, FeedbackError
from model.picture import MAX_BYTES
from pad import TEXTS, Answer, Heading, Pad, Photo
from pad.answers import Answers
from pad.guard import LOG, Guard
from pad.preview import LinkPreview, preview_route
from pad.routes import routes
from pad.uploads import delete_uploads

UPLOADS = pathlib.Path(os.environ["GRADIO_TEMP_DIR"])
WORDS = gr.I18n(**TEXTS, **{"zh-TW": TEXTS["zh-CN"]})
HERE = pathlib.Path(__file__).parent
SHADOWED = HERE / "examples" / "shadow.jpg"


def build_page(answers: Answers) -> gr.Blocks:
    """The page. Photos and the named API are answered by its events, drawings by pad.routes."""

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
            raise gr.Error("There is no image to read.", title="unreadable", print_exception=False)
        try:
            prediction = answers.classifier.predict(image)
        except model.PictureError as error:
            with contextlib.suppress(OSError):  # where it is none that can be deleted
                pathlib.Path(image).unlink()  # of no use; the others are deleted within the hour
            raise gr.Error(str(error), title=error.code, print_exception=False) from None
        return {
            "digit": prediction.digit,
            "probabilities": prediction.probabilities.tolist(),
            "reason": prediction.reason,
        }

    with gr.Blocks(title=TEXTS["en"]["title"], analytics_enabled=False) as page:
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
        photo.change(None, None, answer, js="() => null")  # at once, however slow the server
        reading = photo.change(
            read_photo, photo, answer, show_progress="hidden", trigger_mode="always_last", api_visibility="private"
        )
        reading_again = photo_tab.select(read_photo, photo, answer, show_progress="hidden", api_visibility="private")
        drawing_tab.select(
            None, js="() => { window.dispatchEvent(new Event('pad-shown')) }", cancels=[reading, reading_again]
        )
        if os.environ.get("SPACE_ID"):  # shown elsewhere, the button would do nothing
            gr.DuplicateButton(WORDS("duplicate"))
        with gr.Row(visible=False):
            image = Photo(label="image")
            result = gr.JSON(label="digit and probabilities")
            gr.Button().click(predict, image, result, api_name="predict")
    return page


def make_feedback() -> Feedback:
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


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="In brackets: environment variables that say the same."
    )
    parser.add_argument(
        "--host",
        metavar="NAME",
        default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"),
        help="address to listen on (GRADIO_SERVER_NAME; default: 127.0.0.1)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("GRADIO_SERVER_PORT"),
        help="port to listen on (GRADIO_SERVER_PORT; default: the first that is free from 7860 on)",
    )
    parser.add_argument(
        "--share", action="store_true", default=None, help="also serve at a public address for a week (GRADIO_SHARE)"
    )
    parser.add_argument(
        "--network",
        default=os.environ.get("DIGITS_NETWORK", SHIPPED),
        metavar="FILE",
        help="a saved network, .keras, .h5 or .tflite (DIGITS_NETWORK; default: the shipped one)",
    )
    parser.add_argument(
        "--log-level",
        type=_level,
        metavar="LEVEL",
        default=os.environ.get("DIGITS_LOG_LEVEL", "info"),
        help="what is logged: a line for each request with info (DIGITS_LOG_LEVEL; default: info)",
    )
    return parser.parse_args()


def _level(name: str) -> int:
    if name not in ("debug", "info", "warning", "error"):
        raise argparse.ArgumentTypeError(f"{name} is none of debug, info, warning, error")
    return getattr(logging, name.upper())


def main() -> int:
    options = parse_arguments()
    logging.basicConfig(format="%(message)s")
    LOG.setLevel(options.log_level)
    try:
        answers = Answers(model.load_classifier(options.network), make_feedback())
    except (model.NetworkError, FeedbackError) as error:
        return refuse(str(error))
    if os.environ.get("SPACE_ID"):  # where visitors come through a proxy, and are told apart by what it says of them
        os.environ.setdefault("FORWARDED_ALLOW_IPS", "*")
    UPLOADS.mkdir(mode=0o700)
    try:
        return serve(answers, options)
    finally:
        shutil.rmtree(UPLOADS, ignore_errors=True)


def serve(answers: Answers, options: argparse.Namespace) -> int:
    """Serve the page until a signal ends it; returns the exit status."""
    stopping = threading.Event()
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: stopping.set())
    words = TEXTS["en"]
    page = build_page(answers)
    try:
        check_address(options.host, options.port)
        page.launch(
            server_name=options.host,
            server_port=options.port,
            share=options.share,
            app_kwargs={
                "routes": [*routes(answers), preview_route()],
                "middleware": [
                    Middleware(Guard),
                    Middleware(LinkPreview, title=words["title"], description=words["lead"]),
                ],
            },
            prevent_thread_lock=True,
            show_error=True,
            max_file_size=MAX_BYTES,
            allowed_paths=[str(SHADOWED.parent)],
            enable_monitoring=False,
            run_history=False,
            ssr_mode=False,  # the page has scripts of its own
            footer_links=["api"],
            i18n=WORDS,
            mcp_server=True,
            css_paths=HERE / "pad" / "page.css",
            theme=gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        )
    except (OSError, OverflowError, UnicodeError) as error:
        ports = "from 7860 on" if options.port is None else options.port
        return refuse(f"The page cannot be served at {options.host}, port {ports}: {str(error).rstrip('.')}.")
    # Not before: matplotlib takes any warning that another thread gives meanwhile for its own, and logs it.
    threading.Thread(target=warm_up, daemon=True).start()
    threading.Thread(target=delete_uploads, args=(UPLOADS, stopping), daemon=True).start()
    # What is in flight is finished; pages that are open keep a connection for good, and are left.
    page.server.config.timeout_graceful_shutdown = 3
    while not stopping.wait(0.5):  # with an end, for on Windows a wait without one hears no Ctrl-C
        pass
    page.close(verbose=False)
    return 0


def check_address(host: str, port: int | None) -> None:
    """Raises what is wrong with it. Gradio would try a hundred ports with it for minutes, and blame the port."""
    family, kind, *_, address = socket.getaddrinfo(host.strip("[]"), port or 0, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
        probe.bind(address)


def refuse(sentence: str) -> int:
    print(f"app.py: {sentence}", file=sys.stderr)
    return 2


def warm_up() -> None:
    """Import what Gradio imports at the first event of all, at the cost of a second or two to the first visitor."""
    with contextlib.suppress(ImportError):
        importlib.import_module("matplotlib.pyplot")


if __name__ == "__main__":
    sys.exit(main())
