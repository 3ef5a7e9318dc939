import json

import numpy as np

from model import evaluation
from model.mnist import Mnist, Split
from tests.test_metrics import LABELS, certain


def test_evaluation_of_every_split_is_json_and_words():
    images = np.zeros((100, 28, 28), np.uint8)
    images[np.arange(100), 0, LABELS] = 255
    split = Split(images, LABELS)
    probabilities, report = evaluation.evaluation(
        lambda frames: (certain(frames[:, 0, :10].argmax(1)), frames.mean((1, 2))), Mnist(split, split, split)
    )
    assert probabilities.shape == (100, 10)
    assert json.loads(json.dumps(report)) == report
    assert [report[name]["accuracy"] for name in ("train", "validation", "test")] == [1, 1, 1]
    words = evaluation.in_words(report)
    assert report["not_digits_turned_away"] < 0.2  # few of them are mostly ink
    assert "100.00%" in words
    assert "macro avg" in words


def test_table(tmp_path):
    from model.recipes import RECIPES

    for name in RECIPES:
        (tmp_path / name).mkdir()
        report = {
            "parameters": 1234,
            "seconds_per_epoch": 5.4,
            "epochs_run": 10,
            "test": {"accuracy": 0.9912, "loss": 0.03},
        }
        (tmp_path / name / "metrics.json").write_text(json.dumps(report))
    lines = evaluation.recipes_table(tmp_path, real=None).splitlines()
    assert len(lines) == 2 + len(RECIPES)
    assert "| `small-5x5` | 1,234 | 5 | 10 | 99.12% | 0.0300 | 98.75 % |" in lines
