"""Real pictures whose digits are known: how well they are read, and a sheet of those that are not.

They lie in folders of their own kind, under one with a labels.csv that names each (columns ``file``, ``label``: 0..9,
or "none" for what is not a digit, and ``source``).
"""

import pathlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.classifier import Classifier, Prediction
from model.display import describe
from model.metrics import expected_calibration_error
from model.picture import PictureError, load_grey
from model.probabilities import Network
from model.tables import read_table

LABELS = {"none": None} | {str(digit): digit for digit in range(10)}


class LabelledError(Exception):
    """A folder of labelled pictures cannot be used; the message is one sentence that says where and why."""


@dataclass(frozen=True)
class Labelled:
    """One picture and the digit that it shows, None where it shows none."""

    file: pathlib.Path
    kind: str
    source: str
    label: int | None


@dataclass(frozen=True)
class Reading(Labelled):
    """One labelled picture and what was read in it."""

    prediction: Prediction

    @property
    def right(self) -> bool:
        return self.prediction.digit == self.label


def labelled_pictures(folder: pathlib.Path) -> Iterator[tuple[Labelled, np.ndarray]]:
    """The pictures that the folder's labels.csv names, each with its grey values. Raises LabelledError."""
    for where, row in read_table(folder / "labels.csv", LabelledError):
        for column in ("file", "label", "source"):
            if row.get(column) is None:
                raise LabelledError(f"{where}: there is nothing in a column {column}.")
        if row["label"] not in LABELS:
            raise LabelledError(f"{where}: the label {row['label']!r} is neither 0 to 9 nor none.")
        file = folder / row["file"]
        try:
            grey = load_grey(file)
        except PictureError as error:
            raise LabelledError(f"{where}: {row['file']}: {error}") from error
        yield Labelled(file, file.absolute().parent.name, row["source"], LABELS[row["label"]]), grey


def check_labelled(folder: pathlib.Path) -> None:
    """Raises LabelledError where measure_labelled could not measure."""
    if {picture.label for picture, _ in labelled_pictures(folder)} <= {None}:
        raise LabelledError(f"{folder / 'labels.csv'} names no picture of a digit.")


def read_labelled(folder: pathlib.Path, classifier: Classifier) -> list[Reading]:
    """Read every picture that the folder's labels.csv names. Raises LabelledError."""
    return [
        Reading(**vars(picture), prediction=classifier.predict(grey)) for picture, grey in labelled_pictures(folder)
    ]


def measure_labelled(folder: pathlib.Path, network: Network) -> dict:
    """For each kind: how many "pictures", and the shares "right" and "turned_away"; and, of the digits among them, the
    "expected_calibration_error"."""
    readings = read_labelled(folder, Classifier(network))
    measured = {
        kind: {"pictures": len(of_kind), "right": accuracy(of_kind), "turned_away": turned_away(of_kind)}
        for kind, of_kind in grouped(readings, "kind").items()
    }
    digits = [reading for reading in readings if reading.label is not None]
    error = expected_calibration_error(
        np.stack([reading.prediction.probabilities for reading in digits]), np.array([r.label for r in digits])
    )
    return measured | {"expected_calibration_error": round(error, 6)}


def accuracy(readings: Iterable[Reading]) -> float:
    """The share read right, 0..1."""
    return float(np.mean([reading.right for reading in readings]))


def turned_away(readings: Iterable[Reading]) -> float:
    """The share in which no digit was read, 0..1."""
    return float(np.mean([reading.prediction.digit is None for reading in readings]))


def grouped(readings: Iterable[Reading], by: str) -> dict[str, list[Reading]]:
    """The readings of each "kind" or "source", in the order of their names."""
    groups = defaultdict(list)
    for reading in readings:
        groups[getattr(reading, by)].append(reading)
    return dict(sorted(groups.items()))


def accuracy_table(readings: list[Reading]) -> str:
    """Accuracy, and how many were turned away, for each kind of picture and, indented, for each source within it."""
    lines = [f"{'':<56}   right               turned away"]
    for kind, of_kind in grouped(readings, "kind").items():
        lines.append(_table_line(kind, of_kind))
        lines += [_table_line("  " + source, of_source) for source, of_source in grouped(of_kind, "source").items()]
    return "\n".join(lines)


def _table_line(name: str, readings: list[Reading]) -> str:
    right = f"{sum(reading.right for reading in readings)} of {len(readings)}"
    return f"{name:<56} {accuracy(readings):7.4f}   {right:<12}{turned_away(readings):9.4f}"


def contact_sheet(readings: list[Reading], columns: int = 8) -> Image.Image:
    """A sheet of pictures, each beside its frame and over its label and its answer."""
    cell, text = 140, 32
    rows = -(-len(readings) // columns) or 1
    sheet = Image.new("RGB", (columns * (2 * cell + 12), rows * (cell + text + 8)), "#403050")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for place, reading in enumerate(readings):
        x, y = (place % columns) * (2 * cell + 12), (place // columns) * (cell + text + 8)
        sheet.paste(_fitted(load_grey(reading.file), cell), (x, y))
        prediction = reading.prediction
        if prediction.frame is not None:
            sheet.paste(_fitted((prediction.frame * 255).astype(np.uint8), cell), (x + cell + 4, y))
        label = "none" if reading.label is None else reading.label
        answer = describe(prediction.digit, prediction.reason)
        chances = ", ".join(f"{digit} {chance:.0%}" for digit, chance in prediction.top(3))
        draw.text((x, y + cell), f"{label}, read {answer} ({chances})", "white", font)
        draw.text((x, y + cell + 15), reading.file.name[:46], "#c0b0d0", font)
    return sheet


def _fitted(grey: np.ndarray, side: int) -> Image.Image:
    image = Image.fromarray(grey)
    scale = side / max(image.size)
    return image.resize([max(1, round(length * scale)) for length in image.size], Image.Resampling.BOX)
