import dataclasses

import numpy as np
import pytest

from model.training import recipes
from model.training.batches import SIZES, Batches, MadeBatches, PhotoBatches, frames_for, labels_for
from tests.helpers.digits import DATA, DRAWN
from tests.helpers.training import ALPHABET


def batches_of(name: str, batch_size: int = 8) -> Batches:
    recipe = dataclasses.replace(recipes.load(name), batch_size=batch_size)
    return Batches(DATA.train, recipe, recipe.network(), seed=3)


def labels_of(batches: Batches) -> np.ndarray:
    return np.concatenate([batches[index][1] for index in range(len(batches))]).argmax(axis=1)


def test_batches_hold_every_image_once():
    batches = batches_of("small-5x5")
    assert [len(batches[index][0]) for index in range(len(batches))] == [8, 8, 8, 6]
    assert batches[0][0].shape == (8, 28, 28, 1)
    assert sorted(labels_of(batches)) == sorted(DATA.train.labels)


def test_batches_are_reshuffled_each_epoch_and_repeatable():
    batches = batches_of("small-5x5")
    frames, labels = batches[2][0], labels_of(batches)
    batches.begin(1)
    assert not np.array_equal(labels_of(batches), labels)
    batches.begin(0)
    assert np.array_equal(batches[2][0], frames)


def test_augmented_batches_are_repeatable_and_differ_by_epoch():
    batches = batches_of("default")
    frames = batches[0][0]
    assert np.array_equal(batches[0][0], frames)
    order = batches.order
    batches.begin(1)
    batches.order = order
    assert not np.array_equal(batches[0][0], frames)


@pytest.mark.parametrize(
    ("name", "shape", "inverted"),
    [("two-conv-64", (8,), False), ("black-on-white", (8, 10), True), ("default", (8, 11), False)],
)
def test_frames_and_labels_have_the_form_that_the_recipe_expects(name, shape, inverted):
    frames, labels = batches_of(name)[0]
    assert labels.shape == shape
    assert (frames.mean() > 0.5) == inverted


def test_frames_for_and_labels_for_keep_values():
    recipe = recipes.load("black-on-white")
    network = recipe.network()
    assert np.allclose(1 - frames_for(network, DRAWN.images)[..., 0], DRAWN.images / 255, atol=1e-6)
    assert np.array_equal(labels_for(recipe, network, DRAWN.labels), np.eye(10))


def photo_batches(seed: int = 3) -> PhotoBatches:
    return PhotoBatches(ALPHABET, steps=4, batch_size=2, seed=seed)


def test_photo_batches_hold_standardised_photos_with_their_ink_and_contact():
    batches = photo_batches()
    assert len(batches) == 4
    for index in range(4):
        inputs, expected = batches[index]
        assert inputs.dtype == expected.dtype == np.float32
        assert inputs.shape == expected.shape
        assert inputs.shape[1:3] in SIZES
        assert 0 <= expected.min() <= expected.max() <= 1
    assert expected[..., 0].max() > 0.9


def test_photo_batches_depend_on_seed_epoch_and_index_alone():
    batches, again = photo_batches(), photo_batches()
    last = batches[3]
    assert all(np.array_equal(array, other) for array, other in zip(last, again[3], strict=True))
    assert not np.array_equal(batches[2][1], last[1])
    assert not np.array_equal(photo_batches(seed=4)[3][1], last[1])
    again.begin(1)
    assert not np.array_equal(again[3][1], last[1])
    again.begin(0)
    assert np.array_equal(again[3][1], last[1])


@pytest.mark.parametrize("seed", range(3))
def test_the_first_two_batches_of_photos_differ_in_both_sides(seed):
    (_, height, width, _), (_, other_height, other_width, _) = (photo_batches(seed)[index][0].shape for index in (0, 1))
    assert height != other_height
    assert width != other_width


def test_made_batches_are_those_of_the_epoch():
    batches = photo_batches()
    made = MadeBatches(batches)
    assert len(made) == 4
    assert np.array_equal(made[2][0], batches[2][0])
    assert made[2] is made[2]
