"""MNIST's images spoilt in fifteen ways, to see how much a network bears.

The kinds are those of MNIST-C (Mu and Gilmer 2019, "MNIST-C: A robustness benchmark for computer vision"); what each
does is our own, so that figures cannot be compared with theirs. Values are of 0 to 1, white ink on black.
"""

import cv2
import numpy as np

SIDE = 28
CENTRE = (SIDE - 1) / 2


def corrupted(images: np.ndarray, name: str, seed: int = 0) -> np.ndarray:
    """Spoil images, uint8 (n, 28, 28), in one of the ways of CORRUPTIONS, each at random; returns the same form."""
    corrupt = CORRUPTIONS[name]
    spoilt = [
        corrupt(image.astype(np.float32) / 255, np.random.default_rng([seed, index]))
        for index, image in enumerate(images)
    ]
    return (255 * np.clip(spoilt, 0, 1)).round().astype(np.uint8)


def _shot_noise(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    photons = 6
    return rng.poisson(image * photons) / photons


def _impulse_noise(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    chance = rng.random(image.shape)
    return np.where(chance < 0.04, 0, np.where(chance > 0.96, 1, image))


def _glass_blur(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE] + rng.integers(-1, 2, (2, SIDE, SIDE))
    return cv2.GaussianBlur(image[y.clip(0, SIDE - 1), x.clip(0, SIDE - 1)], (0, 0), 0.6)


def _motion_blur(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    angle, half = rng.uniform(0, np.pi), 3
    end = half * np.array([np.cos(angle), np.sin(angle)])
    kernel = np.zeros((2 * half + 1,) * 2, np.uint8)
    cv2.line(kernel, *(tuple(int(c) for c in (half + sign * end).round()) for sign in (-1, 1)), 1)
    return cv2.filter2D(image, -1, kernel / kernel.sum())


def _mapped(image: np.ndarray, matrix: list[list[float]], shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    """The image under a linear map about its centre, and shifted."""
    matrix = np.array(matrix)
    offset = CENTRE - matrix @ [CENTRE, CENTRE] + shift
    return cv2.warpAffine(image, np.column_stack([matrix, offset]), (SIDE, SIDE))


def _shear(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _mapped(image, [[1, rng.choice([-1, 1]) * rng.uniform(0.3, 0.5)], [0, 1]])


def _scale(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    size = rng.uniform(0.5, 0.7)
    return _mapped(image, [[size, 0], [0, size]])


def _rotate(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    angle = np.radians(rng.choice([-1, 1]) * rng.uniform(20, 30))
    return _mapped(image, [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _brightness(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return image + rng.uniform(0.3, 0.6)


def _translate(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _mapped(image, [[1, 0], [0, 1]], rng.choice([-1, 1], 2) * rng.uniform(2, 4, 2))


def _stripe(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    left, striped = rng.integers(6, 16), image.copy()
    striped[:, left : left + 6] = 1 - striped[:, left : left + 6]
    return striped


def _fog(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    fog = cv2.resize(rng.random((5, 5), np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return 0.6 * image + 0.4 * fog


def _spatter(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    drops = cv2.GaussianBlur(rng.normal(0, 1, image.shape).astype(np.float32), (0, 0), 1)
    return np.maximum(image, np.clip(4 * (drops - np.quantile(drops, 0.95)), 0, 0.7))


def _dotted_line(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    start, end = rng.uniform(2, 25, (2, 2)) * [1, 0] + [[0, 1], [0, 26]]
    spoilt = image.copy()
    for share in np.linspace(0, 1, 11):
        x, y = (start + share * (end - start)).round().astype(int)
        spoilt[y, x] = 1
    return spoilt


def _zigzag(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across = np.linspace(1, 26, 9)
    down = rng.uniform(6, 20) + 2.5 * (-1) ** np.arange(9)
    line = np.zeros(image.shape, np.uint8)
    points = (np.column_stack([across, down]) * 16).astype(np.int32)
    cv2.polylines(line, [points], False, 255, 1, cv2.LINE_AA, 4)
    return np.maximum(image, line / 255)


def _canny_edges(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.Canny((255 * image).astype(np.uint8), 100, 200) / 255


CORRUPTIONS = {
    "shot noise": _shot_noise,
    "impulse noise": _impulse_noise,
    "glass blur": _glass_blur,
    "motion blur": _motion_blur,
    "shear": _shear,
    "scale": _scale,
    "rotate": _rotate,
    "brightness": _brightness,
    "translate": _translate,
    "stripe": _stripe,
    "fog": _fog,
    "spatter": _spatter,
    "dotted line": _dotted_line,
    "zigzag": _zigzag,
    "canny edges": _canny_edges,
}
