"""train.py: its arguments in this process, and whole runs as its user starts them."""

import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

import train
from model.training import recipes
from tests.helpers import ROOT


def run(*arguments, **variables: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "train.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=os.environ | variables)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "argument --epochs: 0 is not a positive integer"),
        (["--batch-size", "1.5"], "1.5 is not a positive integer"),
        (["--learning-rate", "nan"], "nan is not a positive number"),
        (["--learning-rate", "-1"], "-1 is not a positive number"),
        (["--learning-rate", "x"], "argument --learning-rate: x is not a positive number"),
        (["--output", "digits.h6"], "digits.h6 ends neither in .keras nor in .h5"),
        (["--output", "{folder}/folder.keras"], "folder.keras is a folder"),
        (["--recipe", "none"], "argument --recipe: invalid choice: 'none'"),
        (["--data", "none.npz"], "none.npz does not exist"),
        (["--real", "none"], "none does not exist"),
        (["--extra", "none"], "none does not exist"),
        (["--seed", "-1"], "-1 is not an integer from 0 to 4294967295"),
        (["--seed", "0", "4294967296"], "4294967296 is not an integer from 0 to 4294967295"),
        (["--evaluate", "none.keras"], "none.keras does not exist"),
        (["--evaluate", "{folder}", "--real", "{folder}"], "--evaluate cannot be combined with --real"),
        (["--evaluate", "{folder}", "--recipe", "small-5x5"], "--evaluate cannot be combined with --recipe"),
        (["--evaluate", "{folder}", "--dry-run"], "--evaluate cannot be combined with --dry-run"),
        (["--eval", "{folder}"], "unrecognized arguments: --eval"),
    ],
)
def test_wrong_arguments_are_usage_errors(arguments, message, tmp_path, capsys):
    (tmp_path / "folder.keras").mkdir()
    with pytest.raises(SystemExit) as stopped:
        train.parse_arguments([argument.format(folder=tmp_path) for argument in arguments])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_arguments_have_the_defaults_of_the_recipe():
    options = train.parse_arguments([])
    assert options.recipe == "default"
    assert options.seed == [0]
    assert {options.resume, options.dry_run, options.list_recipes} == {False}
    assert {options.epochs, options.batch_size, options.learning_rate, options.output, options.data} == {None}


def test_arguments_are_parsed(tmp_path):
    words = ["--recipe", "small-5x5", "--epochs", "3", "--learning-rate", "1e-2", "--seed", "1", "2"]
    options = train.parse_arguments([*words, "--data", str(tmp_path), "--output", "new/digits.h5"])
    assert (options.recipe, options.epochs, options.learning_rate, options.seed) == ("small-5x5", 3, 0.01, [1, 2])
    assert (options.data, options.output) == (tmp_path, pathlib.Path("new/digits.h5"))


def test_evaluate_can_be_combined_with_data(tmp_path):
    options = train.parse_arguments(["--evaluate", str(tmp_path), "--data", str(tmp_path)])
    assert options.evaluate == options.data == tmp_path


@pytest.fixture
def without_keras(tmp_path):
    """Environment variables with which importing Keras fails as if it were not installed."""
    (tmp_path / "keras.py").write_text("raise ModuleNotFoundError('No module named keras', name='keras')\n")
    return {"PYTHONPATH": str(tmp_path)}


@pytest.mark.parametrize(
    ("arguments", "status", "message"), [(["--help"], 0, "usage: train.py"), (["--epochs", "0"], 2, "not a positive")]
)
def test_help_and_wrong_arguments_are_answered_without_keras(arguments, status, message, without_keras):
    result = run(*arguments, **without_keras)
    assert result.returncode == status
    assert message in result.stdout + result.stderr


def test_missing_requirement_is_reported_with_the_command_that_installs_it(without_keras):
    result = run("--list-recipes", **without_keras)
    assert result.returncode == 1
    assert result.stderr == "train.py: keras is not installed; run: python -m pip install -r requirements.txt\n"


@pytest.fixture
def main(monkeypatch):
    """Return a function that runs train.py in this process."""

    def main(*arguments) -> None:
        monkeypatch.setattr("sys.argv", ["train.py", *map(str, arguments)])
        train.main()

    return main


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "/proc/none/digits.keras"], "The folder .* cannot be written to"),
        (["--output", "{folder}/digits.keras", "--resume"], "There is nothing to resume"),
        (["--output", "{folder}/digits.keras", "--real", "{folder}"], r".*labels\.csv cannot be read"),
        (["--output", "{folder}/digits.keras", "--data", "{folder}/text"], r".*is not an mnist\.npz"),
        (
            ["--output", "{folder}/ink.keras", "--recipe", "ink", "--real", "{folder}"],
            "The ink network reads no digits",
        ),
        (["--evaluate", "{folder}/text"], "text is not a network"),
        (["--evaluate", "{folder}"], "There is no network file"),
    ],
)
def test_errors_of_a_run_end_it_with_one_sentence(main, arguments, message, tmp_path):
    (tmp_path / "text").write_text("text")
    with pytest.raises(SystemExit, match=f"^digit-pad-train: {message}") as stopped:
        main(*(argument.format(folder=tmp_path) for argument in arguments))
    assert "\n" not in stopped.value.code


def test_list_recipes_lists_every_recipe(main, capsys):
    main("--list-recipes")
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == recipes.names()


@pytest.mark.slow
def test_dry_run_of_the_default_recipe_writes_a_card_and_is_quiet(drawn_mnist_file, tmp_path):
    shipped = ROOT / "model" / "trained" / "digits.keras"
    before = shipped.stat().st_mtime_ns
    result = run("--data", drawn_mnist_file, "--dry-run", TMPDIR=str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "Loaded from the file, its test accuracy is" in result.stdout
    saved = pathlib.Path(result.stdout.split("Saved ")[1].split(", its")[0])
    assert {"README.md", "digits.keras", "digits.tflite", "metrics.json", "training.png"} <= {
        file.name for file in saved.parent.iterdir()
    }
    report = json.loads(saved.with_name("metrics.json").read_text())
    assert report["command"] == f"python train.py --data {drawn_mnist_file} --dry-run"
    assert shipped.stat().st_mtime_ns == before


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_run_is_stopped_by_a_signal_resumed_and_evaluated(main, drawn_mnist_file, tmp_path):
    output = tmp_path / "small.h5"
    arguments = ["--data", drawn_mnist_file, "--recipe", "small-5x5", "--epochs", 2, "--batch-size", 2000]
    arguments += ["--output", output]
    command = [sys.executable, "-u", "train.py", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        for line in process.stdout:
            if "Epoch 2/2" in line:
                process.send_signal(signal.SIGINT)
        assert process.stderr.read().startswith("train.py: Stopped. The best network so far is")
    assert process.returncode == 1
    assert not output.exists()

    main(*arguments, "--resume")
    assert output.exists()
    report = json.loads((tmp_path / "metrics.json").read_text())
    assert len(report["history"]["loss"]) == 2
    assert report["test"]["accuracy"] > 0.95

    main("--data", drawn_mnist_file, "--evaluate", output)
    evaluated = json.loads((tmp_path / "small-evaluation" / "metrics.json").read_text())
    assert evaluated["test"] == report["test"]
