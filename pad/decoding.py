"""Decode visitors' pictures: in a worker process that has limits of time and memory, unless a picture costs little."""

import concurrent.futures
import multiprocessing
import struct
import sys
import threading

import numpy as np
from pebble import CONSTS, ProcessExpired, ProcessPool

from model.preparation.picture import CostlyPictureError, load_pixels
from model.preparation.worker import decode, start_worker
from pad.errors import ServerBusyError
from pad.settings import Settings

#: PNG files of at most this many bytes and pixels, as the pad sends, are decoded in this process: the time and memory
#: that they take is bounded by their size. That of other formats is not: a JPEG may go over all pixels again and again.
SMALL_BYTES, SMALL_PIXELS = 200_000, 1_000_000
#: The start of a PNG file, up to its width and height.
PNG_HEADER = struct.Struct(">16sII")
SIZE_CHUNK = b"IHDR"
PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\r" + SIZE_CHUNK
#: Seconds that a picture waits for the worker: for several photos, but not for those that take as long as they may.
MAX_WAIT = 2
#: Pictures after which the worker is replaced, so that it does not keep the memory of the largest one.
MAX_TASKS = 200
#: Seconds until a worker that was told to end is killed.
CONSTS.term_timeout = 0.5


class Decoder:
    """Decodes pictures. Safe to call from several threads. The worker process is started by the first picture.

    There is one worker, so that the memory is bounded, and the pictures that need it wait for each other.
    """

    def __init__(self, settings: Settings):
        self.settings = settings
        self.free = threading.Lock()
        self.task = concurrent.futures.Future()  # the last one
        self.closed = False
        self.changing = threading.Lock()  # held while the pool is made, given a task or closed
        _hide_program()
        self.pool = self._make_pool()

    def _make_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            max_tasks=MAX_TASKS,
            initializer=start_worker,
            initargs=(self.settings.decoding_memory,),
            context=multiprocessing.get_context("spawn"),
        )

    def decode(self, picture: bytes) -> np.ndarray:
        """Return the pixels of a picture's file as ``load_pixels`` does.

        Raises:
            PictureError: it cannot be read, or takes too much time or memory.
            ServerBusyError: the worker is not free within MAX_WAIT seconds.
        """
        if is_small(picture):
            return load_pixels(picture)
        if not self.free.acquire(timeout=MAX_WAIT):
            raise ServerBusyError
        try:
            return self._schedule(picture).result()
        except (concurrent.futures.TimeoutError, ProcessExpired, MemoryError):
            raise CostlyPictureError from None
        except (concurrent.futures.CancelledError, RuntimeError):  # the server or the worker ends
            raise ServerBusyError from None
        finally:
            self.free.release()

    def _schedule(self, picture: bytes) -> concurrent.futures.Future:
        with self.changing:
            if self.closed:
                raise ServerBusyError
            if not self.pool.active:  # its worker ended before it had received a picture
                self.pool = self._make_pool()
            self.task = self.pool.schedule(decode, args=(picture,), timeout=self.settings.decoding_timeout)
            return self.task

    def close(self) -> None:
        """End the worker at once; pictures that wait for it are answered with ServerBusyError.

        May be called again, and by several threads: all return once the worker has ended.
        """
        with self.changing:
            if not self.closed:
                self.closed = True
                self.task.cancel()
                self.pool.stop()
                self.pool.join()


def is_small(picture: bytes) -> bool:
    """Return whether a picture's file is a PNG of few bytes and pixels."""
    if len(picture) > SMALL_BYTES or not picture.startswith(PNG_START) or len(picture) < PNG_HEADER.size:
        return False
    _, width, height = PNG_HEADER.unpack_from(picture)
    # Of several such chunks the last one counts.
    return width * height <= SMALL_PIXELS and picture.count(SIZE_CHUNK) == 1


def _hide_program() -> None:
    """Keep multiprocessing from importing the program in the worker, which needs none of it."""
    program = sys.modules["__main__"]
    program.__spec__ = None
    program.__dict__.pop("__file__", None)
