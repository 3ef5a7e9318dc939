"""Batches of a training set, shuffled and augmented, in the form that a recipe's network expects."""

import numpy as np

from model.data.mnist import Split
from model.network.keras_network import BLACK_ON_WHITE, keras
from model.preparation.frame import from_uint8
from model.training.recipes import Recipe


class Batches(keras.utils.PyDataset):
    """Batches of frames, float32 (n, 28, 28, 1) in 0..1, and labels as ``labels_for`` returns them.

    Every batch has a random generator of its own, seeded by run, epoch and index, so that neither the order in which
    worker threads make them nor a resumed run changes them.
    """

    def __init__(self, split: Split, recipe: Recipe, network: keras.Model, seed: int):
        super().__init__(workers=1)
        self.split, self.recipe, self.network, self.seed = split, recipe, network, seed
        self.begin(epoch=0)

    def begin(self, epoch: int) -> None:
        """Shuffle for an epoch, counted from 0."""
        self.epoch = epoch
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.split.labels))

    def __len__(self) -> int:
        return -(-len(self.split.labels) // self.recipe.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.order[index * self.recipe.batch_size : (index + 1) * self.recipe.batch_size]
        frames = frames_for(self.network, self.split.images[chosen])
        if self.recipe.augment:
            rng = np.random.default_rng([self.seed, self.epoch, index])
            frames = self.recipe.augment(frames[..., 0], rng)[..., None]
        return frames, labels_for(self.recipe, self.network, self.split.labels[chosen])


def frames_for(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """Convert MNIST's images, uint8 (n, 28, 28), to a recipe's input: float32 (n, 28, 28, 1) in 0..1."""
    frames = from_uint8(images)[..., None]
    return 1 - frames if network.inputs[0].name == BLACK_ON_WHITE else frames


def labels_for(recipe: Recipe, network: keras.Model, labels: np.ndarray) -> np.ndarray:
    """Convert labels (n,) to what the recipe's loss expects: as they are, or one-hot, (n, number of outputs)."""
    if recipe.loss != "categorical_crossentropy":
        return labels
    return np.eye(network.output_shape[-1], dtype=np.float32)[labels]
