"""Corrections that visitors of the page made, as training data.

A folder of corrections holds corrections.csv with one row each (columns ``name``, ``time`` in UTC, ``read``: the answer
that was given, and ``digit``: the right one; both may be "none", not a digit), and for each the picture, NAME.png or
NAME.jpg, and its frame, NAME.frame.png. ``model.feedback`` writes such folders.
"""

import pathlib

import numpy as np

from model.data.mnist import Split
from model.data.tables import read_table
from model.errors import DigitPadError
from model.network.base import DIGITS
from model.preparation.frame import SIDE
from model.preparation.picture import PictureError, load_grey

TABLE = "corrections.csv"
COLUMNS = ("name", "time", "read", "digit")
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
    for table in sorted(folder.rglob(TABLE)):
        for location, row in read_table(table, CorrectionsError):
            corrections[row.get("name")] = _correction(table, location, row)
    if not corrections:
        raise CorrectionsError(f"{folder} holds no corrections: no {TABLE} in it has a row.")
    images, labels = zip(*corrections.values(), strict=True)
    return Split(np.stack(images), np.array(labels, np.uint8))


def _correction(table: pathlib.Path, location: str, row: dict[str, str]) -> tuple[np.ndarray, int]:
    if row.get("digit") not in LABELS:
        raise CorrectionsError(f"{location}: {row.get('digit')!r} is not a digit.")
    path = table.with_name(f"{row.get('name')}.frame.png")
    try:
        frame = load_grey(path)
    except PictureError as error:
        raise CorrectionsError(f"{location}: {path.name} cannot be read.") from error
    if frame.shape != (SIDE, SIDE):
        raise CorrectionsError(f"{location}: {path.name} is not {SIDE}×{SIDE}.")
    return frame, LABELS[row["digit"]]
