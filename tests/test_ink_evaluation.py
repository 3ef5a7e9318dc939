import numpy as np
import pytest

from model.evaluation import ink
from tests.helpers.training import ALPHABET


@pytest.fixture(autouse=True)
def few_kinds(monkeypatch):
    monkeypatch.setattr(ink, "PHOTO_KINDS", {name: ink.PHOTO_KINDS[name] for name in ("plain", "ruled")})
    monkeypatch.setattr(ink, "NUMBER_KINDS", {"number": ink.NUMBER_KINDS["number"]})


def everywhere(standardised: np.ndarray) -> np.ndarray:
    return np.ones_like(standardised)


def test_intersection_over_union_is_that_of_the_ink():
    assert set(ink.ink_by_kind(lambda standardised: -everywhere(standardised), ALPHABET, 2).values()) == {0}
    found = ink.ink_by_kind(everywhere, ALPHABET, 2)
    assert found.keys() == {"plain", "ruled", "number"}
    assert all(0 < fraction < 0.3 for fraction in found.values())


def test_dark_pixels_are_most_of_the_ink_on_plain_paper():
    found = ink.ink_by_kind(lambda standardised: -1 - standardised, ALPHABET, 10)
    assert found["plain"] > 0.5


def test_photos_of_a_kind_do_not_depend_on_other_kinds(monkeypatch):
    found = ink.ink_by_kind(everywhere, ALPHABET, 2)
    monkeypatch.setattr(ink, "PHOTO_KINDS", {})
    assert ink.ink_by_kind(everywhere, ALPHABET, 2) == {"number": found["number"]}
