from dataclasses import replace

import numpy as np
import pytest

from model.data.shapes import make_alphabet
from model.data.styles import drawn_digits
from model.data.synthetic_photos import NUMBER_KINDS, PHOTO_KINDS, TRAINING, Photo, synthetic_photo
from model.preparation.picture import load_grey

SIZE = (120, 160)
SEEDS = range(20)
KINDS = PHOTO_KINDS | NUMBER_KINDS | {"training": TRAINING}


@pytest.fixture(scope="module")
def alphabet():
    return make_alphabet(drawn_digits(50, np.random.default_rng(0)), np.random.default_rng(1))


def assert_valid(photo: Photo, size: tuple[int, int]) -> None:
    height, width = size
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.shape in (size, (*size, 3), (*size, 4))
    for plane in (photo.ink, photo.contact):
        assert plane.shape == size
        assert plane.dtype == np.float32
        assert plane.min() >= 0
        assert plane.max() <= 1
    for character in photo.characters:
        left, top, right, bottom = character.box
        assert left < right
        assert top < bottom
        assert -width < left < 2 * width
        assert -height < top < 2 * height
        assert character.label is None or 0 <= character.label <= 9


@pytest.mark.parametrize("name", KINDS)
def test_photos_are_valid_and_deterministic_for_a_seed(alphabet, name):
    one, same, other = (synthetic_photo(alphabet, SIZE, np.random.default_rng(s), KINDS[name]) for s in (1, 1, 2))
    assert_valid(one, SIZE)
    assert np.array_equal(one.pixels, same.pixels)
    assert not np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("size", [(28, 28), (40, 300), (700, 500)])
def test_photos_have_any_size(alphabet, size):
    for seed in range(10):
        assert_valid(synthetic_photo(alphabet, size, np.random.default_rng(seed)), size)


def test_ink_is_where_the_pixels_differ_from_blank_paper(alphabet):
    kind = replace(PHOTO_KINDS["plain"], gradient=0, noise=0, colour=0)
    for seed in range(20):
        photo = synthetic_photo(alphabet, (160, 160), np.random.default_rng(seed), kind)
        grey = load_grey(photo.pixels).astype(float)
        assert grey[photo.ink > 0.5].mean() < grey[photo.ink < 0.1].mean()


def test_boxes_surround_the_ink_of_single_digits(alphabet):
    for seed in range(20):
        photo = synthetic_photo(alphabet, (160, 160), np.random.default_rng(seed), PHOTO_KINDS["plain"])
        rows, columns = np.nonzero(photo.ink > 0.5)
        (character,) = photo.characters
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert character.box == pytest.approx(box, abs=1)


def test_photos_of_one_kind_show_one_digit_and_those_of_numbers_several(alphabet):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        assert len(synthetic_photo(alphabet, SIZE, rng, PHOTO_KINDS["plain"]).characters) == 1
        assert len(synthetic_photo(alphabet, (120, 400), rng, NUMBER_KINDS["number"]).characters) >= 2


def test_touching_characters_are_in_contact(alphabet):
    touching = replace(NUMBER_KINDS["number"], advance=(0.5, 0.5), columns=(6, 6))
    apart = replace(NUMBER_KINDS["number"], advance=(1.5, 1.5), columns=(3, 3))
    contact = [
        np.mean([synthetic_photo(alphabet, (100, 300), np.random.default_rng(s), k).contact.max() > 0.5 for s in SEEDS])
        for k in (touching, apart)
    ]
    assert contact[0] > 0.8
    assert contact[1] < 0.2


def test_blank_photos_have_no_ink_and_transparent_ones_an_opacity(alphabet):
    blank = synthetic_photo(alphabet, SIZE, np.random.default_rng(0), replace(TRAINING, blank=1, screen=0))
    assert blank.ink.max() == 0
    assert blank.characters == []
    transparent = synthetic_photo(alphabet, SIZE, np.random.default_rng(0), PHOTO_KINDS["transparent"])
    assert transparent.pixels.shape == (*SIZE, 4)


def test_perspective_moves_boxes_with_the_ink(alphabet):
    for seed in range(10):
        photo = synthetic_photo(alphabet, (160, 160), np.random.default_rng(seed), PHOTO_KINDS["perspective"])
        rows, columns = np.nonzero(photo.ink > 0.5)
        (character,) = photo.characters
        left, top, right, bottom = character.box
        assert left - 2 <= columns.min()
        assert columns.max() <= right + 2
        assert top - 2 <= rows.min()
        assert rows.max() <= bottom + 2


@pytest.mark.slow
@pytest.mark.xfail(strict=True, reason="the shipped networks read 88 % of these photos on average")
def test_digits_of_every_kind_of_photo_are_read(classifier, mnist_data):
    alphabet = make_alphabet(mnist_data.validation, np.random.default_rng(2))
    accuracy = {}
    for name, kind in PHOTO_KINDS.items():
        photos = [synthetic_photo(alphabet, (240, 180), np.random.default_rng(seed), kind) for seed in SEEDS]
        predictions = classifier.predict_many([photo.pixels for photo in photos])
        right = [p.digit == photo.characters[0].label for p, photo in zip(predictions, photos, strict=True)]
        accuracy[name] = np.mean(right)
    assert min(accuracy.values()) >= 0.9
    assert np.mean(list(accuracy.values())) >= 0.97
