"""The HTML document of the page: Gradio's, with the front end in it from the first byte.

Gradio's document shows nothing until some sixty scripts have loaded, has preview tags that advertise Gradio, and adds
what it is given for the head with a script, which the services that preview links do not run. So the document is
changed as it is sent: the front end stands in its body and works by itself; Gradio's component takes it in when it has
loaded.
"""

import html
import json
import os
import pathlib
import re

from gradio.route_utils import get_root_url
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WEB = pathlib.Path(__file__).parent / "web"
LANGUAGE_ATTRIBUTE = re.compile(rb'(<html[^>]*\blang=")[^"]*')
GRADIO_TAGS = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*|<link rel="manifest"[^>]*>\s*')
#: One of the languages of an Accept-Language header, without its weight: browsers send the preferred one first.
ACCEPTED = re.compile(r"[A-Za-z-]+")
DEFAULT_LANGUAGE = "en"
#: Runs as soon as it is there: other scripts wait for Gradio's style sheet.
SCRIPT = '<script type="module" async src="pad/page.js"></script>'
#: The module that asks the server for answers.
SERVER = "server.js"


def _read(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")


#: For each language that a browser may report, the file of its messages.
LANGUAGES: dict[str, str] = json.loads(_read("languages.json"))
#: The messages of each file by their keys.
MESSAGES: dict[str, dict[str, str]] = {
    language: json.loads(_read(f"messages/{language}.json")) for language in sorted(set(LANGUAGES.values()))
}


def choose_language(accepted: str) -> str:
    """Return the language of the messages for an Accept-Language header, as messages.js does for the browser's."""
    reported = ACCEPTED.match(accepted)
    name = reported.group() if reported else DEFAULT_LANGUAGE
    return LANGUAGES.get(name) or LANGUAGES.get(name.partition("-")[0]) or DEFAULT_LANGUAGE


class Document:
    """ASGI middleware that puts the front end, and the tags of link previews, into the page's document."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.front_end = front_end(SERVER, os.environ.get("SPACE_ID", ""))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        page = bytearray()

        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            page.extend(message["body"])
            if message.get("more_body"):
                return
            changed = self._change(bytes(page), Request(scope))
            headers = MutableHeaders(scope=start)
            headers["content-length"] = str(len(changed))
            headers.add_vary_header("accept-language")
            await send(start)
            await send({"type": "http.response.body", "body": changed})

        await self.app(scope, receive, send_changed)

    def _change(self, page: bytes, request: Request) -> bytes:
        language = choose_language(Headers(scope=request.scope).get("accept-language", ""))
        page = LANGUAGE_ATTRIBUTE.sub(rb"\g<1>" + language.encode(), GRADIO_TAGS.sub(b"", page), count=1)
        url = get_root_url(request, "/", request.scope.get("root_path"))
        page = page.replace(b"<head>", b"<head>" + head(url, language, SERVER).encode(), 1)
        return re.sub(rb"<body[^>]*>", lambda body: body.group() + self.front_end.encode(), page, count=1)


def front_end(answers: str, space: str) -> str:
    """Return the part of the body that is the page.

    Args:
        answers: the module that reads for it.
        space: the name of the Space that it is on, or "".
    """
    attributes = f'data-answers="./{answers}" data-space="{html.escape(space)}"'
    return f'<div id="digit-pad" {attributes}>{_read("page.html")}</div>{SCRIPT}'


def head(url: str, language: str, answers: str) -> str:
    """Return the tags that load the front end, and those that sites show for a link to the page.

    Args:
        url: the page's address.
        language: that of the title and the description.
        answers: the module that reads for the page.
    """
    title, description = (html.escape(MESSAGES[language][key]) for key in ("document_title", "lead"))
    metas = {
        'property="og:type"': "website",
        'property="og:url"': url,
        'property="og:title"': title,
        'property="og:description"': description,
        'property="og:image"': f"{url}/pad/preview/{language}.png",
        'property="og:image:alt"': description,
        'name="description"': description,
        'name="twitter:card"': "summary_large_image",
    }
    modules = {path.name for path in WEB.glob("*.js")} - {SERVER} | {answers}
    data = ["languages.json", f"messages/{language}.json"]
    return "".join(
        [
            f"<title>{title}</title>",
            *[f'<meta {name} content="{content}" />' for name, content in metas.items()],
            '<link rel="icon" href="pad/icon.svg" type="image/svg+xml" />',
            '<link rel="apple-touch-icon" href="pad/icon-192.png" />',
            '<link rel="manifest" href="pad/manifest.json" />',
            '<link rel="stylesheet" href="pad/page.css" />',
            *[f'<link rel="modulepreload" href="pad/{name}" />' for name in sorted(modules)],
            *[f'<link rel="preload" as="fetch" crossorigin href="pad/{name}" />' for name in data],
        ]
    )
