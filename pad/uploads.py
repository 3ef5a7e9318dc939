"""Delete visitors' uploads, which Gradio stores as files, within the hour.

Gradio's own ``delete_cache`` leaves out uploads by MCP.
"""

import contextlib
import os
import pathlib
import shutil
import threading
import time

#: Seconds between two rounds of deletion, and the age in seconds at which a file is deleted.
INTERVAL, MAX_AGE = 1200, 2400


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
                    path.unlink()
        if stopping.wait(interval):
            return
