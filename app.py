"""Serve the web page: draw a digit or a number, or upload a photo of one, and see at once what it is."""

import argparse
import contextlib
import ctypes
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
import time
from collections.abc import Callable

# Gradio reads these as it is imported. Its files go to a folder of this process alone, which is deleted on exit.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_TEMP_DIR"] = f"{tempfile.gettempdir()}/digit-pad-{secrets.token_hex(8)}"

import gradio as gr
import httpx2
from gradio.route_utils import CustomCORSMiddleware
from huggingface_hub import CommitScheduler
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

import model
from model.classifier import SHIPPED
from model.errors import DigitPadError
from model.feedback import SUFFIX, Feedback, FeedbackError
from model.preparation.picture import MAX_BYTES, PictureError
from pad import MESSAGES, WEB, DigitPad, Photo, web_route
from pad.allowed import AllowedRoutes
from pad.answers import Answers
from pad.connections import limit_connections
from pad.decoding import Decoder
from pad.document import Document
from pad.errors import RequestError, gradio_error, method_not_allowed, request_error
from pad.event_queue import LimitedQueue
from pad.gradio_errors import GradioErrors
from pad.limits import RequestLimits, SecurityHeaders
from pad.log import RequestLog, configure_log
from pad.metrics import Metrics
from pad.origin import SameOrigin
from pad.proxies import TrustedProxies
from pad.routes import JSON_PATHS, KNOWN_PICTURE, MAX_JSON, routes
from pad.settings import PREFIX, Settings, SettingsError, load_settings
from pad.shutdown import Shutdown, ShutdownMiddleware
from pad.uploads import UploadRoom, delete_uploads

UPLOADS = pathlib.Path(os.environ["GRADIO_TEMP_DIR"])
PROGRAM = "app.py" if __name__ == "__main__" else "digit-pad"
#: Seconds after the drain: for requests in flight, which then are answered with 503; until uvicorn gives up the
#: connections that are open nevertheless; until the process ends, whatever its threads do.
SHUTDOWN_TIMEOUT, CLOSING_TIMEOUT, EXIT_TIMEOUT = 3, 4, 5
MIN_COMPRESSED = 2000  # bytes: the pad's answers are sent as they are
#: The parameter of glibc's mallopt, and its value in bytes: more than any array that is needed for an answer.
M_MMAP_THRESHOLD, LARGE_BLOCK = -3, 8_000_000
SIGNAL_INTERVAL = 0.5  # seconds between two checks for a signal
#: A server that listens on one of these is for this machine's browsers only, and has no other name.
LOOPBACK, LOCALHOST = {"127.0.0.1", "::1", "[::1]", "localhost"}, "localhost"


def build_page(answers: Answers, settings: Settings) -> gr.Blocks:
    """Build the page: the visible component, which pad.routes answers, and the named API."""

    def predict(image: bytes) -> dict:
        """Read the digits in a picture: handwritten on paper or drawn, dark on light or light on dark.

        Args:
            image: the picture, an upload or a data URL; no other URL is fetched

        Returns:
            the "number", all digits in reading order; the "digit", or null with the "reason" why there is no single
            one, and the probability of each digit from 0 to 9; and the probability and box of each of the "digits"
        """
        if image is None:
            raise gradio_error(PictureError("There is no image to read."))
        try:
            return answers.predict(image).as_dict()
        except DigitPadError as error:
            raise gradio_error(error) from None

    with gr.Blocks(title=MESSAGES["en"]["title"], analytics_enabled=False) as page:
        DigitPad()
        with gr.Row(visible=False):
            image = Photo(label="image")
            result = gr.JSON(label="digits and probabilities")
            gr.Button().click(predict, image, result, api_name="predict")
    page._queue = LimitedQueue(page, settings)
    return page


def make_feedback(max_corrections: int) -> Feedback:
    """Return the store of corrections: the folder feedback/, which is pushed to the dataset FEEDBACK_DATASET if set."""
    folder, dataset = pathlib.Path("feedback"), os.environ.get("FEEDBACK_DATASET")
    if not dataset:
        return Feedback(folder, max_corrections)
    # New files are pushed every five minutes, with the token of HF_TOKEN or of `hf auth login`. Each start gets its own
    # folder in the dataset, because the Hub recommends at most 10,000 files in one.
    started = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H%M%SZ")
    try:
        CommitScheduler(
            repo_id=dataset,
            repo_type="dataset",
            folder_path=folder,
            path_in_repo=started,
            allow_patterns=f"*{SUFFIX}",
            private=True,
        )
    except (OSError, ValueError, httpx2.HTTPError) as error:  # no token, no such name, no connection
        raise FeedbackError(f"Corrections cannot go to the dataset {dataset}: {error}") from error
    return Feedback(folder, max_corrections)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Environment variables with the same effect are given in parentheses."
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
        help="port to listen on (GRADIO_SERVER_PORT; default: the first free one from 7860 on)",
    )
    parser.add_argument(
        "--share", action="store_true", default=None, help="also serve at a public address, for a week (GRADIO_SHARE)"
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
        help="log level: debug, info, warning or error; info logs each request (DIGITS_LOG_LEVEL; default: info)",
    )
    return parser.parse_args()


def _level(name: str) -> int:
    if name not in ("debug", "info", "warning", "error"):
        raise argparse.ArgumentTypeError(f"{name} is not one of debug, info, warning, error")
    return getattr(logging, name.upper())


def main() -> int:
    """Serve the page with the command line's options; return the exit status."""
    options = parse_arguments()
    configure_log(options.log_level)
    is_shared = options.share or os.environ.get("GRADIO_SHARE", "").lower() == "true"
    if os.environ.get("SPACE_ID") or is_shared:  # all visitors come through a proxy; its headers tell them apart
        os.environ.setdefault(f"{PREFIX}TRUSTED_PROXIES", "1")
    try:
        network = pathlib.Path(options.network)
        settings = load_settings()
        classifier, feedback = model.load_classifier(network), make_feedback(settings.max_corrections)
    except (SettingsError, model.NetworkError, FeedbackError) as error:
        return refuse(str(error))
    UPLOADS.mkdir(mode=0o700)
    return_memory()
    decoder = Decoder(settings)
    try:
        return serve(Answers(classifier, feedback, network, decoder.decode), decoder, options, settings)
    finally:
        decoder.close()
        shutil.rmtree(UPLOADS, ignore_errors=True)


def serve(answers: Answers, decoder: Decoder, options: argparse.Namespace, settings: Settings) -> int:
    """Serve the page until a signal stops it; return the exit status."""
    stopping, shutdown = threading.Event(), Shutdown()

    def stop(number: int, _: object) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    launched = limit_connections(settings)
    hosts = {name.strip().lower() for name in settings.hosts.split(",") if name.strip()}
    if not hosts and options.host in LOOPBACK:
        hosts = {LOCALHOST}
    # Gradio lets the pages of all sites read its answers, with credentials.
    CustomCORSMiddleware.is_valid_origin = lambda *_: False
    try:
        check_address(options.host, options.port)
        page = build_page(answers, settings)
        if os.environ.get("SPACES_ZERO_GPU") == "true":
            prepare_for_zero_gpu()
        page.launch(
            server_name=options.host,
            server_port=options.port,
            share=options.share,
            app_kwargs={
                "routes": [*routes(answers), web_route()],
                "middleware": [
                    Middleware(RequestLog),
                    *([Middleware(Metrics, lambda: len(page._queue))] if settings.metrics else []),
                    Middleware(SecurityHeaders),
                    Middleware(TrustedProxies, settings.trusted_proxies),
                    Middleware(SameOrigin, hosts, lambda: public_url(page)),
                    Middleware(ShutdownMiddleware, shutdown),
                    Middleware(AllowedRoutes),
                    Middleware(RequestLimits, settings, dict.fromkeys(JSON_PATHS, MAX_JSON)),
                    Middleware(UploadRoom, UPLOADS, settings.max_upload_bytes),
                    Middleware(GZipMiddleware, minimum_size=MIN_COMPRESSED),
                    Middleware(Document),
                    Middleware(GradioErrors),
                ],
                "exception_handlers": {405: method_not_allowed, RequestError: request_error},
            },
            prevent_thread_lock=True,
            max_file_size=MAX_BYTES,
            enable_monitoring=False,
            run_history=False,
            ssr_mode=False,  # the page has scripts of its own
            footer_links=[],
            mcp_server=True,
            favicon_path=WEB / "icon.svg",
            theme=gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        )
    except (OSError, OverflowError, UnicodeError) as error:
        ports = "from 7860 on" if options.port is None else options.port
        return refuse(f"The page cannot be served at {options.host}, port {ports}: {str(error).rstrip('.')}.")
    launched.set()
    # Not earlier: while it is imported, matplotlib logs the warnings of other threads as its own.
    threading.Thread(target=warm_up, args=(decoder,), daemon=True).start()
    threading.Thread(target=delete_uploads, args=(UPLOADS, stopping), daemon=True).start()
    page.server.config.timeout_graceful_shutdown = CLOSING_TIMEOUT
    while not stopping.wait(SIGNAL_INTERVAL):  # with a timeout: on Windows a wait without one ignores Ctrl+C
        pass
    shutdown.draining = True
    start_timer(settings.drain_seconds + EXIT_TIMEOUT, lambda: end_process(decoder))
    time.sleep(settings.drain_seconds)
    start_timer(SHUTDOWN_TIMEOUT, lambda: end_requests(decoder, shutdown))
    page.server.should_exit = True
    page.server.thread.join(EXIT_TIMEOUT)
    page.close(verbose=False)
    return 0


def public_url(page: gr.Blocks) -> str | None:
    """Return the address at which a Space or --share serves the page."""
    return f"https://{os.environ['SPACE_HOST']}" if "SPACE_HOST" in os.environ else page.share_url


def start_timer(seconds: float, call: Callable[[], None]) -> None:
    """Call a function later, if the process has not ended by then."""
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()


def end_requests(decoder: Decoder, shutdown: Shutdown) -> None:
    """Answer all requests that are left with 503, those whose pictures are being decoded first."""
    decoder.close()
    shutdown.end_requests()


def end_process(decoder: Decoder) -> None:
    """End the process at once. Threads cannot be cancelled, and Python would wait for them."""
    decoder.close()
    shutil.rmtree(UPLOADS, ignore_errors=True)
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def return_memory() -> None:
    """Make glibc return the memory of large bodies to the system as they are freed; elsewhere do nothing.

    By itself it raises the size from which it does so, up to 32 MB.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def prepare_for_zero_gpu() -> None:
    """Declare a function for the GPU, without which a Space with ZeroGPU does not start. Nothing here needs one."""
    import spaces  # here, because only such Spaces have it

    @spaces.GPU
    def unused() -> None:
        """Do nothing."""


def check_address(host: str, port: int | None) -> None:
    """Raise OSError if the address cannot be bound. Gradio would try a hundred ports for minutes instead."""
    family, kind, *_, address = socket.getaddrinfo(host.strip("[]"), port or 0, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
        probe.bind(address)


def refuse(sentence: str) -> int:
    """Print why the page cannot be served; return the exit status."""
    print(f"{PROGRAM}: {sentence}", file=sys.stderr)
    return 2


def warm_up(decoder: Decoder) -> None:
    """Do what would cost the first visitor a second or two: Gradio's imports at its first event, a worker's start."""
    with contextlib.suppress(ImportError):
        importlib.import_module("matplotlib.pyplot")
    with contextlib.suppress(RequestError):
        decoder.decode(KNOWN_PICTURE.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
