import cv2
import numpy as np
import pytest

from model.preparation.ruling import find_ruling
from tests.helpers.drawings import mask


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
def test_find_ruling_finds_lines_and_leaves_the_digit(digit, squared, angle):
    ink = (mask(digit, (600, 500), height=0.6, pen=0.08) > 0.5).astype(np.uint8)
    lines = ruled(angle, squared)
    marks = ink | lines
    ruling = find_ruling(marks, 200 * marks)
    assert ruling[(lines > 0) & (ink == 0)].mean() > 0.8
    assert ruling[ink > 0].mean() < 0.08


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [0.01, 0.05, 0.15])
def test_find_ruling_finds_nothing_in_digits(digit, pen):
    marks = (mask(digit, height=0.95, pen=pen) > 0.5).astype(np.uint8)
    assert not find_ruling(marks, 200 * marks).any()


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("ends", [(0.55, 0.56), (0.3, 0.35), (0.7, 0.62)])
def test_find_ruling_finds_a_single_line_only_if_it_is_fainter(digit, ends):
    ink = (mask(digit, (600, 500), height=0.6, pen=0.08) > 0.5).astype(np.uint8)
    line = cv2.line(np.zeros_like(ink), (0, int(600 * ends[0])), (499, int(600 * ends[1])), 1, 2)
    fainter = find_ruling(ink | line, np.maximum(180 * ink, 110 * line))
    assert fainter[(line > 0) & (ink == 0)].mean() > 0.8
    assert fainter[ink > 0].mean() < 0.03
    assert not find_ruling(ink | line, 180 * (ink | line)).any()


def test_find_ruling_finds_nothing_in_a_one_from_border_to_border():
    rng = np.random.default_rng(0)
    one = cv2.line(np.zeros((300, 80), np.uint8), (45, 0), (35, 299), 1, 4)
    pencil = (one * rng.uniform(60, 200, one.shape)).astype(np.uint8)
    assert not find_ruling(one, pencil).any()


def test_find_ruling_finds_nothing_in_mnist_images(mnist_data):
    large = [
        cv2.resize(image, (200, 200), interpolation=cv2.INTER_CUBIC) for image in mnist_data.validation.images[:500]
    ]
    assert not any(find_ruling((image > 100).astype(np.uint8), image).any() for image in large)
