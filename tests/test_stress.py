import numpy as np
import pytest

from model.evaluation import stress_table
from model.stress import CONDITIONS, SIZE, picture, stress_pictures
from model.styles import written_digits

DRAWN = written_digits(20, np.random.default_rng(0))


@pytest.mark.parametrize("name", CONDITIONS)
def test_pictures_are_seeded_and_different(name):
    one, same, other = (picture(DRAWN.images[3], CONDITIONS[name], np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.shape == SIZE
    assert one.dtype == np.uint8
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_each_digit_is_pictured_in_each_condition():
    seen = [(name, label) for name, label, _ in stress_pictures(DRAWN.images[:10], DRAWN.labels[:10])]
    assert seen == [(name, label) for name in CONDITIONS for label in range(10)]


def test_drawn_digits_are_read_in_every_condition(classifier):
    accuracy = accuracies(stress_table(classifier, DRAWN, 20))
    assert list(accuracy) == list(CONDITIONS)
    assert min(accuracy.values()) >= 0.9
    assert np.mean(list(accuracy.values())) >= 0.97


def test_mnist_digits_are_read_in_every_condition(classifier, mnist_data):
    accuracy = accuracies(stress_table(classifier, mnist_data.validation, 30))
    assert min(accuracy.values()) >= 0.9
    assert np.mean(list(accuracy.values())) >= 0.97


def accuracies(table: str) -> dict[str, float]:
    return {line[:12].strip(): float(line[12:]) for line in table.splitlines()}
