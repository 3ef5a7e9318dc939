import pytest

from model.recipes import RECIPES


@pytest.mark.parametrize(("name", "parameters"), [("default", 289_002)])
def test_parameters(name, parameters):
    network = RECIPES[name].network()
    assert network.input_shape == (None, 28, 28, 1)
    assert network.output_shape == (None, 10)
    assert network.count_params() == parameters


def test_every_recipe_is_counted_above():
    assert list(RECIPES) == ["default"]
