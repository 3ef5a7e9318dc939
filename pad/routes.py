"""The HTTP routes of the page: a picture's file or JSON in, JSON out."""

import json
import math
import os
import pathlib
import time
from collections.abc import Awaitable, Callable

from anyio import CapacityLimiter, Lock, to_thread
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import model
from model.errors import DigitPadError
from model.preparation.picture import MAX_BYTES
from pad.answers import Answers
from pad.decoding import is_small
from pad.errors import BodyTooLargeError, RequestError, error_response
from pad.limits import CORRECTIONS_PATH

#: A picture of which /readyz checks the answer, and that answer.
KNOWN_PICTURE = pathlib.Path(__file__).parent / "web" / "shadow.jpg"
KNOWN_DIGIT = 5
#: Threads for pictures that may have to wait for the decoding of others.
WAITING_PHOTOS = 32
#: Seconds after which the known picture is read again.
READINESS_INTERVAL = 1
#: Largest JSON body in bytes: a drawing with its frame takes about 10,000, a photo as the page shows it 100,000.
MAX_JSON = 1_500_000
#: The paths of the routes that take JSON. In calls of the named API, larger pictures are uploads.
JSON_PATHS = (
    *("/why", "/inside", "/correct", "/withdraw"),
    *("/gradio_api/queue/join", "/gradio_api/call/predict", "/gradio_api/call/v2/predict"),
)
#: The field of a form that holds the picture, and how much larger than its file a form may be, in bytes.
FORM_FIELD = "file"
FORM_OVERHEAD = 10_000


def routes(answers: Answers) -> list[Route]:
    """Return the routes.

    POST /read and POST /read/preview take a picture's file, as the body or as the field "file" of a form. POST /why,
    /inside, /correct and /withdraw take JSON, as the methods of Answers do. GET /healthz answers while the server is
    alive, GET /readyz while it answers a known picture correctly. An error is answered as
    ``pad.errors.error_response`` does.
    """
    # More threads than cores would only use more memory. Those that wait for a large picture's decoding are others.
    drawings, photos = CapacityLimiter(os.cpu_count() or 1), CapacityLimiter(WAITING_PHOTOS)
    readiness = Readiness(answers.classifier)

    async def alive(request: Request) -> JSONResponse:
        return JSONResponse({"alive": True})

    async def ready(request: Request) -> JSONResponse:
        correct = await readiness.check()
        return JSONResponse({"ready": correct}, 200 if correct else 503)

    def route(path: str, answer: Callable, receive: Callable[[Request], Awaitable]) -> Route:
        async def respond(request: Request) -> JSONResponse:
            try:
                received = await receive(request)
                waits = path == CORRECTIONS_PATH or (isinstance(received, bytes) and not is_small(received))
                return JSONResponse(await to_thread.run_sync(answer, received, limiter=photos if waits else drawings))
            except DigitPadError as error:
                error.__traceback__ = None  # it would keep the body until the next garbage collection
                return error_response(error)

        return Route(path, respond, methods=["POST"])

    return [
        Route("/healthz", alive),
        Route("/readyz", ready),
        route("/read", answers.read, _picture),
        route("/read/preview", answers.preview, _picture),
        route("/why", answers.why, _json),
        route("/inside", answers.inside, _json),
        route(CORRECTIONS_PATH, answers.correct, _json),
        route("/withdraw", answers.withdraw, _json),
    ]


class Readiness:
    """Whether a classifier answers a known picture correctly; for a while, the last answer is given again."""

    def __init__(self, classifier: model.Classifier):
        self.classifier = classifier
        self.limiter = CapacityLimiter(1)
        self.lock = Lock()
        self.checked_at = -math.inf
        self.correct = False

    async def check(self) -> bool:
        """Return whether the answer is correct."""
        async with self.lock:
            if time.monotonic() - self.checked_at > READINESS_INTERVAL:
                prediction = await to_thread.run_sync(self.classifier.predict, KNOWN_PICTURE, limiter=self.limiter)
                self.correct = prediction.digit == KNOWN_DIGIT
                self.checked_at = time.monotonic()
            return self.correct


async def _picture(request: Request) -> bytes:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _picture_in_form(request)
    return await _body(request, MAX_BYTES)


async def _picture_in_form(request: Request) -> bytes:
    await _body(request, MAX_BYTES + FORM_OVERHEAD)
    try:
        async with request.form(max_files=1, max_fields=1) as form:
            file = form.get(FORM_FIELD)
            if isinstance(file, UploadFile):
                return await file.read()
    except HTTPException as error:
        raise RequestError("The form is malformed, or has more than one file and one other field.") from error
    raise RequestError(f'The form has no file in a field "{FORM_FIELD}".')


async def _json(request: Request) -> object:
    body = await _body(request, MAX_JSON)
    try:
        return await to_thread.run_sync(json.loads, body)
    except (ValueError, RecursionError):  # RecursionError for deeply nested values
        raise RequestError("The body is not JSON.") from None


async def _body(request: Request, max_bytes: int) -> bytes:
    body = await request.body()
    if len(body) > max_bytes:
        raise BodyTooLargeError(max_bytes)
    return body
