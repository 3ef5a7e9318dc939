"""Link previews: the title, description and picture that other sites show for a link to the page.

Gradio's page has preview tags that advertise Gradio, and adds those of its ``head`` option with a script, which the
services that preview links do not run. So the tags are replaced in the page as it is sent.
"""

import html
import re

from gradio.route_utils import get_root_url
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The picture, one of the front end's files.
PICTURE_PATH = "/pad/preview.png"
GRADIO_TAGS = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')


class LinkPreview:
    """ASGI middleware that replaces the preview tags in the page."""

    def __init__(self, app: ASGIApp, title: str, description: str):
        self.app = app
        self.title = title
        self.description = description

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
            changed = GRADIO_TAGS.sub(b"", page).replace(b"<head>", b"<head>" + self._tags(Request(scope)).encode(), 1)
            MutableHeaders(scope=start)["content-length"] = str(len(changed))
            await send(start)
            await send({"type": "http.response.body", "body": changed})

        await self.app(scope, receive, send_changed)

    def _tags(self, request: Request) -> str:
        url = get_root_url(request, "/", request.scope.get("root_path"))
        tags = {
            'property="og:type"': "website",
            'property="og:url"': url,
            'property="og:title"': self.title,
            'property="og:description"': self.description,
            'property="og:image"': url + PICTURE_PATH,
            'property="og:image:alt"': self.description,
            'name="description"': self.description,
            'name="twitter:card"': "summary_large_image",
        }
        metas = [f'<meta {name} content="{html.escape(content)}" />' for name, content in tags.items()]
        return "".join([f"<title>{html.escape(self.title)}</title>", *metas])
