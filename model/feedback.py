"""Store the corrections that visitors of the page make; model.data.corrections loads them for training."""

import contextlib
import datetime
import pathlib
import re
import threading
import uuid

import numpy as np
from PIL import Image

from model.data.corrections import COLUMNS, NO_DIGIT, TABLE
from model.errors import DigitPadError

MAX_CORRECTIONS = 10_000
#: Largest size of a correction's picture, in bytes.
MAX_PICTURE = 1_000_000
#: Length of the random names, in hexadecimal digits.
NAME_LENGTH = 16
NAME = re.compile(rf"[0-9a-f]{{{NAME_LENGTH}}}")


class FeedbackError(DigitPadError):
    """A correction cannot be stored."""

    code = "not_kept"
    status = 507


class Feedback:
    """Stores corrections in a folder. Safe to call from several threads.

    ``lock`` is held while the folder is written to.
    """

    def __init__(self, folder: pathlib.Path, lock: contextlib.AbstractContextManager | None = None):
        self.folder = folder
        self.lock = lock or threading.Lock()

    def keep(self, picture: bytes, suffix: str, frame: np.ndarray, read: int | None, digit: int | None) -> str:
        """Store one correction and return its name.

        Args:
            picture: the picture's file.
            suffix: the file's suffix, ".png" or ".jpg".
            frame: uint8 (28, 28).
            read: the answer that was given, 0..9 or None.
            digit: the right answer, 0..9 or None.

        Raises:
            FeedbackError: the folder is full or cannot be written to, or the picture is too large.
        """
        name = uuid.uuid4().hex[:NAME_LENGTH]
        time = datetime.datetime.now(datetime.timezone.utc)
        with self.lock:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                table = self.folder / TABLE
                rows = table.read_bytes() if table.exists() else ",".join(COLUMNS).encode() + b"\n"
                if rows.count(b"\n") > MAX_CORRECTIONS or len(picture) > MAX_PICTURE:
                    raise FeedbackError("This correction cannot be stored: there is no room for it.")
                (self.folder / f"{name}{suffix}").write_bytes(picture)
                Image.fromarray(frame).save(self.folder / f"{name}.frame.png")
                # The row is written last and the table replaced whole, so that the files of each row exist.
                answers = [NO_DIGIT if answer is None else str(answer) for answer in (read, digit)]
                row = ",".join([name, time.isoformat(timespec="seconds"), *answers])
                self._replace_table(rows + row.encode() + b"\n")
            except OSError as error:
                raise FeedbackError(f"This correction cannot be stored: {error.strerror}.") from error
        return name

    def withdraw(self, name: str) -> bool:
        """Delete the correction with this name; return whether there was one.

        Raises:
            FeedbackError: the folder cannot be written to.
        """
        with self.lock:
            try:
                rows = (self.folder / TABLE).read_bytes().splitlines(keepends=True)
                kept = [row for row in rows if row.partition(b",")[0] != name.encode()]
                if len(kept) == len(rows) or not NAME.fullmatch(name):
                    return False
                self._replace_table(b"".join(kept))
                for path in self.folder.glob(f"{name}.*"):
                    path.unlink()
            except FileNotFoundError:
                return False
            except OSError as error:
                raise FeedbackError(f"This correction cannot be deleted: {error.strerror}.") from error
        return True

    def _replace_table(self, content: bytes) -> None:
        new = self.folder / f"{TABLE}.new"
        new.write_bytes(content)
        new.replace(self.folder / TABLE)
