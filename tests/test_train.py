import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent


def run(*arguments, **environment) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "train.py", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)


def test_dry_run(mnist_file):
    shipped = ROOT / "model" / "trained" / "digits.keras"
    before = shipped.stat().st_mtime_ns
    result = run("--data", mnist_file, "--dry-run", "--seed", 5)
    assert result.returncode == 0, result.stderr
    assert "val_accuracy" in result.stdout  # progress
    saved = pathlib.Path(result.stdout.split("saved ")[1].split(" and")[0])
    report = json.loads(saved.with_name("metrics.json").read_text())
    assert report["seed"] == 5
    assert report["epochs"] == 1
    assert report["command"].startswith("python train.py --data")
    assert saved.stat().st_size < 2_000_000
    assert shipped.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--epochs", "0"], "at least 1"),
        (["--output", "digits.h6"], "does not end in .keras"),
        (["--output", "/proc/none/digits.keras"], "cannot be made"),
        (["--data", "none.npz"], "no file none.npz"),
    ],
)
def test_a_wrong_call_is_answered_at_once(arguments, says):
    result = run(*arguments)
    assert result.returncode != 0
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_shipped_network_and_its_report():
    trained = ROOT / "model" / "trained"
    report = json.loads((trained / "metrics.json").read_text())
    assert report["test"]["accuracy"] >= 0.995
    assert {"loss", "accuracy"} <= set(report["test"])
    assert {"parameters", "seed", "versions", "seconds", "command"} <= set(report)
    assert (trained / "digits.keras").stat().st_size < 2_000_000


def test_shipped_network_scores_as_reported(classifier, mnist_data):
    report = json.loads((ROOT / "model" / "trained" / "metrics.json").read_text())
    read = classifier.probabilities(mnist_data.test.images.astype("float32") / 255).argmax(1)
    assert (read == mnist_data.test.labels).mean() == pytest.approx(report["test"]["accuracy"], abs=2e-4)
