import json

import numpy as np
import pytest

from model.data.mnist import Mnist, Split
from model.data.synthetic_photos import PHOTO_KINDS
from model.evaluation import report
from tests.helpers.digits import DRAWN, probabilities_of

LABELS = np.arange(10).repeat(10)


def test_evaluate_reports_every_split_as_json_and_text():
    images = np.zeros((100, 28, 28), np.uint8)
    images[np.arange(100), 0, LABELS] = 255
    split = Split(images, LABELS)
    probabilities, evaluated = report.evaluate(
        lambda frames: (probabilities_of(frames[:, 0, :10].argmax(1)), frames.mean((1, 2))), Mnist(split, split, split)
    )
    assert probabilities.shape == (100, 10)
    assert json.loads(json.dumps(evaluated)) == evaluated
    assert [evaluated[name]["accuracy"] for name in ("train", "validation", "test")] == [1, 1, 1]
    assert evaluated["not_digits_rejection_rate"] < 0.2  # few of them are mostly ink
    text = report.format_report(evaluated)
    assert "100.00%" in text
    assert "macro avg" in text


def test_synthetic_accuracy_reports_every_kind_of_photo(classifier):
    accuracy = report.synthetic_accuracy(classifier, DRAWN, 2)
    assert accuracy.keys() == PHOTO_KINDS.keys()
    assert np.mean(list(accuracy.values())) > 0.8


def write_report(runs, name: str) -> None:
    (runs / name).mkdir()
    metrics = {
        "recipe": name,
        "published": "98.75 %",
        "parameters": 1234,
        "seconds_per_epoch": 5.4,
        "epochs_run": 10,
        "test": {"accuracy": 0.9912, "loss": 0.03},
    }
    (runs / name / "metrics.json").write_text(json.dumps(metrics))


def test_recipes_table_has_a_row_for_each_run_ours_first(tmp_path):
    for name in ("small", "another", "default"):
        write_report(tmp_path, name)
    (tmp_path / "no run").mkdir()
    head, _, *rows = report.recipes_table(tmp_path).splitlines()
    assert "test accuracy" in head
    assert [row.split("`")[1] for row in rows] == ["default", "another", "small"]
    assert "| `small` | 1,234 | 5 | 10 | 99.12% | 0.0300 | 98.75 % |" in rows


@pytest.mark.parametrize("content", ["", "{}", "[]", "no JSON"])
def test_recipes_table_raises_report_error_for_other_files(content, tmp_path):
    write_report(tmp_path, "default")
    (tmp_path / "default" / "metrics.json").write_text(content)
    with pytest.raises(report.ReportError, match=r"metrics\.json is not the report of a training run"):
        report.recipes_table(tmp_path)
