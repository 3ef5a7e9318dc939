"""python -m model.evaluation, by calling model.evaluation.__main__.main."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from model.data.mnist import TEST_SIZE
from model.data.synthetic_photos import NUMBER_KINDS, PHOTO_KINDS
from model.evaluation import __main__ as command
from tests.helpers.drawings import picture
from tests.helpers.labelled import write_labelled


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs the command with arguments and returns what it prints."""

    def run(*arguments) -> str:
        monkeypatch.setattr("sys.argv", ["evaluation", *map(str, arguments)])
        command.main()
        return capsys.readouterr().out

    return run


@pytest.fixture
def number_folder(tmp_path):
    """A folder of one picture of a number, 20, whose label is wrong."""
    folder = tmp_path / "numbers"
    folder.mkdir()
    Image.fromarray(np.hstack([picture(digit, size=(280, 220)) for digit in (2, 0)])).save(folder / "20.png")
    (folder / "labels.csv").write_text("file,label,source\n20.png,21,us\n")
    return folder


def test_real_prints_the_table_and_saves_a_contact_sheet_of_misread_digits(run, tmp_path):
    printed = run("--real", write_labelled(tmp_path), "--sheet", tmp_path / "sheet.png")
    assert "drawn" in printed
    assert "Of 2 single digits 0.00% are rejected." in printed
    assert re.search(r"Their expected calibration error is 0\.[45]\d\d\d\.", printed)  # one of two is wrong
    assert "1 misread digits and numbers" in printed
    assert (tmp_path / "sheet.png").exists()


def test_real_folders_have_a_table_each_and_a_contact_sheet_together(run, tmp_path, number_folder):
    folders = write_labelled(tmp_path), number_folder
    printed = run("--real", folders[0], "--real", folders[1], "--sheet", tmp_path / "sheet.png")
    tables = [table.splitlines()[0] for table in printed.strip().split("\n\n")]
    assert tables[:2] == [str(folder) for folder in folders]
    assert "2 misread digits and numbers" in printed


def test_real_numbers_alone_have_no_calibration_error(run, tmp_path, number_folder):
    printed = run("--real", number_folder, "--sheet", tmp_path / "sheet.png")
    assert "0 of 1" in printed
    assert "calibration" not in printed


@pytest.fixture
def measured(monkeypatch):
    """The digits and counts that synthetic photos were made of; the accuracy on each kind is said to be 0.5."""
    measured = []

    def measure(classifier, digits, count):
        measured.append((digits, count))
        return dict.fromkeys([*PHOTO_KINDS, *NUMBER_KINDS], 0.5)

    monkeypatch.setattr(command, "synthetic_accuracy", measure)
    return measured


def test_synthetic_prints_the_accuracy_on_each_kind_of_photo_of_drawn_digits(run, measured):
    printed = run("--synthetic", 3).splitlines()
    assert [line.rsplit(maxsplit=1) for line in printed] == [[kind, "0.500"] for kind in [*PHOTO_KINDS, *NUMBER_KINDS]]
    ((digits, count),) = measured
    assert (len(digits.labels), count) == (command.DRAWN, 3)


def test_synthetic_photos_are_made_of_the_test_digits_of_the_data(run, measured, drawn_mnist_file):
    run("--synthetic", 3, "--data", drawn_mnist_file)
    ((digits, count),) = measured
    assert (len(digits.labels), count) == (TEST_SIZE, 3)


@pytest.mark.slow
def test_synthetic_measures_the_shipped_network(run):
    accuracies = [float(line.split()[-1]) for line in run("--synthetic", 1).splitlines()]
    assert len(accuracies) == len(PHOTO_KINDS) + len(NUMBER_KINDS)
    assert set(accuracies) <= {0, 1}


@pytest.mark.slow
def test_mnist_prints_the_accuracy_on_the_test_images_of_the_data(run, drawn_mnist_file):
    printed = run("--mnist", "--data", drawn_mnist_file)
    assert printed == "Accuracy on MNIST's test images, read as pictures: 100.00%\n"


def test_table_prints_the_recipes(run, tmp_path):
    (tmp_path / "mine").mkdir()
    report = {"recipe": "mine", "published": "–", "parameters": 7, "seconds_per_epoch": 1, "epochs_run": 2}
    (tmp_path / "mine" / "metrics.json").write_text(json.dumps(report | {"test": {"accuracy": 0.5, "loss": 1}}))
    assert "| `mine` | 7 | 1 | 2 | 50.00% | 1.0000 | – |" in run("--table", tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--real", "none"], r"^python -m model\.evaluation: none/labels\.csv cannot be read: "),
        (["--network", "none.keras", "--synthetic", "1"], r"no network file none\.keras"),
        (["--synthetic", "1", "--data", "none.npz"], r"no file none\.npz"),
        (["--mnist", "--data", "none.npz"], r"no file none\.npz"),
        (["--table", "none"], "none holds no report of a training run"),
    ],
)
def test_invalid_files_end_it_with_one_sentence(run, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=message):
        run(*arguments)


def test_contact_sheet_that_cannot_be_saved_ends_it_with_one_sentence(run, tmp_path):
    with pytest.raises(SystemExit, match="No such file"):
        run("--real", write_labelled(tmp_path), "--sheet", tmp_path / "none" / "sheet.png")


@pytest.mark.parametrize("number", ["0", "-3", "x"])
def test_number_of_synthetic_photos_must_be_positive(run, number, capsys):
    with pytest.raises(SystemExit) as stopped:
        run("--synthetic", number)
    assert stopped.value.code == 2
    assert f"{number} is not a positive integer" in capsys.readouterr().err


def test_no_arguments_are_a_usage_error(run, capsys):
    with pytest.raises(SystemExit) as stopped:
        run()
    assert stopped.value.code == 2
    assert "one of --real, --synthetic, --mnist and --table is required" in capsys.readouterr().err


def test_table_with_several_real_folders_is_a_usage_error(run, capsys):
    with pytest.raises(SystemExit) as stopped:
        run("--table", "runs", "--real", "one", "--real", "other")
    assert stopped.value.code == 2
    assert "--table takes one --real at most" in capsys.readouterr().err
