"""Metrics of a network's probabilities on labelled frames."""

import numpy as np
from sklearn.metrics import classification_report, confusion_matrix

from model.network.base import DIGITS, REJECTION_THRESHOLD

CALIBRATION_BINS = 15
#: Probabilities are clipped to this before the logarithm, as Keras does.
EPSILON = 1e-7
#: Decimal places in reports.
DECIMALS = 6


def score(probabilities: np.ndarray, not_digit: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Score a network's answers.

    Args:
        probabilities: (n, 10), of each digit given that the frame shows one.
        not_digit: (n,), that the frame shows none.
        labels: (n,), 0..9.

    Returns:
        "accuracy", 0..1, of the most probable digit, whether or not the frame is rejected; "error_percent", 0..100;
        "loss", the mean cross-entropy in nats; and "rejection_rate", 0..1.
    """
    accuracy = float(np.mean(probabilities.argmax(axis=1) == labels))
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return {
        "accuracy": round(accuracy, DECIMALS),
        "error_percent": round(100 * (1 - accuracy), DECIMALS - 2),
        "loss": round(float(-np.log(of_label.clip(EPSILON)).mean()), DECIMALS),
        "rejection_rate": rejection_rate(not_digit),
    }


def rejection_rate(not_digit: np.ndarray) -> float:
    """Return the fraction of frames that are rejected, 0..1, given the probabilities (n,) that they show no digit."""
    return round(float(np.mean(not_digit > REJECTION_THRESHOLD)), DECIMALS)


def details(probabilities: np.ndarray, labels: np.ndarray) -> dict:
    """Return further metrics of probabilities (n, 10) for labels (n,).

    Returns:
        "confusion_matrix", a row per label and a column per answer; "classification_report" with precision, recall, F1
        and support per digit, as scikit-learn's; and "expected_calibration_error", 0..1.
    """
    answers, digits = probabilities.argmax(axis=1), list(range(DIGITS))
    return {
        "confusion_matrix": confusion_matrix(labels, answers, labels=digits).tolist(),
        "classification_report": classification_report(
            labels, answers, labels=digits, output_dict=True, zero_division=0
        ),
        "expected_calibration_error": round(expected_calibration_error(probabilities, labels), DECIMALS),
    }


def calibration_bins(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Sort answers into CALIBRATION_BINS bins of equal width by their confidence, the largest probability.

    Returns:
        (bins, 3): the number of answers, their mean confidence and their accuracy; 0 in empty bins.
    """
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    index = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    count = np.bincount(index, minlength=CALIBRATION_BINS)
    sums = [np.bincount(index, values, CALIBRATION_BINS) for values in (confidence, correct)]
    return np.stack([count, *(total / np.maximum(count, 1) for total in sums)], axis=1)


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the expected calibration error, 0..1: the mean difference between confidence and accuracy over the bins
    (Guo et al. 2017, "On calibration of modern neural networks")."""
    count, confidence, correct = calibration_bins(probabilities, labels).T
    return float((count * np.abs(confidence - correct)).sum() / count.sum())
