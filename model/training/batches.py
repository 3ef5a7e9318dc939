"""Batches that networks are trained on: of digits, shuffled and augmented, and of synthetic photos."""

import cv2
import numpy as np

from model.data.mnist import Split
from model.data.shapes import Alphabet
from model.data.synthetic_photos import synthetic_photo
from model.network.keras_network import BLACK_ON_WHITE, keras
from model.preparation.frame import from_uint8
from model.preparation.ink import dark_on_light, standardised
from model.preparation.picture import load_grey
from model.training.recipes import DigitRecipe

#: Heights and widths of photos in a batch, multiples of the network's stride of 32, and how often each is drawn.
SIZES, FREQUENCIES = ((160, 160), (128, 224), (96, 256), (192, 128)), (0.55, 0.15, 0.2, 0.1)
#: Fraction of the photos of which a part is enlarged, and limits of its sides, in fractions of the photo's.
CROP_PROBABILITY, CROP = 0.15, (0.45, 0.8)


class Batches(keras.utils.PyDataset):
    """Batches of frames, float32 (n, 28, 28, 1) in 0..1, and labels as ``labels_for`` returns them.

    Every batch has a random generator of its own, seeded by run, epoch and index, so that neither the order in which
    worker threads make them nor a resumed run changes them.
    """

    def __init__(self, split: Split, recipe: DigitRecipe, network: keras.Model, seed: int):
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


def labels_for(recipe: DigitRecipe, network: keras.Model, labels: np.ndarray) -> np.ndarray:
    """Convert labels (n,) to what the recipe's loss expects: as they are, or one-hot, (n, number of outputs)."""
    if recipe.loss != "categorical_crossentropy":
        return labels
    return np.eye(network.output_shape[-1], dtype=np.float32)[labels]


class PhotoBatches(keras.utils.PyDataset):
    """Batches of synthetic photos: standardised (n, h, w, 2), and their ink and contact, float32 (n, h, w, 2).

    Every batch has a random generator of its own, seeded by seed, epoch and index.
    """

    def __init__(self, alphabet: Alphabet, steps: int, batch_size: int, seed: int):
        super().__init__(workers=1)
        cv2.setNumThreads(1)  # more would only compete with the training for the processor
        self.alphabet, self.steps, self.batch_size, self.seed = alphabet, steps, batch_size, seed
        self.begin(epoch=0)

    def begin(self, epoch: int) -> None:
        """Start an epoch, counted from 0."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self.seed, self.epoch, index])
        # Keras takes the first two batches for what all have in common: these differ in both sides.
        size = SIZES[index if index < 2 else rng.choice(len(SIZES), p=FREQUENCIES)]
        inputs, targets = zip(*(self._example(size, rng) for _ in range(self.batch_size)), strict=True)
        return np.stack(inputs), np.stack(targets)

    def _example(self, size: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        photo = synthetic_photo(self.alphabet, size, rng)
        planes = load_grey(photo.pixels), photo.ink, photo.contact
        if rng.random() < CROP_PROBABILITY:
            planes = _enlarged_part(planes, size, rng)
        return standardised(dark_on_light(planes[0])), np.stack(planes[1:], axis=-1)


def _enlarged_part(planes: tuple[np.ndarray, ...], size: tuple[int, int], rng: np.random.Generator) -> list[np.ndarray]:
    """Crop the same part of all planes and enlarge it to their size."""
    fraction = rng.uniform(*CROP)
    height, width = (round(length * fraction) for length in size)
    top, left = int(rng.integers(size[0] - height + 1)), int(rng.integers(size[1] - width + 1))
    parts = (np.ascontiguousarray(plane[top : top + height, left : left + width]) for plane in planes)
    return [cv2.resize(part, size[::-1], interpolation=cv2.INTER_LINEAR) for part in parts]


class MadeBatches(keras.utils.PyDataset):
    """The batches of an epoch, made once and kept."""

    def __init__(self, batches: PhotoBatches):
        super().__init__()
        self.batches = [batches[index] for index in range(len(batches))]

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return self.batches[index]
