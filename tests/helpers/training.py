"""A recipe that trains in a moment, and a callback that interrupts it."""

from model.network.keras_network import keras
from model.training.recipes import Recipe

layers = keras.layers


def dense_network(outputs: int = 10) -> keras.Model:
    """Return a network of one hidden layer."""
    hidden = [layers.Flatten(), layers.Dense(32, activation="relu")]
    return keras.Sequential([keras.Input((28, 28, 1)), *hidden, layers.Dense(outputs, activation="softmax")])


#: A recipe without dropout, so that a resumed run can be compared with an uninterrupted one.
DENSE = Recipe(
    summary="one hidden layer",
    network=dense_network,
    optimizer=lambda learning_rate, steps: keras.optimizers.Adam(learning_rate),
    learning_rate=0.001,
    loss="categorical_crossentropy",
    batch_size=8,
    epochs=3,
)


class StopBefore(keras.callbacks.Callback):
    """Interrupts the training before an epoch, counted from 0."""

    def __init__(self, epoch: int):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt
