"""Evaluate a classifier on labelled real pictures, and draw a contact sheet of its mistakes.

The pictures are in folders by kind, within a folder with a labels.csv that lists them: columns ``file``, ``label`` (a
digit, a number of several digits, or "none" for what shows no digit) and ``source``.
"""

import pathlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.classifier import Classifier, Prediction
from model.data.tables import file_within, read_table
from model.display import describe
from model.errors import DigitPadError
from model.evaluation.metrics import DECIMALS, expected_calibration_error
from model.preparation.frame import Network, to_uint8
from model.preparation.picture import PictureError, load_grey

COLUMNS = ("file", "label", "source")

#: The contact sheet: side of a picture, height of its two lines of text and gap between cells, in pixels.
CELL, TEXT, GAP = 140, 32, 8
#: Gap between a picture and its frame, width of both with a gap, offset of the second line, and font size, in pixels.
INNER_GAP, PAIR, SECOND_LINE, FONT_SIZE = 4, 2 * CELL + 12, 15, 12
MAX_NAME = 46
BACKGROUND, TEXT_COLOUR, NAME_COLOUR = "#403050", "white", "#c0b0d0"


class LabelledError(DigitPadError):
    """A folder of labelled pictures cannot be used."""

    code = "invalid_data"


@dataclass(frozen=True)
class Labelled:
    """A labelled picture; ``label`` has its digits in reading order, and is empty if it shows none."""

    file: pathlib.Path
    kind: str
    source: str
    label: str


@dataclass(frozen=True)
class Reading(Labelled):
    """A labelled picture and the prediction for it."""

    prediction: Prediction

    @property
    def correct(self) -> bool:
        """Whether the prediction is the label, or rejects what is not a digit."""
        return self.prediction.number.replace("\n", "") == self.label if self.label else self.rejected

    @property
    def rejected(self) -> bool:
        """Whether the prediction has no single digit or, where the label is a number, no digit at all."""
        return not self.prediction.digits if len(self.label) > 1 else self.prediction.digit is None


def labelled_pictures(folder: pathlib.Path) -> Iterator[tuple[Labelled, np.ndarray]]:
    """Yield each picture that the folder's labels.csv lists, with its grey pixels, uint8 (H, W).

    Raises:
        LabelledError: labels.csv or a picture is missing or invalid; the message says which.
    """
    for location, row in read_table(folder / "labels.csv", LabelledError):
        for column in COLUMNS:
            if row.get(column) is None:
                raise LabelledError(f"{location}: the column {column} is missing.")
        if not re.fullmatch("[0-9]+|none", row["label"]):
            raise LabelledError(f"{location}: the label {row['label']!r} is neither a number nor none.")
        file = file_within(folder, row["file"], location, LabelledError)
        try:
            grey = load_grey(file)
        except PictureError as error:
            raise LabelledError(f"{location}: {row['file']}: {error}") from error
        label = "" if row["label"] == "none" else row["label"]
        yield Labelled(file, file.absolute().parent.name, row["source"], label), grey


def check_labelled(folder: pathlib.Path) -> None:
    """Raise LabelledError unless ``measure_labelled`` can evaluate on the folder."""
    if 1 not in {len(picture.label) for picture, _ in labelled_pictures(folder)}:
        raise LabelledError(f"{folder / 'labels.csv'} lists no picture of a single digit.")


def read_labelled(folder: pathlib.Path, classifier: Classifier) -> list[Reading]:
    """Predict every picture that the folder's labels.csv lists.

    Raises:
        LabelledError: labels.csv or a picture is missing or invalid.
    """
    return [
        Reading(**vars(picture), prediction=classifier.predict(grey)) for picture, grey in labelled_pictures(folder)
    ]


def measure_labelled(folder: pathlib.Path, network: Network) -> dict:
    """Evaluate a network on the labelled pictures of a folder.

    Returns:
        For each kind the number of "pictures", "accuracy" and "rejection_rate", both 0..1; and the
        "expected_calibration_error" on the single digits among them, 0..1.

    Raises:
        LabelledError: labels.csv or a picture is missing or invalid.
    """
    readings = read_labelled(folder, Classifier(network))
    measured = {
        kind: {"pictures": len(of_kind), "accuracy": accuracy(of_kind), "rejection_rate": rejection_rate(of_kind)}
        for kind, of_kind in grouped(readings, "kind").items()
    }
    return measured | {"expected_calibration_error": round(calibration_error(single_digits(readings)), DECIMALS)}


def single_digits(readings: Iterable[Reading]) -> list[Reading]:
    """Return the readings of pictures that show one digit."""
    return [reading for reading in readings if len(reading.label) == 1]


def calibration_error(readings: list[Reading]) -> float:
    """Return the expected calibration error, 0..1, of readings, at least one, of single digits."""
    probabilities = np.stack([reading.prediction.probabilities for reading in readings])
    return expected_calibration_error(probabilities, np.array([int(reading.label) for reading in readings]))


def accuracy(readings: Iterable[Reading]) -> float:
    """Return the fraction of correct predictions, 0..1."""
    return float(np.mean([reading.correct for reading in readings]))


def rejection_rate(readings: Iterable[Reading]) -> float:
    """Return the fraction of pictures that were rejected, 0..1."""
    return float(np.mean([reading.rejected for reading in readings]))


def grouped(readings: Iterable[Reading], by: str) -> dict[str, list[Reading]]:
    """Group readings by "kind" or "source", sorted by name."""
    groups = defaultdict(list)
    for reading in readings:
        groups[getattr(reading, by)].append(reading)
    return dict(sorted(groups.items()))


def accuracy_table(readings: list[Reading]) -> str:
    """Format accuracy and rejection rate for each kind of picture and, indented, for each source within it."""
    lines = [f"{'':<56}{'accuracy':>8}   {'correct':<12}{'rejected':>9}"]
    for kind, of_kind in grouped(readings, "kind").items():
        lines.append(_table_line(kind, of_kind))
        lines += [_table_line("  " + source, of_source) for source, of_source in grouped(of_kind, "source").items()]
    return "\n".join(lines)


def _table_line(name: str, readings: list[Reading]) -> str:
    correct = f"{sum(reading.correct for reading in readings)} of {len(readings)}"
    return f"{name:<56} {accuracy(readings):7.4f}   {correct:<12}{rejection_rate(readings):9.4f}"


def contact_sheet(readings: list[Reading], columns: int = 8) -> Image.Image:
    """Draw each picture beside the frames of its digits, above its label and its answer."""
    rows = -(-len(readings) // columns) or 1
    sheet = Image.new("RGB", (columns * PAIR, rows * (CELL + TEXT + GAP)), BACKGROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    for index, reading in enumerate(readings):
        x, y = (index % columns) * PAIR, (index // columns) * (CELL + TEXT + GAP)
        sheet.paste(_fit(load_grey(reading.file), CELL), (x, y))
        frames = [digit.frame for digit in reading.prediction.digits] or [reading.prediction.frame]
        if frames[0] is not None:
            sheet.paste(_fit(to_uint8(np.hstack(frames)), CELL), (x + CELL + INNER_GAP, y))
        text = f"{reading.label or 'none'}, predicted {_answer(reading.prediction)}"
        draw.text((x, y + CELL), text, TEXT_COLOUR, font)
        draw.text((x, y + CELL + SECOND_LINE), reading.file.name[:MAX_NAME], NAME_COLOUR, font)
    return sheet


def _answer(prediction: Prediction) -> str:
    """Return a number, or an answer of at most one digit with the most probable digits."""
    if len(prediction.digits) > 1:
        return prediction.number.replace("\n", " ")
    top = ", ".join(f"{digit} {probability:.0%}" for digit, probability in prediction.top(3))
    return f"{describe(prediction.number, prediction.reason)} ({top})"


def _fit(grey: np.ndarray, side: int) -> Image.Image:
    image = Image.fromarray(grey)
    scale = side / max(image.size)
    return image.resize([max(1, round(length * scale)) for length in image.size], Image.Resampling.BOX)
