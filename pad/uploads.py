"""Delete visitors' uploads, which Gradio stores as files: within the hour, or sooner where they need too much room.

Gradio's own ``delete_cache`` leaves out uploads by MCP.
"""

import contextlib
import os
import pathlib
import shutil
import threading
import time

import anyio
from anyio import to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Seconds between two rounds of deletion, and the age in seconds at which a file is deleted.
INTERVAL, MAX_AGE = 1200, 2400
#: What is sent to Gradio's routes may hold pictures, which they write to files: uploads, or data URLs.
UPLOADS_PATH = "/gradio_api/"
#: What ends a file in a form.
PART_END = b"\r\n--"
#: Added to each file's size, in bytes: the rest of its last block, and its folder.
OVERHEAD = 8192
#: Fraction of the room that is left in use when old uploads are deleted, so that the files need not be listed often.
LEFT = 3 / 4


class UploadRoom:
    """ASGI middleware: when the bodies that have arrived may fill the room for uploads, delete the oldest uploads.

    They are deleted rather than new ones refused, because a program uses its upload at once: who fills the room then
    makes nobody wait.

    Args:
        app: the app.
        folder: where Gradio stores uploads. What is in it already is kept.
        max_bytes: the room.
    """

    def __init__(self, app: ASGIApp, folder: pathlib.Path, max_bytes: int):
        self.app = app
        self.folder = folder
        self.max_bytes = max_bytes
        self.used = 0  # at most: bodies count that were not stored
        self.deleting = anyio.Lock()
        self.kept = set(folder.rglob("*"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not (scope["type"] == "http" and scope["path"].startswith(UPLOADS_PATH)):
            await self.app(scope, receive, send)
            return

        async def receive_and_count() -> Message:
            message = await receive()
            if body := message.get("body"):
                self.used += room_for(body) + OVERHEAD  # for a data URL
                async with self.deleting:
                    if self.used > self.max_bytes:
                        left = int(LEFT * self.max_bytes)
                        self.used = await to_thread.run_sync(delete_oldest, self.folder, left, self.kept)
            return message

        await self.app(scope, receive_and_count, send)


def room_for(body: bytes) -> int:
    """Return how much room the files in a form take, in bytes."""
    return len(body) + OVERHEAD * body.count(PART_END)


def delete_oldest(folder: pathlib.Path, max_bytes: int, kept: set[pathlib.Path]) -> int:
    """Delete the oldest files but those ``kept``, until the others have at most ``max_bytes``; return how many."""
    files = []
    for path in set(folder.rglob("*")) - kept:
        with contextlib.suppress(OSError):  # deleted meanwhile
            if path.is_file():
                stat = path.stat()
                files.append((stat.st_ctime, stat.st_size + OVERHEAD, path))
    used = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if used <= max_bytes:
            break
        _delete(path, folder)
        used -= size
    return used


def _delete(path: pathlib.Path, folder: pathlib.Path) -> None:
    """Delete a file in ``folder``, and the folder that Gradio made for it."""
    with contextlib.suppress(OSError):  # deleted meanwhile, or read on Windows; not empty
        path.unlink()
        if path.parent != folder:
            path.parent.rmdir()


def delete_uploads(
    folder: pathlib.Path, stopping: threading.Event, interval: float = INTERVAL, max_age: float = MAX_AGE
) -> None:
    """Delete old files in ``folder`` that were added after the start, again and again until ``stopping`` is set.

    Also deletes the folders that killed servers left beside it: those with the same name except for the hexadecimal
    digits at its end. A running server keeps its own by touching it.

    Args:
        interval: seconds between two rounds.
        max_age: age in seconds at which a file is deleted.
    """
    ours = set(folder.rglob("*"))
    name, _, digits = folder.name.rpartition("-")
    while True:
        with contextlib.suppress(OSError):
            os.utime(folder)
        for other in folder.parent.glob(f"{name}-" + "[0-9a-f]" * len(digits)):
            with contextlib.suppress(OSError):  # deleted meanwhile, or owned by somebody else
                if time.time() - other.stat().st_mtime > max_age:
                    shutil.rmtree(other)
        for path in set(folder.rglob("*")) - ours:
            with contextlib.suppress(OSError):  # deleted meanwhile
                if path.is_file() and time.time() - path.stat().st_ctime > max_age:
                    _delete(path, folder)
        if stopping.wait(interval):
            return
