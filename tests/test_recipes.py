import dataclasses

import numpy as np
import pytest

from model.data.mnist import Mnist, Split
from model.training import recipes
from model.training.fit import fit
from model.training.recipes import Recipe
from tests.helpers.digits import DRAWN

#: Number of parameters of the networks that are published with their results.
PARAMETERS = {
    "default": 309_307,
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


@pytest.mark.parametrize("name", recipes.names())
def test_recipe_is_complete(name):
    recipe = recipes.load(name)
    assert isinstance(recipe, Recipe)
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
@pytest.mark.parametrize("name", recipes.names())
def test_recipe_learns_the_drawn_digits_in_a_few_steps(name, tmp_path):
    recipe = recipes.load(name)
    data = Mnist(Split(*(np.repeat(array, 20, axis=0) for array in DRAWN)), DRAWN, DRAWN)
    # Augmented frames and added ones would need more steps, and so would Adadelta at its published learning rate.
    rate = 0.5 if name == "dropout-adadelta" else recipe.learning_rate
    recipe = dataclasses.replace(recipe, epochs=5, batch_size=10, learning_rate=rate)
    recipe = dataclasses.replace(recipe, augment=None, extra=None, calibrated=False)
    _, report = fit(recipe, data, seed=0, folder=tmp_path)
    assert report["history"]["loss"][-1] < 0.5 * report["history"]["loss"][0]
