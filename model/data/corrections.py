"""Corrections that visitors of the page made, as training data.

A correction is a file NAME.json with its ``time`` in UTC; ``read``, the answer that was given, and ``digit``, the right
one, both 0..9 or null, not a digit; and the ``picture`` and the ``frame`` as data URLs, which a browser shows when they
are pasted into its address bar. ``model.feedback`` writes such files.

Folders that earlier versions wrote are loaded as well: they hold corrections.csv, with the columns ``name``, ``time``,
``read`` and ``digit`` (0..9 or "none"), and for each row the frame, NAME.frame.png.
"""

import base64
import json
import pathlib
from collections.abc import Iterator

import numpy as np

from model.data.mnist import Split
from model.data.tables import file_within, read_table
from model.errors import DigitPadError
from model.network.base import DIGITS
from model.preparation.frame import SIDE
from model.preparation.picture import Picture, PictureError, load_grey

TABLE = "corrections.csv"
NO_DIGIT = "none"
#: The labels of the right answers.
LABELS = {**{str(digit): digit for digit in range(10)}, NO_DIGIT: DIGITS}


class CorrectionsError(DigitPadError):
    """Corrections cannot be loaded."""

    code = "invalid_data"


def load_corrections(folder: pathlib.Path) -> Split:
    """Load the frames of all corrections in a folder, or in folders within it, and their labels.

    A label is 0..9, or 10 for what is not a digit.

    Raises:
        CorrectionsError: there are none, or one cannot be read; the message says which.
    """
    corrections = {}  # by name: a server that kept its folder uploads all of it to its dataset at each start
    for path in sorted(folder.rglob("*.json")):
        corrections[path.stem] = _read(path)
    for table in sorted(folder.rglob(TABLE)):
        corrections.update(_read_table(table))
    if not corrections:
        raise CorrectionsError(f"{folder} holds no corrections.")
    images, labels = zip(*corrections.values(), strict=True)
    return Split(np.stack(images), np.array(labels, np.uint8))


def _read(path: pathlib.Path) -> tuple[np.ndarray, int]:
    try:
        correction = json.loads(path.read_text(encoding="utf-8"))
        digit, frame = correction["digit"], base64.b64decode(correction["frame"].partition(",")[2], validate=True)
    except OSError as error:
        raise CorrectionsError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CorrectionsError(f"{path} is not a correction.") from error
    return _correction(str(path), "its frame", frame, NO_DIGIT if digit is None else str(digit))


def _read_table(table: pathlib.Path) -> Iterator[tuple[str, tuple[np.ndarray, int]]]:
    for location, row in read_table(table, CorrectionsError):
        path = file_within(table.parent, f"{row.get('name')}.frame.png", location, CorrectionsError)
        yield row["name"], _correction(location, path.name, path, row.get("digit"))


def _correction(location: str, name: str, frame: Picture, digit: str | None) -> tuple[np.ndarray, int]:
    if digit not in LABELS:
        raise CorrectionsError(f"{location}: {digit!r} is not a digit.")
    try:
        pixels = load_grey(frame)
    except PictureError as error:
        raise CorrectionsError(f"{location}: {name} cannot be read.") from error
    if pixels.shape != (SIDE, SIDE):
        raise CorrectionsError(f"{location}: {name} is not {SIDE}×{SIDE}.")
    return pixels, LABELS[digit]
