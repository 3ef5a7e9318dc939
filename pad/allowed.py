"""ASGI middleware: of Gradio's many routes, only those that the page and the documented API use can be reached."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from pad.errors import NoRouteError, error_response

#: The paths of the front end and of pad.routes, those of Gradio's part of the page, and those of the API that
#: gradio_client, MCP clients and curl use. Not among them is /gradio_api/file=, with which Gradio fetches any URL.
PATHS = (
    r"/",
    r"/pad/.*",
    r"/(read|read/preview|why|inside|correct|withdraw|healthz|readyz)",
    r"/config",
    r"/(assets|static)/.*",
    r"/theme\.css",
    r"/favicon\.ico",
    r"/robots\.txt",
    r"/gradio_api/info",
    r"/gradio_api/openapi\.json",
    r"/gradio_api/startup-events",
    r"/gradio_api/app_id",
    r"/gradio_api/upload",
    r"/gradio_api/queue/join",
    r"/gradio_api/queue/data",
    r"/gradio_api/call/(v2/)?predict(/[^/]*)?",
    r"/gradio_api/mcp(/.*)?",
)
ALLOWED = re.compile("|".join(f"(?:{path})" for path in PATHS))


class AllowedRoutes:
    """Answer 404 to HTTP requests for other paths than PATHS, and close WebSockets, which nothing here uses."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif scope["type"] == "http" and not ALLOWED.fullmatch(scope["path"]):
            await error_response(NoRouteError())(scope, receive, send)
        else:
            await self.app(scope, receive, send)
