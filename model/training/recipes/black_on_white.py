"""Two convolutions and 128 dense units, trained on black digits on white; a published recipe."""

from model.network.keras_network import BLACK_ON_WHITE, keras
from model.training.recipes import DigitRecipe
from model.training.recipes.two_conv_64 import two_convolutions

RECIPE = DigitRecipe(
    summary="two convolutions and 128 dense units, on black digits on white; Adam, one-hot labels",
    network=lambda: two_convolutions(128, BLACK_ON_WHITE),
    optimizer=lambda learning_rate, steps: keras.optimizers.Adam(learning_rate),
    learning_rate=1e-3,
    loss="categorical_crossentropy",
    batch_size=128,
    epochs=10,
    published="“high”",
    validation_size=6_000,
)
