"""What a worker process does that decodes pictures within a limit of memory."""

import multiprocessing
import os
import pathlib
import signal
import threading

import numpy as np

from model.preparation.picture import CostlyPictureError, load_pixels

try:
    import resource
except ImportError:  # on Windows, where there is no such limit
    resource = None

#: Linux counts the memory of data in pages here, as the sixth number; elsewhere the limit is lower by what is in use.
STATM, DATA = pathlib.Path("/proc/self/statm"), 5
#: The worker's priority is lower by this: what does not need it shall not wait for it.
NICENESS = 5


def start_worker(max_memory: int) -> None:
    """Limit what this process may take of memory from now on, in bytes, and end it with its parent.

    SIGTERM ends it at once; Python's own handling of the signal would wait until the decoder returns.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if resource is not None:
        os.nice(NICENESS)
        used = int(STATM.read_text().split()[DATA]) * resource.getpagesize() if STATM.exists() else 0
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = used + max_memory if hard == resource.RLIM_INFINITY else min(used + max_memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


def decode(picture: bytes) -> np.ndarray:
    """Return the pixels of a picture's file as ``load_pixels`` does; end the process if the memory does not suffice."""
    try:
        return load_pixels(picture)
    except CostlyPictureError:
        os._exit(1)  # decoders do not give all of it back then
