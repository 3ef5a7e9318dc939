import numpy as np
import pytest

from model.evaluation import metrics
from model.network.base import REJECTION_THRESHOLD
from tests.helpers.digits import probabilities_of

LABELS = np.arange(10).repeat(10)


def one_wrong() -> np.ndarray:
    """Return answers to LABELS of which one is wrong: a 4 read as 9."""
    answers = LABELS.copy()
    answers[LABELS == 4] = [9, *[4] * 9]
    return answers


def test_score_returns_accuracy_error_loss_and_rejection_rate():
    assert metrics.score(probabilities_of(one_wrong()), LABELS == 7, LABELS) == {
        "accuracy": 0.99,
        "error_percent": 1.0,
        "loss": pytest.approx(-0.99 * np.log(0.91) - 0.01 * np.log(0.01), abs=1e-6),
        "rejection_rate": 0.1,
    }


def test_rejection_rate_counts_probabilities_above_the_threshold():
    assert metrics.rejection_rate(np.array([0, 0.4, REJECTION_THRESHOLD, 0.6, 1])) == 0.4


def test_details_return_confusion_matrix_report_and_calibration_error():
    details = metrics.details(probabilities_of(one_wrong()), LABELS)
    matrix = np.array(details["confusion_matrix"])
    assert matrix[4, 9] == 1
    assert matrix.trace() == 99
    assert details["classification_report"]["4"]["recall"] == pytest.approx(0.9)
    assert details["classification_report"]["9"]["precision"] == pytest.approx(10 / 11)
    assert details["classification_report"]["macro avg"]["support"] == 100
    assert details["expected_calibration_error"] == pytest.approx(0.99 - 0.91)


@pytest.mark.parametrize("confidence", [0.3, 0.6, 0.95])
def test_expected_calibration_error_is_zero_when_accuracy_equals_confidence(confidence):
    labels = np.zeros(1000, int)
    answers = (np.arange(1000) >= 1000 * confidence).astype(int)
    assert metrics.expected_calibration_error(probabilities_of(answers, confidence), labels) < 0.001
