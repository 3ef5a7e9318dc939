"""Two convolutions and 64 dense units, with a tenth of the training images held out; a published recipe."""

from model.network.keras_network import WHITE_ON_BLACK, keras
from model.preparation.frame import SIDE
from model.training.recipes import DigitRecipe

layers = keras.layers


def two_convolutions(units: int, input_name: str = WHITE_ON_BLACK) -> keras.Model:
    """Build the network with that many dense units: frames (n, 28, 28, 1) to the ten digits, (n, 10)."""
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name=input_name),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(units, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )


RECIPE = DigitRecipe(
    summary="two convolutions and 64 dense units; Adam, 10 % of the training images held out",
    network=lambda: two_convolutions(64),
    optimizer=lambda learning_rate, steps: keras.optimizers.Adam(learning_rate),
    learning_rate=1e-3,
    loss="sparse_categorical_crossentropy",
    batch_size=32,
    epochs=10,
    published="not stated",
    validation_size=6_000,
)
