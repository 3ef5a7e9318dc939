"""The page's component, which takes in the front end of pad/web/, and what serves the front end's files."""

import base64
import contextlib
import pathlib

import gradio as gr
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from model.preparation.picture import PictureError, UnopenedError, read_file
from pad.document import MESSAGES, WEB
from pad.errors import gradio_error

__all__ = ["MESSAGES", "WEB", "DigitPad", "Photo", "web_route"]

#: Puts the front end, which pad.document has placed before Gradio's part of the page, into the component. In browsers
#: that have moveBefore, it keeps its focus and a stroke that is being drawn. Gradio has set the title and
#: the language of the document by then.
TAKE_IN = """
const pad = document.getElementById("digit-pad");
if (element.moveBefore) element.moveBefore(pad, null);
else element.append(pad);
document.title = pad.dataset.title;
document.documentElement.lang = pad.lang;
"""


def web_route() -> Mount:
    """Return the route of the front end's files."""
    return Mount("/pad", _WebFiles(directory=WEB))


class _WebFiles(StaticFiles):
    """Static files that the browser keeps, but asks each time whether they have changed."""

    def file_response(self, *args, **kwargs) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


class DigitPad(gr.HTML):
    """The visible part of the page: a square to draw in or to show a photo in, and the answer beside it."""

    def __init__(self):
        super().__init__(html_template="", js_on_load=TAKE_IN, apply_default_css=False)


class Photo(gr.Image):
    """Gradio's picture input, but its value is the content of the file: of an upload, or of a data URL."""

    is_template = True  # in the page it is Gradio's own component

    def preprocess(self, payload):
        if payload is None or (payload.path is None and payload.url is None):
            return None
        if payload.url is not None and payload.url.startswith("data:"):
            with contextlib.suppress(ValueError):
                return base64.b64decode(payload.url.partition(",")[2], validate=True)
            raise gradio_error(UnopenedError("This data URL is not base64."))
        # Gradio checks this only for values that declare themselves files, as no attacker's would.
        uploaded = False
        with contextlib.suppress(ValueError):  # from strings that cannot be paths
            path = pathlib.Path(payload.path or "").resolve()
            uploaded = path.is_relative_to(pathlib.Path(self.GRADIO_CACHE).resolve())
        if not uploaded:
            raise gradio_error(UnopenedError("This file was not uploaded; pictures elsewhere are not fetched."))
        try:
            return read_file(path)
        except PictureError as error:
            raise gradio_error(error) from None
