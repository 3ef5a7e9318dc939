"""The page's components, which mount the front end in pad/web/, and what serves its files."""

import contextlib
import json
import os
import pathlib

import gradio as gr
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from model.preparation.picture import UnopenedError
from pad.errors import gradio_error

WEB = pathlib.Path(__file__).parent / "web"
#: Tags that load the front end while Gradio's loads: the modules, and, by running its module, the visitor's messages.
PRELOADS = "".join(
    [
        *[f'<link rel="modulepreload" href="pad/{path.name}" />' for path in sorted(WEB.glob("*.js"))],
        '<script type="module" src="pad/messages.js"></script>',
    ]
)


def _read(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")


#: For each language that a browser may report, the messages of the page by their keys.
MESSAGES: dict[str, dict[str, str]] = {
    reported: json.loads(_read(f"messages/{language}.json"))
    for reported, language in json.loads(_read("languages.json")).items()
}


def web_route() -> Mount:
    """Return the route of the front end's files."""
    return Mount("/pad", _WebFiles(directory=WEB))


class _WebFiles(StaticFiles):
    """Static files that the browser keeps, but asks each time whether they have changed."""

    def file_response(self, *args, **kwargs) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


def _mounted(name: str) -> dict[str, str]:
    """Return the arguments of a gr.HTML that mounts a module, at a relative address: the page may have a root path."""
    module = f'import(new URL("pad/{name}.js", document.baseURI))'
    return {
        "html_template": _read(f"{name}.html"),
        "css_template": _read(f"{name}.css"),
        "js_on_load": f"{module}.then((module) => module.default({{ element, props, watch }}))",
        "elem_classes": "digit-pad",
    }


class Heading(gr.HTML):
    """The page's title, and what the page is for."""

    def __init__(self):
        super().__init__(**_mounted("heading"))


class Pad(gr.HTML):
    """A canvas to draw on. The server reads each drawing while it grows; the page's Answer shows the result."""

    def __init__(self):
        super().__init__(**_mounted("pad"), space=os.environ.get("SPACE_ID"))


class Answer(gr.HTML):
    """The digit with its probabilities and frame, or the number. Its value is an answer of pad.answers, or None."""

    def __init__(self):
        super().__init__(value=None, **_mounted("answer"))


class Photo(gr.Image):
    """Gradio's picture input, but its value is the uploaded file itself: model.preparation.picture decodes it."""

    is_template = True  # in the page it is Gradio's own component

    def preprocess(self, payload):
        if payload is None or payload.path is None:
            return None
        # Gradio checks this only for values that declare themselves files, as no attacker's would.
        with contextlib.suppress(ValueError):  # from strings that cannot be paths
            path = pathlib.Path(payload.path).resolve()
            if path.is_relative_to(pathlib.Path(self.GRADIO_CACHE).resolve()):
                return str(path)
        raise gradio_error(UnopenedError("This file was not uploaded."))
