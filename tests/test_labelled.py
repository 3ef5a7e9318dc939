import csv
import pathlib

import numpy as np
import pytest
from PIL import Image

from model import evaluation
from model.labelled import (
    LabelledError,
    accuracy,
    accuracy_table,
    check_labelled,
    contact_sheet,
    measure_labelled,
    read_labelled,
)
from tests.drawings import picture


@pytest.fixture
def labelled(tmp_path):
    """Two drawn digits, the second with a wrong label; and a blank page."""
    pictures = {
        "drawn/4.png": (picture(4), "4"),
        "drawn/5.png": (picture(5), "6"),
        "empty/x.png": (picture(0)[:9], "none"),
    }
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label", "source", "license"])
        for name, (grey, label) in pictures.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            Image.fromarray(grey).save(tmp_path / name)
            rows.writerow([name, label, "us", "MIT"])
    return tmp_path


def test_readings_and_table(labelled, classifier):
    readings = read_labelled(labelled, classifier)
    assert [(r.kind, r.label, r.prediction.digit, r.right) for r in readings] == [
        ("drawn", 4, 4, True),
        ("drawn", 6, 5, False),
        ("empty", None, None, True),
    ]
    assert accuracy(readings) == pytest.approx(2 / 3)
    assert [line.split() for line in accuracy_table(readings).splitlines()] == [
        ["right", "turned", "away"],
        ["drawn", "0.5000", "1", "of", "2", "0.0000"],
        ["us", "0.5000", "1", "of", "2", "0.0000"],
        ["empty", "1.0000", "1", "of", "1", "1.0000"],
        ["us", "1.0000", "1", "of", "1", "1.0000"],
    ]


def test_a_table_that_excel_saved_is_read(labelled, classifier):
    table = labelled / "labels.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    assert len(read_labelled(labelled, classifier)) == 3


def test_pictures_beside_the_table_are_of_the_folders_kind(labelled, classifier, monkeypatch):
    (labelled / "labels.csv").write_text("file,label,source\n4.png,4,us\n")
    monkeypatch.chdir(labelled / "drawn")
    (labelled / "labels.csv").rename("labels.csv")
    assert [reading.kind for reading in read_labelled(pathlib.Path(), classifier)] == ["drawn"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, r"labels\.csv cannot be read: No such file"),
        (b"file,label,source\ndrawn/4.png,4,M\xfcller\n", r"labels\.csv is not a table in CSV and UTF-8"),
        (b"file;label;source\ndrawn/4.png;4;us\n", "line 2: there is nothing in a column file"),
        (b"file,label,source\ndrawn/4.png,4,us\ndrawn/5.png\n", "line 3: there is nothing in a column label"),
        (b"file,label\ndrawn/4.png,4\n", "line 2: there is nothing in a column source"),
        (b"file,label,source\ndrawn/4.png,four,us\n", "line 2: the label 'four' is neither 0 to 9 nor none"),
        (b"file,label,source\ndrawn/9.png,9,us\n", "line 2: drawn/9.png: The file cannot be opened"),
        (b"file,label,source\nlabels.csv,9,us\n", "line 2: labels.csv: This is not a picture"),
        (b"file,label,source\nempty/x.png,none,us\n", r"labels\.csv names no picture of a digit"),
        (b"", r"labels\.csv names no picture of a digit"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(content, says, labelled):
    (labelled / "labels.csv").unlink()
    if content is not None:
        (labelled / "labels.csv").write_bytes(content)
    with pytest.raises(LabelledError, match=says):
        check_labelled(labelled)


def test_measured_by_kind(labelled):
    def always_four(frames):
        return np.eye(10, dtype=np.float32)[np.full(len(frames), 4)], np.zeros(len(frames), np.float32)

    assert measure_labelled(labelled, always_four) == {
        "drawn": {"pictures": 2, "right": 0.5, "turned_away": 0},
        "empty": {"pictures": 1, "right": 1, "turned_away": 1},
        "expected_calibration_error": 0.5,
    }


def test_contact_sheet_shows_picture_and_frame(labelled, classifier):
    readings = read_labelled(labelled, classifier)
    sheet = np.asarray(contact_sheet(readings[:1], columns=1))
    assert (sheet[:140, :140] == 255).mean() > 0.7  # the picture: mostly paper
    assert (sheet[:140, 144:284] == 0).mean() > 0.5  # the frame: mostly black


def test_command(labelled, monkeypatch, capsys):
    sheet = labelled / "sheet.png"
    monkeypatch.setattr("sys.argv", ["evaluation", "--real", str(labelled), "--sheet", str(sheet)])
    evaluation.main()
    assert "1 misread digits" in capsys.readouterr().out
    assert sheet.exists()


def test_command_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["evaluation", "--real", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"labels\.csv"):
        evaluation.main()
