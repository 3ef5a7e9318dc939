import json
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest

import train
from model.evaluation import scaled
from model.feedback import Feedback
from model.metrics import expected_calibration_error, score
from model.mnist import Mnist
from model.quiet_keras import keras
from model.recipes import RECIPES
from model.styles import written_digits

ROOT = pathlib.Path(__file__).parent.parent
TRAINED = ROOT / "model" / "trained"
FILES = [
    "README.md",
    "calibration.png",
    "confusion.png",
    "digits.keras",
    "digits.tflite",
    "metrics.json",
    "mistakes.png",
    "training.png",
]


def run(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "train.py", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)


def test_list_of_recipes():
    lines = run("--list-recipes").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(RECIPES)
    assert "22,046 parameters" in next(line for line in lines if line.startswith("small-5x5"))


@pytest.mark.parametrize("recipe", ["default", "black-on-white"])
def test_dry_run(recipe, mnist_file):
    before = (TRAINED / "digits.keras").stat().st_mtime_ns
    result = run("--data", mnist_file, "--dry-run", "--recipe", recipe, "--seed", 5, 6)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "val_accuracy" in result.stdout  # progress
    assert "macro avg" in result.stdout
    assert "Loaded again, it scores the same" in result.stdout
    saved = pathlib.Path(result.stdout.split("Saved ")[1].split(", its")[0])
    has_card = recipe == "default"
    assert sorted(file.name for file in saved.parent.iterdir()) == FILES[not has_card :]
    report = json.loads(saved.with_name("metrics.json").read_text())
    assert report["recipe"] == recipe
    assert report["seed"] == min(report["seeds"], key=lambda run: run["validation"]["loss"])["seed"]
    assert [run["seed"] for run in report["seeds"]] == [5, 6]
    assert report["epochs_run"] == 1
    assert report["command"].startswith("python train.py --data")
    assert {"keras", "python", "numpy", "backend"} == set(report["versions"])
    assert (TRAINED / "digits.keras").stat().st_mtime_ns == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_stopped_resumed_and_evaluated(mnist_file, tmp_path):
    output = tmp_path / "small.h5"
    arguments = ["--data", mnist_file, "--recipe", "small-5x5", "--epochs", 2, "--output", output]
    command = [sys.executable, "-u", "train.py", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        for line in process.stdout:
            if "Epoch 2/2" in line:
                process.send_signal(signal.SIGINT)
        assert "stopped. The best network so far is" in process.stderr.read()
    assert process.returncode == 1
    best = tmp_path / "small.h5.checkpoint" / "0" / "best.keras"
    assert keras.saving.load_model(best).count_params() == 22_046
    assert not output.exists()

    anew = run(*arguments)
    assert anew.returncode == 1
    assert "--resume" in anew.stderr
    assert best.exists()

    other = run(*arguments, "--resume", "--seed", 7)
    assert other.returncode == 1
    assert "another one, begun by: python train.py --data" in other.stderr
    assert best.exists()

    result = run(*arguments, "--resume")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert not best.parent.parent.exists()
    assert len(json.loads((tmp_path / "metrics.json").read_text())["history"]["loss"]) == 2

    evaluated = run("--data", mnist_file, "--evaluate", output)
    assert evaluated.returncode == 0, evaluated.stderr
    alone = json.loads((tmp_path / "small-evaluation" / "metrics.json").read_text())
    assert alone["test"] == json.loads((tmp_path / "metrics.json").read_text())["test"]
    assert alone["test"]["accuracy"] > 0.95


def test_corrections_are_trained_on(mnist_file, tmp_path):
    kept = Feedback(tmp_path / "feedback")
    for digit in range(3):
        kept.keep(b"", ".png", np.full((28, 28), 50 * digit, np.uint8), None, digit)
    arguments = ["--data", mnist_file, "--dry-run", "--recipe", "small-5x5", "--extra", kept.folder]
    result = run(*arguments)
    assert result.returncode == 0, result.stderr
    assert "3 corrections" in result.stdout

    (kept.folder / "corrections.csv").write_text("name,time,read,digit\nnone,2026-01-01,none,4\n")
    result = run(*arguments)
    assert result.returncode == 1
    assert result.stderr.endswith("corrections.csv, line 2: none.frame.png cannot be read.\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--epochs", "0"], "not above 0"),
        (["--learning-rate", "nan"], "not above 0"),
        (["--output", "digits.h6"], "ends neither in .keras nor in .h5"),
        (["--output", "/proc/none/digits.keras"], "cannot be written to"),
        (["--recipe", "none"], "there is no recipe none"),
        (["--resume", "--output", "never/digits.keras"], "nothing to resume"),
        (["--data", "none.npz"], "no file none.npz"),
        (["--seed", "-1"], "-1 is not a whole number from 0"),
        (["--seed", "0", "4294967296"], "4294967296 is not a whole number from 0"),
        (["--evaluate", "none.keras"], "no network file none.keras"),
        (["--evaluate", "README.md"], "not a network"),
        (["--evaluate", "none.keras", "--real", "docs"], "--evaluate takes no --real"),
        (["--evaluate", "none.keras", "--recipe", "small-5x5"], "--evaluate takes no --recipe"),
        (["--output", "digits.keras"], "would replace README.md"),
        # Its run writes no card.
        (["--output", "digits.keras", "--recipe", "small-5x5", "--data", "none.npz"], "no file none.npz"),
        (["--real", "docs"], "docs/labels.csv cannot be read"),
    ],
)
def test_a_wrong_call_is_answered_at_once(arguments, says, tmp_path):
    if not {"--output", "--evaluate"} & set(arguments):
        arguments = [*arguments, "--output", str(tmp_path / "digits.keras")]
    result = run(*arguments)
    assert result.returncode != 0
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert not (ROOT / "never").exists()


@pytest.mark.parametrize(
    ("before", "is_kept"), [((TRAINED / "README.md").read_text(encoding="utf-8"), False), ("# My own", True)]
)
def test_a_run_without_a_card_leaves_none_of_another_run(before, is_kept, tmp_path):
    (tmp_path / "README.md").write_text(before, encoding="utf-8")
    (tmp_path / "metrics.json").write_text("{}")
    digits = written_digits(10, np.random.default_rng(0))
    report = {"history": {name: [0.5] for name in ("loss", "accuracy", "val_loss", "val_accuracy")}}
    train.save(tmp_path / "digits.keras", report, RECIPES["small-5x5"].network(), Mnist(*[digits] * 3), real=None)
    assert (tmp_path / "README.md").exists() == is_kept


def test_shipped_network_and_its_report():
    report = json.loads((TRAINED / "metrics.json").read_text())
    assert report["test"]["accuracy"] >= 0.997
    assert len(report["seeds"]) == 3
    assert report["expected_calibration_error"] < 0.003
    assert report["test"]["turned_away"] < 0.005
    assert report["not_digits_turned_away"] > 0.9
    assert {"loss", "accuracy"} <= set(report["test"])
    assert {"parameters", "seed", "versions", "seconds", "command"} <= set(report)
    assert (TRAINED / "digits.keras").stat().st_size < 2_000_000


def test_shipped_network_scores_as_reported(classifier, mnist_data):
    report = json.loads((TRAINED / "metrics.json").read_text())
    probabilities, not_digit = classifier.network(scaled(mnist_data.test.images))
    measured = score(probabilities, not_digit, mnist_data.test.labels)
    for name in ("accuracy", "loss", "turned_away"):
        assert measured[name] == pytest.approx(report["test"][name], abs=2e-4)
    error = expected_calibration_error(probabilities, mnist_data.test.labels)
    assert error == pytest.approx(report["expected_calibration_error"], abs=2e-4)
