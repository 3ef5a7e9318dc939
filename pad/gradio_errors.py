"""ASGI middleware: what Gradio's routes raise for requests that they do not expect."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pad.errors import RequestError, error_response
from pad.log import LOG

GRADIO_PATHS = "/gradio_api/"


class GradioErrors:
    """Answer exceptions of Gradio's routes with 422: nearly any is raised for malformed requests.

    A response that has begun is ended, so that the connection can be used further.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(GRADIO_PATHS):
            await self.app(scope, receive, send)
            return
        started = complete = False

        async def send_and_note(message: Message) -> None:
            nonlocal started, complete
            started = True
            complete = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:
            LOG.warning("%s %s: %s", scope["method"], scope["path"], type(error).__name__)
            if not started:
                await error_response(RequestError("The request is malformed."))(scope, receive, send)
            elif not complete:
                await send({"type": "http.response.body", "body": b""})
