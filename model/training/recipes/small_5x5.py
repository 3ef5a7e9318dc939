"""A network of 22,046 parameters with 5×5 filters, validated on the test set as it was published."""

from model.network.keras_network import WHITE_ON_BLACK, keras
from model.preparation.frame import SIDE
from model.training.recipes import DigitRecipe

layers = keras.layers


def network() -> keras.Model:
    """Build the network: frames (n, 28, 28, 1) to the ten digits, (n, 10)."""
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name=WHITE_ON_BLACK),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(2, strides=2),
            layers.Conv2D(8, 2, activation="relu"),
            layers.MaxPooling2D(2, strides=2),
            layers.Flatten(),
            layers.Dense(100, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )


RECIPE = DigitRecipe(
    summary="16 filters of 5×5 and 8 of 2×2; Adam, batches of 200; validated on the test set, as published",
    network=network,
    optimizer=lambda learning_rate, steps: keras.optimizers.Adam(learning_rate),
    learning_rate=1e-3,
    loss="categorical_crossentropy",
    batch_size=200,
    epochs=10,
    published="98.75 %",
    validation_size=None,
)
