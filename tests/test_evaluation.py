import json

import numpy as np
import pytest

from model import evaluation
from model.mnist import Mnist, Split

LABELS = np.arange(10).repeat(10)


def certain(read: np.ndarray, confidence: float = 0.91) -> np.ndarray:
    """Answers, all with the same confidence."""
    probabilities = np.full((len(read), 10), (1 - confidence) / 9)
    probabilities[np.arange(len(read)), read] = confidence
    return probabilities


def one_wrong() -> np.ndarray:
    read = LABELS.copy()
    read[LABELS == 4] = [9, *[4] * 9]
    return read


def test_score():
    assert evaluation.score(certain(one_wrong()), LABELS) == {
        "accuracy": 0.99,
        "error_percent": 1.0,
        "loss": pytest.approx(-0.99 * np.log(0.91) - 0.01 * np.log(0.01), abs=1e-6),
    }


def test_details():
    details = evaluation.details(certain(one_wrong()), LABELS)
    matrix = np.array(details["confusion_matrix"])
    assert matrix[4, 9] == 1
    assert matrix.trace() == 99
    assert details["classification_report"]["4"]["recall"] == pytest.approx(0.9)
    assert details["classification_report"]["9"]["precision"] == pytest.approx(10 / 11)
    assert details["classification_report"]["macro avg"]["support"] == 100
    assert details["expected_calibration_error"] == pytest.approx(0.99 - 0.91)


@pytest.mark.parametrize("confidence", [0.3, 0.6, 0.95])
def test_a_network_as_right_as_it_is_confident_is_calibrated(confidence):
    labels = np.zeros(1000, int)
    read = (np.arange(1000) >= 1000 * confidence).astype(int)
    assert evaluation.expected_calibration_error(certain(read, confidence), labels) < 0.001


def test_evaluation_of_every_split_is_json_and_words():
    images = np.zeros((100, 28, 28), np.uint8)
    images[np.arange(100), 0, LABELS] = 255
    split = Split(images, LABELS)
    probabilities, report = evaluation.evaluation(
        lambda frames: certain(frames[:, 0].argmax(1)), Mnist(split, split, split)
    )
    assert probabilities.shape == (100, 10)
    assert json.loads(json.dumps(report)) == report
    assert [report[name]["accuracy"] for name in ("train", "validation", "test")] == [1, 1, 1]
    words = evaluation.in_words(report)
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
