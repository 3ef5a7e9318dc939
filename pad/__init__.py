"""The page's own components: the drawing pad, the photo, and the answer."""

import contextlib
import json
import os
import pathlib

import gradio as gr

HERE = pathlib.Path(__file__).parent


#: The interface's words: for each language, those of each name.
TEXTS = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))


def _templates(name: str, *scripts: str) -> dict[str, str]:
    """What a component is made of: markup, style, and scripts, of which each builds on those before it."""
    script = [_read(f"{script}.js") for script in ("texts", *scripts)]
    texts = f"const TEXTS = {json.dumps(TEXTS, ensure_ascii=False)};"
    return {
        "html_template": _read(f"{name}.html"),
        "css_template": _read(f"{name}.css") + _read("button.css"),
        "js_on_load": "\n".join([texts, *script]),
    }


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


class Heading(gr.HTML):
    """The page's title, and what it is for."""

    def __init__(self):
        super().__init__(**_templates("heading"))


class Pad(gr.HTML):
    """A canvas to draw on. Has each drawing read by the server, while one draws, and shown in the page's Answer."""

    def __init__(self):
        scripts = _templates("pad", "server", "drawing", "examples", "pad")
        super().__init__(**scripts, space=os.environ.get("SPACE_ID"))


class Answer(gr.HTML):
    """The digit, the probability of each, and the frame. Its value is an answer as pad.answers gives it, or None."""

    def __init__(self):
        super().__init__(value=None, **_templates("answer", "server", "drawing", "card", "answer"))


class Photo(gr.Image):
    """Gradio's picture input, but handing on the file as it was given: decoding it is model.picture's work."""

    is_template = True  # in the page it is Gradio's own component

    def preprocess(self, payload):
        if payload is None or payload.path is None:
            return None
        # Gradio sees to this only for what says of itself that it is a file, as no attacker would.
        with contextlib.suppress(ValueError):  # of what can be no path
            path = pathlib.Path(payload.path).resolve()
            if path.is_relative_to(pathlib.Path(self.GRADIO_CACHE).resolve()):
                return str(path)
        raise gr.Error("This file was not uploaded.", title="unopened", print_exception=False)
