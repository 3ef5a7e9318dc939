"""Decode visitors' pictures: in a worker process that has limits of time and memory, unless a picture costs little."""

import concurrent.futures
import multiprocessing
import os
import signal
import struct
import sys
import threading

import numpy as np
from pebble import ProcessExpired, ProcessPool

from model.preparation.picture import PictureError, load_pixels
from pad.errors import ServerBusyError
from pad.settings import Settings

try:
    import resource
except ImportError:  # on Windows, where there is no limit of memory
    resource = None

#: PNG files of at most this many bytes and pixels, as the pad sends, are decoded in this process: the time and memory
#: that they take is bounded by their size. That of other formats is not: a JPEG may go over all pixels again and again.
SMALL_BYTES, SMALL_PIXELS = 200_000, 1_000_000
#: The start of a PNG file, up to its width and height.
PNG_HEADER = struct.Struct(">16sII")
PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
#: Pictures that may wait for the worker, the one that it decodes among them.
MAX_WAITING = 3
#: Pictures after which the worker is replaced, so that it does not keep the memory of the largest one.
MAX_TASKS = 200
#: The worker's priority: drawings are not to wait for it.
NICENESS = 5


class CostlyPictureError(PictureError):
    """Decoding the picture takes more time or memory than allowed."""

    code = "too_large"

    def __init__(self):
        super().__init__("The picture is too large: decoding it takes too much time or memory.")


class Decoder:
    """Decodes pictures. Safe to call from several threads. The worker process is started by the first picture.

    One worker, so that the memory is bounded; costly pictures wait for each other.
    """

    def __init__(self, settings: Settings):
        self.timeout = settings.decoding_timeout
        self.places = threading.Semaphore(MAX_WAITING)
        _hide_program()
        self.pool = ProcessPool(
            max_workers=1,
            max_tasks=MAX_TASKS,
            initializer=_start_worker,
            initargs=(settings.decoding_memory,),
            context=multiprocessing.get_context("spawn"),
        )

    def decode(self, picture: bytes) -> np.ndarray:
        """Return the pixels of a picture's file as ``load_pixels`` does.

        Raises:
            PictureError: it cannot be read, or takes too much time or memory.
            ServerBusyError: too many pictures wait already.
        """
        if is_small(picture):
            return load_pixels(picture)
        if not self.places.acquire(blocking=False):
            raise ServerBusyError
        try:
            return self.pool.schedule(load_pixels, args=(picture,), timeout=self.timeout).result()
        except (concurrent.futures.TimeoutError, ProcessExpired, MemoryError):
            raise CostlyPictureError from None
        except (concurrent.futures.CancelledError, RuntimeError):  # the server ends
            raise ServerBusyError from None
        finally:
            self.places.release()

    def close(self) -> None:
        """End the worker at once."""
        self.pool.stop()
        self.pool.join()


def is_small(picture: bytes) -> bool:
    """Return whether a picture's file is a PNG of few bytes and pixels."""
    if len(picture) > SMALL_BYTES or not picture.startswith(PNG_START) or len(picture) < PNG_HEADER.size:
        return False
    _, width, height = PNG_HEADER.unpack_from(picture)
    return width * height <= SMALL_PIXELS


def _start_worker(max_memory: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a handler in Python would wait until the picture is decoded
    if resource is not None:
        os.nice(NICENESS)
        resource.setrlimit(resource.RLIMIT_DATA, (max_memory, max_memory))


def _hide_program() -> None:
    """Keep multiprocessing from importing the program in the worker, which needs none of it."""
    program = sys.modules["__main__"]
    program.__spec__ = None
    program.__dict__.pop("__file__", None)
