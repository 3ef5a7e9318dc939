import pathlib

import numpy as np
import pytest

from model.evaluation.labelled import (
    LabelledError,
    accuracy,
    accuracy_table,
    check_labelled,
    contact_sheet,
    measure_labelled,
    read_labelled,
    rejection_rate,
)
from tests.helpers.labelled import write_labelled


@pytest.fixture
def labelled(tmp_path):
    return write_labelled(tmp_path)


def test_read_labelled_predicts_every_picture(labelled, classifier):
    readings = read_labelled(labelled, classifier)
    assert [(r.kind, r.label, r.prediction.digit, r.correct) for r in readings] == [
        ("drawn", 4, 4, True),
        ("drawn", 6, 5, False),
        ("empty", None, None, True),
    ]
    assert accuracy(readings) == pytest.approx(2 / 3)
    assert rejection_rate(readings) == pytest.approx(1 / 3)


def test_accuracy_table_has_a_line_for_each_kind_and_source(labelled, classifier):
    readings = read_labelled(labelled, classifier)
    assert [line.split() for line in accuracy_table(readings).splitlines()] == [
        ["accuracy", "correct", "rejected"],
        ["drawn", "0.5000", "1", "of", "2", "0.0000"],
        ["us", "0.5000", "1", "of", "2", "0.0000"],
        ["empty", "1.0000", "1", "of", "1", "1.0000"],
        ["us", "1.0000", "1", "of", "1", "1.0000"],
    ]


def test_read_labelled_accepts_a_table_that_excel_saved(labelled, classifier):
    table = labelled / "labels.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    assert len(read_labelled(labelled, classifier)) == 3


def test_kind_of_pictures_beside_the_table_is_the_name_of_their_folder(labelled, classifier, monkeypatch):
    (labelled / "labels.csv").write_text("file,label,source\n4.png,4,us\n")
    monkeypatch.chdir(labelled / "drawn")
    (labelled / "labels.csv").rename("labels.csv")
    assert [reading.kind for reading in read_labelled(pathlib.Path(), classifier)] == ["drawn"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"labels\.csv cannot be read: No such file"),
        (b"file,label,source\ndrawn/4.png,4,M\xfcller\n", r"labels\.csv is not a CSV file in UTF-8"),
        (b"file;label;source\ndrawn/4.png;4;us\n", "line 2: the column file is missing"),
        (b"file,label,source\ndrawn/4.png,4,us\ndrawn/5.png\n", "line 3: the column label is missing"),
        (b"file,label\ndrawn/4.png,4\n", "line 2: the column source is missing"),
        (b"file,label,source\ndrawn/4.png,four,us\n", "line 2: the label 'four' is neither 0 to 9 nor none"),
        (b"file,label,source\ndrawn/9.png,9,us\n", "line 2: drawn/9.png: The file cannot be opened"),
        (b"file,label,source\nlabels.csv,9,us\n", "line 2: labels.csv: This is not a picture"),
        (b"file,label,source\nempty/x.png,none,us\n", r"labels\.csv lists no picture of a digit"),
        (b"", r"labels\.csv lists no picture of a digit"),
    ],
)
def test_check_labelled_names_what_is_invalid(content, message, labelled):
    (labelled / "labels.csv").unlink()
    if content is not None:
        (labelled / "labels.csv").write_bytes(content)
    with pytest.raises(LabelledError, match=message):
        check_labelled(labelled)


def test_check_labelled_accepts_a_valid_folder(labelled):
    assert check_labelled(labelled) is None


def test_measure_labelled_reports_accuracy_and_rejection_rate_by_kind(labelled):
    def always_four(frames):
        return np.eye(10, dtype=np.float32)[np.full(len(frames), 4)], np.zeros(len(frames), np.float32)

    assert measure_labelled(labelled, always_four) == {
        "drawn": {"pictures": 2, "accuracy": 0.5, "rejection_rate": 0},
        "empty": {"pictures": 1, "accuracy": 1, "rejection_rate": 1},
        "expected_calibration_error": 0.5,
    }


def test_contact_sheet_draws_picture_and_frame(labelled, classifier):
    readings = read_labelled(labelled, classifier)
    sheet = np.asarray(contact_sheet(readings[:1], columns=1))
    assert (sheet[:140, :140] == 255).mean() > 0.7  # the picture: mostly paper
    assert (sheet[:140, 144:284] == 0).mean() > 0.5  # the frame: mostly black
