import shutil

import numpy as np
import pytest
from PIL import Image

from model.data.corrections import CorrectionsError, load_corrections
from model.feedback import Feedback

FRAMES = np.random.default_rng(0).integers(0, 255, (10, 28, 28), np.uint8)


def wrong_label(folder, name):
    (folder / "corrections.csv").write_text(f"name,time,read,digit\n{name},2026-01-01,3,x\n")


def missing_frame(folder, name):
    (folder / f"{name}.frame.png").unlink()


def damaged_frame(folder, name):
    (folder / f"{name}.frame.png").write_text("no picture")


def large_frame(folder, name):
    Image.new("L", (30, 28)).save(folder / f"{name}.frame.png")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (wrong_label, "line 2: 'x' is not a digit"),
        (missing_frame, r"line 2: \w+\.frame\.png cannot be read"),
        (damaged_frame, r"line 2: \w+\.frame\.png cannot be read"),
        (large_frame, r"line 2: \w+\.frame\.png is not 28×28"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_load_corrections_names_the_line_that_is_invalid(spoil, message, tmp_path):
    Feedback(tmp_path).keep(b"", ".png", FRAMES[0], 1, 2)
    name = (tmp_path / "corrections.csv").read_text().splitlines()[1].split(",")[0]
    spoil(tmp_path, name)
    with pytest.raises(CorrectionsError, match=message):
        load_corrections(tmp_path)


def test_load_corrections_raises_for_a_table_that_is_not_utf8(tmp_path):
    Feedback(tmp_path).keep(b"", ".png", FRAMES[0], 1, 2)
    with (tmp_path / "corrections.csv").open("ab") as table:
        table.write("é".encode("latin-1"))
    with pytest.raises(CorrectionsError, match="not a CSV file in UTF-8"):
        load_corrections(tmp_path)


def test_load_corrections_raises_for_an_empty_folder(tmp_path):
    with pytest.raises(CorrectionsError, match="holds no corrections"):
        load_corrections(tmp_path)


def test_load_corrections_joins_the_folders_of_several_servers(tmp_path):
    for digit in (3, 8):
        Feedback(tmp_path / str(digit)).keep(b"", ".png", FRAMES[digit], 1, digit)
    images, labels = load_corrections(tmp_path)
    assert np.array_equal(images, FRAMES[[3, 8]])
    assert labels.tolist() == [3, 8]


def test_load_corrections_counts_a_copied_correction_once(tmp_path):
    Feedback(tmp_path / "first").keep(b"", ".png", FRAMES[3], 1, 3)
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    Feedback(tmp_path / "second").keep(b"", ".png", FRAMES[8], 1, 8)
    assert load_corrections(tmp_path).labels.tolist() == [3, 8]
