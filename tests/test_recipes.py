import dataclasses

import numpy as np
import pytest

from model import training
from model.mnist import Mnist, Split
from model.recipes import RECIPES
from tests.test_training import DRAWN

PARAMETERS = {
    "default": 309_307,
    "two-conv-64": 121_930,
    "black-on-white": 225_034,
    "small-5x5": 22_046,
    "dropout-adadelta": 2_380_938,
    "rmsprop-128": 225_034,
}


def test_the_recipes_are_these():
    assert list(RECIPES) == list(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name):
    network = RECIPES[name].network()
    assert network.input_shape == (None, 28, 28, 1)
    assert network.output_shape == (None, 11 if name == "default" else 10)
    assert network.count_params() == PARAMETERS[name]


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_few_steps_learn_a_few_samples(name, tmp_path):
    recipe = RECIPES[name]
    data = Mnist(Split(*(np.repeat(array, 20, axis=0) for array in DRAWN)), DRAWN, DRAWN)
    # At its published rate Adadelta hardly moves in a few steps; noise and added digits would need more of them.
    rate = 0.5 if name == "dropout-adadelta" else None
    recipe = training.with_overrides(recipe, epochs=12, batch_size=20, learning_rate=rate)
    recipe = dataclasses.replace(recipe, augment=None, extra=None, calibrated=False)
    _, report = training.run(recipe, data, seed=0, checkpoint=tmp_path)
    assert report["history"]["loss"][-1] < 0.5 * report["history"]["loss"][0]
