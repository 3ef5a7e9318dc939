"""A small folder of labelled pictures."""

import csv
import pathlib

from PIL import Image

from tests.helpers.drawings import picture


def write_labelled(folder: pathlib.Path) -> pathlib.Path:
    """Write two drawn digits, the second with a wrong label, and a blank picture; return the folder."""
    pictures = {
        "drawn/4.png": (picture(4), "4"),
        "drawn/5.png": (picture(5), "6"),
        "empty/x.png": (picture(0)[:9], "none"),
    }
    with (folder / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label", "source", "license"])
        for name, (grey, label) in pictures.items():
            (folder / name).parent.mkdir(exist_ok=True)
            Image.fromarray(grey).save(folder / name)
            rows.writerow([name, label, "us", "MIT"])
    return folder
