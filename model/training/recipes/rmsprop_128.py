"""Two convolutions and 128 dense units, trained by RMSprop; a published recipe."""

from model.network.keras_network import keras
from model.training.recipes import DigitRecipe
from model.training.recipes.two_conv_64 import two_convolutions

RECIPE = DigitRecipe(
    summary="two convolutions and 128 dense units; RMSprop, batches of 128",
    network=lambda: two_convolutions(128),
    optimizer=lambda learning_rate, steps: keras.optimizers.RMSprop(learning_rate),
    learning_rate=1e-3,
    loss="categorical_crossentropy",
    batch_size=128,
    epochs=10,
    published="99.02 %, loss 0.0388",
)
