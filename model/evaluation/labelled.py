"""Evaluate a classifier on labelled real pictures, and draw a contact sheet of its mistakes.

The pictures are in folders by kind, within a folder with a labels.csv that lists them: columns ``file``, ``label``
(0..9, or "none" for non-digits) and ``source``.
"""

import pathlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.classifier import Classifier, Prediction
from model.data.tables import read_table
from model.display import describe
from model.errors import DigitPadError
from model.evaluation.metrics import DECIMALS, expected_calibration_error
from model.network.base import Network
from model.preparation.frame import to_uint8
from model.preparation.picture import PictureError, load_grey

LABELS = {"none": None} | {str(digit): digit for digit in range(10)}
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
    """A labelled picture; ``label`` is 0..9, or None if it does not show a digit."""

    file: pathlib.Path
    kind: str
    source: str
    label: int | None


@dataclass(frozen=True)
class Reading(Labelled):
    """A labelled picture and the prediction for it."""

    prediction: Prediction

    @property
    def correct(self) -> bool:
        """Whether the prediction is the label, or rejects what is not a digit."""
        return self.prediction.digit == self.label


def labelled_pictures(folder: pathlib.Path) -> Iterator[tuple[Labelled, np.ndarray]]:
    """Yield each picture that the folder's labels.csv lists, with its grey pixels, uint8 (H, W).

    Raises:
        LabelledError: labels.csv or a picture is missing or invalid; the message says which.
    """
    for location, row in read_table(folder / "labels.csv", LabelledError):
        for column in COLUMNS:
            if row.get(column) is None:
                raise LabelledError(f"{location}: the column {column} is missing.")
        if row["label"] not in LABELS:
            raise LabelledError(f"{location}: the label {row['label']!r} is neither 0 to 9 nor none.")
        file = folder / row["file"]
        try:
            grey = load_grey(file)
        except PictureError as error:
            raise LabelledError(f"{location}: {row['file']}: {error}") from error
        yield Labelled(file, file.absolute().parent.name, row["source"], LABELS[row["label"]]), grey


def check_labelled(folder: pathlib.Path) -> None:
    """Raise LabelledError unless ``measure_labelled`` can evaluate on the folder."""
    if {picture.label for picture, _ in labelled_pictures(folder)} <= {None}:
        raise LabelledError(f"{folder / 'labels.csv'} lists no picture of a digit.")


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
        "expected_calibration_error" on the digits among them, 0..1.

    Raises:
        LabelledError: labels.csv or a picture is missing or invalid.
    """
    readings = read_labelled(folder, Classifier(network))
    measured = {
        kind: {"pictures": len(of_kind), "accuracy": accuracy(of_kind), "rejection_rate": rejection_rate(of_kind)}
        for kind, of_kind in grouped(readings, "kind").items()
    }
    digits = [reading for reading in readings if reading.label is not None]
    error = expected_calibration_error(
        np.stack([reading.prediction.probabilities for reading in digits]), np.array([r.label for r in digits])
    )
    return measured | {"expected_calibration_error": round(error, DECIMALS)}


def accuracy(readings: Iterable[Reading]) -> float:
    """Return the fraction of correct predictions, 0..1."""
    return float(np.mean([reading.correct for reading in readings]))


def rejection_rate(readings: Iterable[Reading]) -> float:
    """Return the fraction of predictions without a digit, 0..1."""
    return float(np.mean([reading.prediction.digit is None for reading in readings]))


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
    """Draw each picture beside its frame, above its label and its answer."""
    rows = -(-len(readings) // columns) or 1
    sheet = Image.new("RGB", (columns * PAIR, rows * (CELL + TEXT + GAP)), BACKGROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    for index, reading in enumerate(readings):
        x, y = (index % columns) * PAIR, (index // columns) * (CELL + TEXT + GAP)
        sheet.paste(_fit(load_grey(reading.file), CELL), (x, y))
        prediction = reading.prediction
        if prediction.frame is not None:
            sheet.paste(_fit(to_uint8(prediction.frame), CELL), (x + CELL + INNER_GAP, y))
        label = "none" if reading.label is None else reading.label
        answer = describe(prediction.digit, prediction.reason)
        top = ", ".join(f"{digit} {probability:.0%}" for digit, probability in prediction.top(3))
        draw.text((x, y + CELL), f"{label}, predicted {answer} ({top})", TEXT_COLOUR, font)
        draw.text((x, y + CELL + SECOND_LINE), reading.file.name[:MAX_NAME], NAME_COLOUR, font)
    return sheet


def _fit(grey: np.ndarray, side: int) -> Image.Image:
    image = Image.fromarray(grey)
    scale = side / max(image.size)
    return image.resize([max(1, round(length * scale)) for length in image.size], Image.Resampling.BOX)
