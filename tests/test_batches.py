import dataclasses

import numpy as np
import pytest

from model.training import recipes
from model.training.batches import Batches, frames_for, labels_for
from tests.helpers.digits import DATA, DRAWN


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
