"""python -m model.evaluation, by calling model.evaluation.__main__.main."""

import json

import pytest

from model.data.synthetic_photos import PHOTO_KINDS
from model.evaluation.__main__ import main
from tests.helpers.labelled import write_labelled


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs the command with arguments and returns what it prints."""

    def run(*arguments) -> str:
        monkeypatch.setattr("sys.argv", ["evaluation", *map(str, arguments)])
        main()
        return capsys.readouterr().out

    return run


def test_real_prints_the_table_and_saves_a_contact_sheet_of_misread_digits(run, tmp_path):
    printed = run("--real", write_labelled(tmp_path), "--sheet", tmp_path / "sheet.png")
    assert "drawn" in printed
    assert "1 misread digits" in printed
    assert (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize("with_data", [False, True])
def test_synthetic_prints_the_accuracy_on_each_kind_of_photo(run, with_data, drawn_mnist_file):
    lines = run("--synthetic", 1, *(["--data", drawn_mnist_file] if with_data else [])).splitlines()
    assert {line.split()[0] for line in lines} == {kind.split()[0] for kind in PHOTO_KINDS}
    assert all(0 <= float(line.split()[-1]) <= 1 for line in lines)


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
    assert "one of --real, --synthetic and --table is required" in capsys.readouterr().err
