import cv2
import numpy as np
import pytest

from model.ruling import find_ruling
from tests.drawings import mask


def ruled(angle: float, squared: bool, spacing: int = 45) -> np.ndarray:
    lines = np.zeros((600, 500), np.uint8)
    for at in range(-600, 1200, spacing):
        cv2.line(lines, (-500, at), (1000, at), 1, 2)
        if squared:
            cv2.line(lines, (at, -500), (at, 1200), 1, 2)
    turn = cv2.getRotationMatrix2D((250, 300), angle, 1)
    return cv2.warpAffine(lines, turn, (500, 600), flags=cv2.INTER_NEAREST)


@pytest.mark.parametrize("angle", [0, 2, -5])
@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("digit", range(10))
def test_lines_go_and_the_digit_stays(digit, squared, angle):
    ink = (mask(digit, (600, 500), height=0.6, pen=0.08) > 0.5).astype(np.uint8)
    lines = ruled(angle, squared)
    ruling = find_ruling(ink | lines)
    assert ruling[(lines > 0) & (ink == 0)].mean() > 0.8
    assert ruling[ink > 0].mean() < 0.08


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [0.01, 0.05, 0.15])
def test_digits_are_no_ruling(digit, pen):
    assert not find_ruling((mask(digit, height=0.95, pen=pen) > 0.5).astype(np.uint8)).any()


def test_mnist_digits_are_no_ruling(mnist_data):
    large = [
        cv2.resize(image, (200, 200), interpolation=cv2.INTER_CUBIC) for image in mnist_data.validation.images[:500]
    ]
    assert not any(find_ruling((image > 100).astype(np.uint8)).any() for image in large)
