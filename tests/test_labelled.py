import pathlib

import numpy as np
import pytest
from PIL import Image

from model.evaluation.labelled import (
    LabelledError,
    Reading,
    accuracy,
    accuracy_table,
    calibration_error,
    check_labelled,
    contact_sheet,
    measure_labelled,
    read_labelled,
    rejection_rate,
    single_digits,
)
from tests.helpers.drawings import picture
from tests.helpers.labelled import write_labelled


@pytest.fixture
def labelled(tmp_path):
    return write_labelled(tmp_path)


@pytest.fixture
def read_number(tmp_path, classifier):
    """Return a function that reads a picture of digits in a row with a label."""

    def read(digits: list[int], label: str) -> Reading:
        row = [picture(digit, size=(280, 220)) for digit in digits] or [np.full((280, 440), 255, np.uint8)]
        Image.fromarray(np.hstack(row)).save(tmp_path / "number.png")
        (tmp_path / "labels.csv").write_text(f"file,label,source\nnumber.png,{label},us\n")
        (reading,) = read_labelled(tmp_path, classifier)
        return reading

    return read


def test_read_labelled_predicts_every_picture(labelled, classifier):
    readings = read_labelled(labelled, classifier)
    assert [(r.kind, r.label, r.prediction.digit, r.correct) for r in readings] == [
        ("drawn", "4", 4, True),
        ("drawn", "6", 5, False),
        ("empty", "", None, True),
    ]
    assert accuracy(readings) == pytest.approx(2 / 3)
    assert rejection_rate(readings) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("digits", "label", "correct", "rejected"),
    [
        ([2, 0, 7], "207", True, False),
        ([2, 0, 7], "201", False, False),
        ([2, 0, 7], "20", False, False),
        ([2, 0, 7], "2", False, True),
        ([2, 0, 7], "none", True, True),
        ([7], "7", True, False),
        ([7], "77", False, False),
        ([7], "none", False, False),
        ([], "207", False, True),
        ([], "7", False, True),
    ],
)
def test_number_is_correct_if_all_its_digits_are_read(digits, label, correct, rejected, read_number):
    reading = read_number(digits, label)
    assert (reading.correct, reading.rejected) == (correct, rejected)


def test_number_keeps_its_leading_zeros(read_number):
    reading = read_number([0, 7], "07")
    assert (reading.label, reading.correct) == ("07", True)


def test_number_may_be_in_several_lines(classifier, labelled):
    lines = [np.hstack([picture(digit, size=(280, 220)) for digit in line]) for line in ([2, 0], [7, 4])]
    Image.fromarray(np.vstack(lines)).save(labelled / "drawn" / "4.png")
    (labelled / "labels.csv").write_text("file,label,source\ndrawn/4.png,2074,us\n")
    (reading,) = read_labelled(labelled, classifier)
    assert reading.prediction.number == "20\n74"
    assert reading.correct


def test_calibration_error_is_that_of_single_digits(labelled, classifier, read_number):
    readings = [*read_labelled(labelled, classifier), read_number([2, 0, 7], "207")]
    assert [reading.label for reading in single_digits(readings)] == ["4", "6"]
    assert calibration_error(single_digits(readings)) == pytest.approx(0.5, abs=0.05)  # one of two is wrong


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
        (b"file,label,source\ndrawn/4.png,four,us\n", "line 2: the label 'four' is neither a number nor none"),
        (b"file,label,source\ndrawn/4.png,-4,us\n", "line 2: the label '-4' is neither a number nor none"),
        (b"file,label,source\ndrawn/4.png,4.0,us\n", "line 2: the label '4.0' is neither a number nor none"),
        (b"file,label,source\ndrawn/4.png,,us\n", "line 2: the label '' is neither a number nor none"),
        ("file,label,source\ndrawn/4.png,²,us\n".encode(), "line 2: the label '²' is neither a number nor none"),
        (b"file,label,source\ndrawn/9.png,9,us\n", "line 2: drawn/9.png: The file cannot be opened"),
        (b"file,label,source\nlabels.csv,9,us\n", "line 2: labels.csv: This is not a picture"),
        (b"file,label,source\nempty/x.png,none,us\n", r"labels\.csv lists no picture of a single digit"),
        (b"file,label,source\ndrawn/4.png,44,us\n", r"labels\.csv lists no picture of a single digit"),
        (b"", r"labels\.csv lists no picture of a single digit"),
        (b"file,label,source\n../out.png,4,us\n", r"line 2: '\.\./out\.png' is not a file in "),
        (b"file,label,source\n/etc/hostname,4,us\n", "line 2: '/etc/hostname' is not a file in "),
        (b"file,label,source\nlink.png,4,us\n", r"line 2: 'link\.png' is not a file in "),
        (b"file,label,source\nloop.png,4,us\n", r"line 2: "),
    ],
)
def test_check_labelled_names_what_is_invalid(content, message, labelled):
    (labelled / "labels.csv").unlink()
    (labelled / "link.png").symlink_to(__file__)
    (labelled / "loop.png").symlink_to(labelled / "loop.png")
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


def test_contact_sheet_draws_the_frames_of_a_number_side_by_side(read_number):
    reading = read_number([2, 0], "20")
    sheet = np.asarray(contact_sheet([reading], columns=1))
    frames = [digit.frame for digit in reading.prediction.digits]
    shown = sheet[:70, 144:284].reshape(70, 2, 70, 3)
    for index, frame in enumerate(frames):
        assert shown[:, index].mean() / 255 == pytest.approx(frame.mean(), abs=0.02)
    assert (sheet[70:140, 144:284] == sheet[139, 144]).all()


def test_contact_sheet_draws_blank_pictures_without_a_frame(labelled, classifier):
    sheet = np.asarray(contact_sheet(read_labelled(labelled, classifier)[2:], columns=1))
    assert (sheet[:140, 144:284] == sheet[0, 290]).all()


def test_contact_sheet_names_the_number_and_the_label(read_number):
    same, other = (np.asarray(contact_sheet([read_number([2, 0], label)], columns=1)) for label in ("20", "27"))
    assert not np.array_equal(same[140:155], other[140:155])
    assert np.array_equal(same[155:], other[155:])
