import numpy as np
import pytest

from model import metrics

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
    assert metrics.score(certain(one_wrong()), LABELS == 7, LABELS) == {
        "accuracy": 0.99,
        "error_percent": 1.0,
        "loss": pytest.approx(-0.99 * np.log(0.91) - 0.01 * np.log(0.01), abs=1e-6),
        "turned_away": 0.1,
    }


def test_details():
    details = metrics.details(certain(one_wrong()), LABELS)
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
    assert metrics.expected_calibration_error(certain(read, confidence), labels) < 0.001
