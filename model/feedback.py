"""Store the corrections that visitors of the page make; model.data.corrections loads them for training."""

import contextlib
import datetime
import json
import pathlib
import re
import uuid

from model.errors import DigitPadError

SUFFIX = ".json"
#: Length of the random names, in hexadecimal digits.
NAME_LENGTH = 16
NAME = re.compile(rf"[0-9a-f]{{{NAME_LENGTH}}}")


class FeedbackError(DigitPadError):
    """A correction cannot be stored."""

    code = "not_kept"
    status = 507


class Feedback:
    """Stores corrections in a folder, at most ``max_corrections``.

    Each is a file of its own, NAME.json, which appears there whole or not at all. So any number of threads and
    processes may store corrections in the same folder at once.
    """

    def __init__(self, folder: pathlib.Path, max_corrections: int):
        self.folder = folder
        self.max_corrections = max_corrections

    def keep(self, picture: str, frame: str, read: int | None, digit: int | None) -> str:
        """Store one correction and return its name.

        Args:
            picture: the picture, as a data URL.
            frame: the frame, as a data URL.
            read: the answer that was given, 0..9 or None.
            digit: the right answer, 0..9 or None.

        Raises:
            FeedbackError: the folder is full or cannot be written to.
        """
        name = uuid.uuid4().hex[:NAME_LENGTH]
        time = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        correction = {"time": time, "read": read, "digit": digit, "picture": picture, "frame": frame}
        new = self.folder / f"{name}.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if sum(path.suffix == SUFFIX for path in self.folder.iterdir()) >= self.max_corrections:
                raise FeedbackError("This correction cannot be stored: there is no room for it.")
            new.write_text(json.dumps(correction, indent=0), encoding="utf-8")
            new.replace(self.folder / f"{name}{SUFFIX}")
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink()
            raise FeedbackError(f"This correction cannot be stored: {error.strerror}.") from error
        return name

    def withdraw(self, name: str) -> bool:
        """Delete the correction with this name; return whether there was one.

        Raises:
            FeedbackError: the folder cannot be written to.
        """
        if not NAME.fullmatch(name):
            return False
        try:
            (self.folder / f"{name}{SUFFIX}").unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise FeedbackError(f"This correction cannot be deleted: {error.strerror}.") from error
        return True
