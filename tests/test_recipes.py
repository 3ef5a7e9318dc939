import dataclasses

import numpy as np
import pytest

from model.data.mnist import Mnist, Split
from model.training import recipes
from model.training.digits import DigitTask
from model.training.fit import fit
from model.training.recipes import DigitRecipe, InkRecipe
from tests.helpers.digits import DRAWN
from tests.helpers.training import DIGIT_RECIPES, ink_task

#: Number of parameters of the networks that are published with their results.
PARAMETERS = {
    "default": 474_395,
    "two-conv-64": 121_930,
    "black-on-white": 225_034,
    "small-5x5": 22_046,
    "dropout-adadelta": 2_380_938,
    "rmsprop-128": 225_034,
}


def test_names_lists_every_module_default_first():
    names = recipes.names()
    assert names[0] == "default"
    assert names[1:] == sorted(names[1:])
    assert PARAMETERS.keys() <= set(names)


@pytest.mark.parametrize("name", DIGIT_RECIPES)
def test_recipe_is_complete(name):
    recipe = recipes.load(name)
    assert isinstance(recipe, DigitRecipe)
    assert recipe.summary
    assert "\n" not in recipe.summary
    network = recipe.network()
    assert network.input_shape == (None, 28, 28, 1)
    outputs = network.output_shape[-1]
    assert outputs in (10, 11)
    if recipe.calibrated:
        assert outputs == 11
        assert recipe.augment
    if name in PARAMETERS:
        assert network.count_params() == PARAMETERS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", DIGIT_RECIPES)
def test_recipe_learns_the_drawn_digits_in_a_few_steps(name, tmp_path):
    recipe = recipes.load(name)
    data = Mnist(Split(*(np.repeat(array, 20, axis=0) for array in DRAWN)), DRAWN, DRAWN)
    # Augmented frames and added ones would need more steps, and so would Adadelta at its published learning rate.
    rate = 0.5 if name == "dropout-adadelta" else recipe.learning_rate
    recipe = dataclasses.replace(recipe, epochs=5, batch_size=10, learning_rate=rate)
    recipe = dataclasses.replace(recipe, augment=None, extra=None, calibrated=False)
    _, report = fit(DigitTask(recipe, data), seed=0, folder=tmp_path)
    assert report["history"]["loss"][-1] < 0.5 * report["history"]["loss"][0]


def test_ink_recipe_is_a_small_network_for_pictures_of_any_size():
    recipe = recipes.load("ink")
    assert isinstance(recipe, InkRecipe)
    network = recipe.network()
    assert network.input_shape == network.output_shape == (None, None, None, 2)
    assert network.count_params() <= 500_000


def test_loss_of_the_ink_network_falls_with_what_is_found():
    loss = recipes.load("ink").loss
    expected = (np.arange(64) % 8 < 2).astype(np.float32).reshape(1, 8, 8, 1) * np.ones(2, np.float32)
    losses = [float(loss(expected, certainty * (2 * expected - 1))) for certainty in (-2, 0, 2, 8)]
    assert losses == sorted(losses, reverse=True)


@pytest.mark.slow
def test_ink_recipe_learns_in_a_few_steps(tmp_path):
    _, report = fit(ink_task(steps=20, epochs=2, batch_size=4), seed=0, folder=tmp_path)
    assert report["history"]["loss"][-1] < 0.9 * report["history"]["loss"][0]
