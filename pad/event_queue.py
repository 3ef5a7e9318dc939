"""Gradio's queue of the calls of the named API, with limits."""

import asyncio
import re
import time
from collections.abc import Callable

import fastapi
import gradio as gr
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Event, Queue
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import LRUCache, error_payload

from pad.errors import RequestError, ServerBusyError, gradio_error
from pad.settings import Settings
from pad.visitors import visitor_of

#: The form of the names that Gradio's clients give their sessions.
SESSION = re.compile(r"[\w-]{1,64}", re.ASCII)
#: Sessions whose answers are kept until they are fetched.
MAX_SESSIONS = 2000
#: Calls that are worked on at once: those that wait for a large picture let small ones pass.
CONCURRENT_CALLS = 8


class LimitedQueue(Queue):
    """The queue of a page, to be put in the place of its ``_queue``.

    It is limited in length, and each visitor may have as many calls in it as there is room left for others. A call that
    waits longer than ``settings.queue_timeout`` is answered with an error. Malformed calls are refused before they are
    queued; a picture is an upload's path or a data URL, and nothing is fetched from elsewhere.
    """

    def __init__(self, page: gr.Blocks, settings: Settings):
        super().__init__(
            live_updates=False,
            concurrency_count=page.max_threads,
            update_intervals=1,
            max_size=None,  # checked here
            blocks=page,
            default_concurrency_limit=CONCURRENT_CALLS,
        )
        self.max_length = settings.max_queue
        self.timeout = settings.queue_timeout
        self.pending_messages_per_session = _Messages(MAX_SESSIONS, self.pending_event_ids_session.pop)

    async def push(self, body: PredictBodyInternal, request: fastapi.Request, username: str | None) -> tuple:
        """Queue a call.

        Raises:
            RequestError: it is malformed.
            ServerBusyError: there is no room for it.
        """
        if body.fn_index not in self.blocks.fns or len(body.data) != 1 or not _is_session(body.session_hash):
            raise RequestError("This is not a call of /predict.")
        body.data = [_picture(body.data[0])]
        body.event_data = body.trigger_id = None
        visitors = [visitor_of(event.request.client) for queue in self._queues() for event in queue]
        if visitors.count(visitor_of(request.client)) >= self.max_length - len(visitors):
            raise ServerBusyError
        return await super().push(body, request, username)

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """Return the next calls to work on, if any; answer those that have waited too long."""
        for queue in self._queues():
            while queue and time.monotonic() - queue[0].enqueue_time > self.timeout:
                event = queue.pop(0)
                self.event_ids_to_events.pop(event._id, None)
                content = error_payload(gradio_error(ServerBusyError()), show_error=True)
                self.send_message(event, ProcessCompletedMessage(output=content, success=False))
        return super().get_events()

    def _queues(self) -> list[list[Event]]:
        return [events.queue for events in self.event_queue_per_concurrency_id.values()]


class _Messages(LRUCache):
    """The messages for each session. Those for a session that is gone, because its client disconnected, are dropped.

    With Gradio's own class they would raise KeyError, and end the task that works on the queue.
    """

    def __init__(self, max_size: int, forget: Callable):
        super().__init__(max_size)
        self.forget = forget

    def __missing__(self, session: str) -> asyncio.Queue:
        return asyncio.Queue()

    def popitem(self, last: bool = True) -> tuple:
        session, messages = super().popitem(last)
        self.forget(session, None)
        return session, messages


def _picture(value: object) -> dict | None:
    """Return a picture as pad.Photo takes it, without what else the caller has sent."""
    if value is None:
        return None
    picture = {key: value.get(key) for key in ("path", "url")} if isinstance(value, dict) else {}
    if not any(isinstance(name, str) for name in picture.values()):
        raise RequestError("The picture is neither an upload nor a data URL.")
    return {key: name for key, name in picture.items() if isinstance(name, str)}


def _is_session(name: str | None) -> bool:
    return name is None or SESSION.fullmatch(name) is not None
