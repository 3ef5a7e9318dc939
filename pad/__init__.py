"""The page's own components: the drawing pad, the photo, and the answer."""

import pathlib
from collections.abc import Callable

import gradio as gr

HERE = pathlib.Path(__file__).parent


def _templates(name: str) -> dict[str, str]:
    files = {"html_template": ".html", "css_template": ".css", "js_on_load": ".js"}
    return {parameter: (HERE / f"{name}{suffix}").read_text(encoding="utf-8") for parameter, suffix in files.items()}


class Pad(gr.HTML):
    """A canvas to draw on. Shows each answer of ``read(png as a data URL)`` in the page's Answer, while one draws."""

    def __init__(self, read: Callable[[str], dict], **options):
        super().__init__(**_templates("pad"), server_functions=[read], **options)


class Answer(gr.HTML):
    """The digit, its likeliest three and the frame; its value is an answer as app.py makes it, or None."""

    def __init__(self, **options):
        super().__init__(value=None, **_templates("answer"), **options)


class Photo(gr.Image):
    """Gradio's picture input, but handing on the file as it was given: decoding it is model.picture's work."""

    is_template = True  # in the page it is Gradio's own component

    def preprocess(self, payload):
        return None if payload is None else payload.path
