import numpy as np
import pytest

from model.data.styles import drawn_digits
from model.data.synthetic_photos import PHOTO_KINDS, SIZE, PhotoKind, render_photo, synthetic_photos
from model.evaluation.report import synthetic_accuracy

DIGITS = drawn_digits(20, np.random.default_rng(0))


def photos() -> dict[tuple[str, int], np.ndarray]:
    return {(name, label): photo for name, label, photo in synthetic_photos(DIGITS.images[:3], DIGITS.labels[:3])}


@pytest.fixture
def replace_kinds(monkeypatch):
    def replace(kinds: dict[str, PhotoKind]) -> None:
        monkeypatch.setattr("model.data.synthetic_photos.PHOTO_KINDS", kinds)

    return replace


@pytest.mark.parametrize("name", PHOTO_KINDS)
def test_render_photo_is_deterministic_for_a_seed(name):
    image, kind = DIGITS.images[3], PHOTO_KINDS[name]
    one, same, other = (render_photo(image, kind, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.shape == SIZE
    assert one.dtype == np.uint8
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_synthetic_photos_render_each_digit_as_each_kind():
    rendered = [(name, label) for name, label, _ in synthetic_photos(DIGITS.images[:4], DIGITS.labels[:4])]
    assert rendered == [(name, label) for name in PHOTO_KINDS for label in range(4)]


def test_adding_removing_and_reordering_kinds_changes_no_other_photo(replace_kinds):
    before = photos()
    first, *others = PHOTO_KINDS
    replace_kinds({"new": PHOTO_KINDS[first]} | {name: PHOTO_KINDS[name] for name in reversed(others)})
    after = photos()
    assert before.keys() - after.keys() == {(first, label) for label in range(3)}
    assert after.keys() - before.keys() == {("new", label) for label in range(3)}
    assert all(np.array_equal(before[key], after[key]) for key in before.keys() & after.keys())


def test_kinds_that_differ_in_name_alone_have_different_photos(replace_kinds):
    replace_kinds({"one": PHOTO_KINDS["plain"], "two": PHOTO_KINDS["plain"]})
    rendered = photos()
    assert not any(np.array_equal(rendered["one", label], rendered["two", label]) for label in range(3))


def test_the_seed_decides_the_photos():
    default, zero, one = (
        next(synthetic_photos(DIGITS.images, DIGITS.labels, **seed))[2] for seed in ({}, {"seed": 0}, {"seed": 1})
    )
    assert np.array_equal(default, zero)
    assert not np.array_equal(zero, one)


@pytest.mark.slow
def test_drawn_digits_are_recognised_in_every_kind_of_photo(classifier):
    accuracy = synthetic_accuracy(classifier, DIGITS, 20)
    assert list(accuracy) == list(PHOTO_KINDS)
    assert min(accuracy.values()) >= 0.9
    assert np.mean(list(accuracy.values())) >= 0.97


@pytest.mark.slow
def test_mnist_digits_are_recognised_in_every_kind_of_photo(classifier, mnist_data):
    accuracy = synthetic_accuracy(classifier, mnist_data.validation, 30)
    assert list(accuracy) == list(PHOTO_KINDS)
    assert min(accuracy.values()) >= 0.9
    assert np.mean(list(accuracy.values())) >= 0.97
