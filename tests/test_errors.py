"""model.errors and pad.errors."""

import json

import gradio as gr
import pytest

from model.errors import DigitPadError
from pad import errors


def subclasses(error: type) -> set[type]:
    return {error}.union(*map(subclasses, error.__subclasses__()))


def test_as_dict_has_the_sentence_and_the_code():
    assert errors.RequestError("It is invalid.").as_dict() == {"error": "It is invalid.", "code": "unreadable"}


@pytest.mark.parametrize("error", [errors.ServerBusyError(), errors.RateLimitError(7), errors.BodyTooLargeError(9)])
def test_error_response_has_status_body_and_retry_after(error):
    response = errors.error_response(error)
    assert response.status_code == error.status
    assert json.loads(response.body) == error.as_dict()
    assert response.headers.get("retry-after") == (error.retry_after and str(error.retry_after))


def test_gradio_error_has_the_sentence_as_message_and_the_code_as_title():
    error = errors.gradio_error(errors.RequestError("It is invalid."))
    assert isinstance(error, gr.Error)
    assert (error.message, error.title) == ("It is invalid.", "unreadable")


def test_codes_are_those_of_every_error_of_a_request():
    assert [
        *(
            "busy",
            "cut_off",
            "method_not_allowed",
            "no_pixels",
            "not_found",
            "not_kept",
            "too_large",
            "unopened",
            "unreadable",
        ),
    ] == errors.CODES


def test_every_error_has_a_code_and_an_http_error_status():
    for error in subclasses(DigitPadError):
        assert error.code.isidentifier()
        assert 400 <= error.status < 600
