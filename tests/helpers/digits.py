"""A small training set of drawn digits, and a network's answers to labels."""

import numpy as np

from model.data.mnist import Mnist, Split
from model.preparation.frame import make_frame, to_uint8
from tests.helpers.drawings import mask

#: The frames of the ten digits as drawn by tests.helpers.drawings.
DRAWN = Split(np.stack([to_uint8(make_frame(mask(digit))) for digit in range(10)]), np.arange(10, dtype=np.uint8))
#: A data set in which each of them is there three times for training, and once in the other splits.
DATA = Mnist(Split(*(np.repeat(array, 3, axis=0) for array in DRAWN)), DRAWN, DRAWN)


def probabilities_of(answers: np.ndarray, confidence: float = 0.91) -> np.ndarray:
    """Return probabilities (n, 10) whose largest are those of the answers (n,), all with the same confidence."""
    probabilities = np.full((len(answers), 10), (1 - confidence) / 9)
    probabilities[np.arange(len(answers)), answers] = confidence
    return probabilities
