"""What visitors upload: Gradio keeps it as files in a folder, of which each is deleted within the hour.

Gradio's own cleaning (``delete_cache``) leaves out what comes by MCP.
"""

import contextlib
import os
import pathlib
import shutil
import threading
import time

EVERY, AGE = 1200, 2400  # seconds


def delete_uploads(folder: pathlib.Path, stopping: threading.Event, every: float = EVERY, age: float = AGE) -> None:
    """Every ``every`` seconds until ``stopping`` is set, delete files that came after the start and are older than
    ``age`` seconds.

    And the folders beside it of servers that were killed, of the same name but for the hexadecimal digits at its end:
    each server that runs says so by touching its own.
    """
    ours = set(folder.rglob("*"))
    name, _, digits = folder.name.rpartition("-")
    while True:
        with contextlib.suppress(OSError):
            os.utime(folder)
        for other in folder.parent.glob(f"{name}-" + "[0-9a-f]" * len(digits)):
            with contextlib.suppress(OSError):  # gone meanwhile, or somebody else's
                if time.time() - other.stat().st_mtime > age:
                    shutil.rmtree(other)
        for path in set(folder.rglob("*")) - ours:
            with contextlib.suppress(OSError):  # gone meanwhile
                if path.is_file() and time.time() - path.stat().st_ctime > age:
                    path.unlink()
        if stopping.wait(every):
            return
