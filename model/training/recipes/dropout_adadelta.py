"""Two convolutions and 256 dense units with dropout, trained by Adadelta with early stopping; a published recipe."""

from model.network.keras_network import WHITE_ON_BLACK, keras
from model.preparation.frame import SIDE
from model.training.recipes import DigitRecipe

layers = keras.layers


def network() -> keras.Model:
    """Build the network: frames (n, 28, 28, 1) to the ten digits, (n, 10)."""
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name=WHITE_ON_BLACK),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )


RECIPE = DigitRecipe(
    summary="two convolutions, 256 dense units, dropout; Adadelta, early stopping, best weights kept",
    network=network,
    optimizer=lambda learning_rate, steps: keras.optimizers.Adadelta(learning_rate),
    learning_rate=1e-3,
    loss="categorical_crossentropy",
    batch_size=128,
    epochs=50,
    published="92.40 %",
    callbacks=lambda: [keras.callbacks.EarlyStopping(monitor="val_loss", patience=5)],
    keeps_best=True,
)
