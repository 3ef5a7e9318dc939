"""Measures of what a network makes of labelled frames."""

import numpy as np
from sklearn.metrics import classification_report, confusion_matrix

CALIBRATION_BINS = 15


def score(probabilities: np.ndarray, not_digit: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Accuracy and error in percent, as if none were turned away; loss, the mean cross-entropy in nats; and the share
    that is turned away.

    Takes the digits' probabilities (n, 10), the probability that it is none (n,), and labels (n,), 0..9.
    """
    accuracy = float(np.mean(probabilities.argmax(axis=1) == labels))
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    loss = float(-np.log(of_label.clip(1e-7)).mean())  # as Keras clips it
    return {
        "accuracy": round(accuracy, 6),
        "error_percent": round(100 * (1 - accuracy), 4),
        "loss": round(loss, 6),
        "turned_away": share(not_digit > 0.5),
    }


def details(probabilities: np.ndarray, labels: np.ndarray) -> dict:
    """The confusion matrix (rows are the labels), precision, recall, F1 and support by digit, and calibration."""
    read, digits = probabilities.argmax(axis=1), list(range(10))
    return {
        "confusion_matrix": confusion_matrix(labels, read, labels=digits).tolist(),
        "classification_report": classification_report(labels, read, labels=digits, output_dict=True, zero_division=0),
        "expected_calibration_error": round(expected_calibration_error(probabilities, labels), 6),
    }


def calibration_bins(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """For equal bins of confidence: how many answers fell in, their mean confidence, and their accuracy; (bins, 3)."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    count = np.bincount(place, minlength=CALIBRATION_BINS)
    sums = [np.bincount(place, values, CALIBRATION_BINS) for values in (confidence, right)]
    return np.stack([count, *(total / np.maximum(count, 1) for total in sums)], axis=1)


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """How far confidence is from accuracy, on average over 15 bins (Guo et al. 2017, "On calibration")."""
    count, confidence, right = calibration_bins(probabilities, labels).T
    return float((count * np.abs(confidence - right)).sum() / count.sum())


def share(chosen: np.ndarray) -> float:
    """The share that is true, as reports have it."""
    return round(float(np.mean(chosen)), 6)
