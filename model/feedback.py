"""Corrections that visitors give: kept in a folder, and read from there for training.

The folder holds corrections.csv, a row for each (columns ``name``, ``time`` in UTC, ``read``: what was read, or "none",
and ``digit``: what it is), and for each the picture, NAME.png or NAME.jpg, and the frame made of it, NAME.frame.png.
"""

import contextlib
import datetime
import pathlib
import threading
import uuid

import numpy as np
from PIL import Image

from model.mnist import Split
from model.tables import read_table

TABLE = "corrections.csv"
COLUMNS = ("name", "time", "read", "digit")
#: More than these are not kept, nor pictures larger than this, in bytes: visitors are strangers.
MAX_KEPT, MAX_PICTURE = 10_000, 1_000_000


class FeedbackError(Exception):
    """A correction cannot be kept or read; the message is one sentence that says which and why."""


class Feedback:
    """Keeps corrections in a folder; may be called from several threads.

    ``lock`` is held while the folder is written to.
    """

    def __init__(self, folder: pathlib.Path, lock: contextlib.AbstractContextManager | None = None):
        self.folder = folder
        self.lock = lock or threading.Lock()

    def keep(self, picture: bytes, suffix: str, frame: np.ndarray, read: int | None, digit: int) -> None:
        """Keep one correction: the picture's file with the suffix of its kind, its frame, uint8 (28, 28), what was read
        in it and what it is. Raises FeedbackError where the folder is full or cannot be written to."""
        name = uuid.uuid4().hex[:16]
        time = datetime.datetime.now(datetime.timezone.utc)
        with self.lock:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                table = self.folder / TABLE
                rows = table.read_bytes() if table.exists() else ",".join(COLUMNS).encode() + b"\n"
                if rows.count(b"\n") > MAX_KEPT or len(picture) > MAX_PICTURE:
                    raise FeedbackError("This correction is not kept: there is no room for it.")
                (self.folder / f"{name}{suffix}").write_bytes(picture)
                Image.fromarray(frame).save(self.folder / f"{name}.frame.png")
                # The row comes last, and the table is replaced whole: what it names is always there.
                row = [name, time.isoformat(timespec="seconds"), "none" if read is None else str(read), str(digit)]
                new = self.folder / f"{TABLE}.new"
                new.write_bytes(rows + ",".join(row).encode() + b"\n")
                new.replace(table)
            except OSError as error:
                raise FeedbackError(f"This correction could not be kept: {error.strerror}.") from error


def read_feedback(folder: pathlib.Path) -> Split:
    """The frames and right digits that were kept in a folder, or in folders within it, as a dataset's are.

    Raises FeedbackError that names what cannot be read.
    """
    corrections = {}  # by name: a server that kept its folder has written them all to its dataset at each start
    for table in sorted(folder.rglob(TABLE)):
        for where, row in read_table(table, FeedbackError):
            corrections[row.get("name")] = _correction(table, where, row)
    if not corrections:
        raise FeedbackError(f"{folder} holds no corrections: no {TABLE} in it names one.")
    images, labels = zip(*corrections.values(), strict=True)
    return Split(np.stack(images), np.array(labels, np.uint8))


def _correction(table: pathlib.Path, where: str, row: dict[str, str]) -> tuple[np.ndarray, int]:
    if row.get("digit") not in set("0123456789"):
        raise FeedbackError(f"{where}: {row.get('digit')!r} is not a digit.")
    path = table.with_name(f"{row.get('name')}.frame.png")
    try:
        with Image.open(path) as image:
            frame = np.asarray(image.convert("L"))
    except Exception as error:  # a damaged picture makes decoders raise nearly anything
        raise FeedbackError(f"{where}: {path.name} cannot be read.") from error
    if frame.shape != (28, 28):
        raise FeedbackError(f"{where}: {path.name} is not 28×28.")
    return frame, int(row["digit"])
