"""Measure marks: connected components of a mask, and how sharp a picture is at each place."""

import cv2
import numpy as np

CONNECTIVITY = 8


def components(marks: np.ndarray) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """Label the connected components of marks, uint8 (H, W), as OpenCV does; label 0 is the background.

    Of OpenCV's algorithms this one (Grana, Borghesani and Cucchiara 2010, "Optimized block-based connected components
    labeling with decision trees") is the fastest with statistics: a third of the default's time.

    Returns:
        The number of labels n, the labels, int32 (H, W), their statistics, int32 (n, 5), and centroids, float64 (n, 2).
    """
    return cv2.connectedComponentsWithStatsWithAlgorithm(marks, CONNECTIVITY, cv2.CV_32S, cv2.CCL_GRANA)


def sharpness(values: np.ndarray) -> np.ndarray:
    """Return the square of the largest difference within 3×3 pixels, float32 (H, W), for a picture (H, W).

    Ink is sharp; light and shadow are not.
    """
    return cv2.morphologyEx(values, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(np.float32) ** 2
