import collections

import numpy as np
import pytest

from model.evaluation import stress_table
from model.frame import make_frame
from model.stress import CONDITIONS, SIZE, picture, stress_pictures
from tests.drawings import mask

DRAWN = np.stack([(make_frame(mask(digit)) * 255).astype(np.uint8) for digit in range(10)])


@pytest.mark.parametrize("name", CONDITIONS)
def test_pictures_are_seeded_and_different(name):
    one, same, other = (picture(DRAWN[3], CONDITIONS[name], np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.shape == SIZE
    assert one.dtype == np.uint8
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_each_digit_is_pictured_in_each_condition():
    seen = [(name, label) for name, label, _ in stress_pictures(DRAWN, np.arange(10))]
    assert seen == [(name, label) for name in CONDITIONS for label in range(10)]


def test_drawn_digits_are_read_in_every_condition(classifier):
    right = collections.defaultdict(list)
    for name, label, grey in stress_pictures(np.repeat(DRAWN, 2, axis=0), np.arange(10).repeat(2)):
        right[name].append(classifier.predict(grey).digit == label)
    assert {name: np.mean(each) for name, each in right.items() if np.mean(each) < 0.9} == {}
    assert np.mean([np.mean(each) for each in right.values()]) > 0.97


def test_mnist_digits_are_read_in_every_condition(classifier, mnist_data):
    table = stress_table(classifier, mnist_data.validation, 30)
    accuracy = {line[:12].strip(): float(line[12:]) for line in table.splitlines()}
    assert list(accuracy) == list(CONDITIONS)
    assert min(accuracy.values()) >= 0.9
    assert np.mean(list(accuracy.values())) >= 0.97
