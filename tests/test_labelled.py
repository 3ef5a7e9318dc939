import csv

import numpy as np
import pytest
from PIL import Image

from model import evaluation
from model.labelled import accuracy, accuracy_table, contact_sheet, measure_labelled, read_labelled
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
