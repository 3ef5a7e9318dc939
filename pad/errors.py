"""The errors of requests, and the forms that errors take in HTTP responses and in Gradio's API."""

import gradio as gr
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from model.errors import DigitPadError
from model.feedback import FeedbackError
from model.preparation.picture import PictureError


class RequestError(DigitPadError):
    """A request is not answered. The subclasses are the reasons; otherwise it is invalid."""

    code = "unreadable"
    status = 422


class ForeignOriginError(RequestError):
    """Another site's page made a browser send the request."""

    status = 403

    def __init__(self):
        super().__init__("Requests from pages of other sites are refused.")


class UnknownHostError(RequestError):
    """The request is for a host that is not this server."""

    status = 421

    def __init__(self):
        super().__init__("This server has another name.")


class NoCharacterError(RequestError):
    """A correction is not about a character of its picture."""

    code = "not_kept"

    def __init__(self):
        super().__init__("There is no such character in the picture, or the correction does not say which is meant.")


class NoRouteError(RequestError):
    """The path is none of this server's."""

    code = "not_found"
    status = 404

    def __init__(self):
        super().__init__("There is nothing at this address.")


class MethodNotAllowedError(RequestError):
    """The route does not support the request's HTTP method."""

    code = "method_not_allowed"
    status = 405

    def __init__(self, method: str):
        super().__init__(f"The method {method} is not allowed here.")


class IncompleteBodyError(RequestError):
    """The request's body was cut off, or sent too slowly."""

    code = "cut_off"
    status = 408

    def __init__(self):
        super().__init__("The request was not received completely, or not in time.")


class BodyTooLargeError(RequestError):
    """The request's body has more bytes than the route accepts."""

    code = "too_large"
    status = 413

    def __init__(self, max_bytes: int):
        super().__init__(f"The request is too large: the limit is {max_bytes:,} bytes.")


class RateLimitError(RequestError):
    """One visitor sends more requests than the rate limit allows."""

    code = "busy"
    status = 429

    def __init__(self, retry_after: int):
        super().__init__("Too many requests from one visitor.")
        self.retry_after = retry_after


class ServerBusyError(RequestError):
    """The server works on as many requests as it can."""

    code = "busy"
    status = 503
    retry_after = 1

    def __init__(self):
        super().__init__("The server is busy.")


def _codes(error: type[DigitPadError]) -> set[str]:
    return {error.code}.union(*map(_codes, error.__subclasses__()))


#: Every code that a response can have; the page has a message for each, in each language.
CODES = sorted(set().union(*map(_codes, (PictureError, FeedbackError, RequestError))))


def error_response(error: DigitPadError) -> JSONResponse:
    """Return the HTTP response for an error."""
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return JSONResponse(error.as_dict(), error.status, headers)


def gradio_error(error: DigitPadError) -> gr.Error:
    """Return the error to raise in an event of Gradio's: the message is the sentence, the title is the code."""
    return gr.Error(str(error), title=error.code, print_exception=False)


async def request_error(request: Request, error: RequestError) -> JSONResponse:
    """Handle an error that is raised within a route of Gradio's."""
    return error_response(error)


async def method_not_allowed(request: Request, exception: HTTPException) -> JSONResponse:
    """Handle Starlette's own exception for a wrong method, so that it has the form of all other errors."""
    response = error_response(MethodNotAllowedError(request.method))
    response.headers.update(exception.headers or {})
    return response
