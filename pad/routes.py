"""The routes behind the page's scripts: a picture's bytes or JSON in, JSON out.

What fails is answered with an HTTP status of its own and {"error": a sentence, "code": a word that stays the same}.
"""

import json
import os
import pathlib
from collections.abc import Callable

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import model
from model.feedback import FeedbackError
from model.picture import MAX_BYTES
from pad.answers import Answers

KNOWN_DIGIT = pathlib.Path(__file__).parent.parent / "examples" / "shadow.jpg"  # a 5
MAX_JSON = 1_500_000  # a drawing with its frame has about 10,000, a photo as it is shown 100,000


def routes(answers: Answers) -> list[Route]:
    """POST /read takes a picture's file; POST /why and POST /correct take JSON, as the methods of Answers do.

    GET /healthz answers as long as the server is alive, GET /readyz if it reads a known digit right.
    """

    # More at once than there are cores would only hold more memory.
    readers = CapacityLimiter(os.cpu_count() or 1)

    async def alive(request: Request) -> JSONResponse:
        return JSONResponse({"alive": True})

    async def ready(request: Request) -> JSONResponse:
        answer = await to_thread.run_sync(answers.read, KNOWN_DIGIT.read_bytes(), limiter=readers)
        right = answer["digit"] == 5
        return JSONResponse({"ready": right}, 200 if right else 503)

    return [
        Route("/healthz", alive),
        Route("/readyz", ready),
        _route("/read", answers.read, MAX_BYTES, bytes, readers),
        _route("/why", answers.why, MAX_JSON, _parsed, readers),
        _route("/correct", answers.correct, MAX_JSON, _parsed, readers),
    ]


def _route(
    path: str, answer: Callable, most: int, parsed: Callable[[bytes], object], readers: CapacityLimiter
) -> Route:
    async def respond(request: Request) -> JSONResponse:
        # Any page may send to any server; browsers say then that it is another site's.
        if path == "/correct" and request.headers.get("sec-fetch-site") == "cross-site":
            return failed(403, "not_kept", "Nothing is kept that another site's page sends.")
        body = await request.body()
        if len(body) > most:
            return failed(413, "too_large", f"At most {most:,} bytes are read.")
        try:
            return JSONResponse(await to_thread.run_sync(lambda: answer(parsed(body)), limiter=readers))
        except model.PictureError as error:
            return failed(422, error.code, str(error))
        except FeedbackError as error:
            return failed(507, "not_kept", str(error))

    return Route(path, respond, methods=["POST"])


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # the second for what is nested too deep
        raise model.PictureError("unreadable", "This is not JSON.") from None


def failed(status: int, code: str, sentence: str, retry_after: int | None = None) -> JSONResponse:
    """The answer to what cannot be answered; after ``retry_after`` seconds it may be asked again."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return JSONResponse({"error": sentence, "code": code}, status, headers)
