"""What visitors upload: Gradio keeps it as files in a folder, of which each is deleted within the hour.

Gradio's own cleaning (``delete_cache``) leaves out what comes by MCP.
"""

import contextlib
import pathlib
import threading
import time

EVERY, AGE = 1200, 2400  # seconds


def delete_uploads(folder: pathlib.Path, stopping: threading.Event, every: float = EVERY, age: float = AGE) -> None:
    """Until ``stopping`` is set, delete every so many seconds the files that have come since and are so old."""
    ours = set(folder.rglob("*"))
    while not stopping.wait(every):
        for path in set(folder.rglob("*")) - ours:
            with contextlib.suppress(OSError):  # gone meanwhile
                if path.is_file() and time.time() - path.stat().st_ctime > age:
                    path.unlink()
