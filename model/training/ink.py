"""Train the ink network, and save it with its evaluation."""

import dataclasses
import functools
import json
import pathlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.data.mnist import Mnist, Split
from model.data.shapes import Alphabet, make_alphabet
from model.data.synthetic_photos import synthetic_photo
from model.evaluation.card import ink_card
from model.evaluation.ink import SEED, InkLogits, ink_by_kind
from model.network.keras_network import compiled, convert_ink, keras
from model.network.litert_network import load_ink_network
from model.preparation.ink import SHAPES, dark_on_light, standardised
from model.preparation.picture import load_grey
from model.training.batches import MadeBatches, PhotoBatches
from model.training.recipes import InkRecipe
from model.training.task import Task, TrainingError, first, versions

ops = keras.ops

#: Seed of the validation photos by which runs with several seeds are compared; no training run uses it.
SCORE_SEED = 10_013
#: Batches of an epoch, of the validation, and photos of each kind in a dry run.
DRY_RUN = {"steps": 2, "validation_steps": 1, "kind_photos": 1}
#: Photos of each shape on which the converted network is compared, and their seed.
COMPARED, COMPARED_SEED = 8, 10_015
#: Largest difference of probabilities between a network and its saved, and its converted, form, which is rounded.
SAVED_TOLERANCE, CONVERTED_TOLERANCE = 1e-5, 0.01
#: Decimal places in the report.
DECIMALS = 5


def intersection_over_union(expected: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return the ink found correctly as a fraction of all ink, found or expected, in a batch."""
    real, found = (ops.cast(values, "float32") for values in (expected[..., 0] > 0.5, logits[..., 0] > 0))
    both = ops.sum(real * found)
    return (both + 1) / (ops.sum(real) + ops.sum(found) - both + 1)


@dataclass(frozen=True)
class InkTask(Task):
    """The segmentation of ink.

    Attributes:
        alphabet: makes the alphabet that photos are written with, given digits.
    """

    recipe: InkRecipe
    alphabet: Callable[[Split, np.random.Generator], Alphabet] = make_alphabet

    OUTPUT = "ink.keras"
    METRIC = intersection_over_union.__name__

    def small(self) -> "InkTask":
        data = Mnist(*map(first, self.data))
        alphabet = self.alphabet(data.train, np.random.default_rng(0))  # one for all, because it takes seconds
        recipe = dataclasses.replace(self.recipe, **DRY_RUN)
        return InkTask(recipe, data, lambda digits, rng: alphabet)

    def batches(self, network: keras.Model, seed: int) -> PhotoBatches:
        return self._photos(self.data.train, self.recipe.steps, seed)

    def validation(self, network: keras.Model, seed: int) -> MadeBatches:
        return MadeBatches(self._photos(self.data.validation, self.recipe.validation_steps, seed + 1))

    def _photos(self, digits: Split, steps: int, seed: int) -> PhotoBatches:
        alphabet = self.alphabet(digits, np.random.default_rng(seed))
        return PhotoBatches(alphabet, steps, self.recipe.batch_size, seed)

    def compile(self, network: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        network.compile(optimizer, self.recipe.loss, metrics=[intersection_over_union])

    @functools.cached_property
    def _scored(self) -> MadeBatches:
        return MadeBatches(self._photos(self.data.validation, self.recipe.validation_steps, SCORE_SEED))

    def score(self, network: keras.Model) -> dict[str, dict[str, float]]:
        return {"validation": self._measure(compiled(network))}

    def _measure(self, network: InkLogits) -> dict[str, float]:
        values = []
        for inputs, expected in self._scored.batches:
            logits = network(inputs)
            values.append([float(f(expected, logits)) for f in (self.recipe.loss, intersection_over_union)])
        return dict(zip(("loss", self.METRIC), np.mean(values, axis=0).round(DECIMALS).tolist(), strict=True))

    def write(self, network: keras.Model, path: pathlib.Path, report: dict) -> str:
        network.save(path)
        saved = keras.saving.load_model(path, compile=False)
        loaded = compiled(saved)
        inputs, _ = self._scored[0]
        if abs(_sigmoid(loaded(inputs)) - _sigmoid(compiled(network)(inputs))).max() > SAVED_TOLERANCE:
            raise TrainingError(f"{path.name} was not saved: loaded from its file, the network gives other answers.")
        alphabet = self.alphabet(self.data.test, np.random.default_rng(SEED))
        report = report | {
            "parameters": saved.count_params(),
            "steps": self.recipe.steps,
            "validation": self._measure(loaded),
            "kinds": ink_by_kind(loaded, alphabet, self.recipe.kind_photos),
            "kind_photos": self.recipe.kind_photos,
            **write_converted(saved, loaded, path.with_suffix(".tflite"), alphabet),
        }
        report["bytes"] = {file.suffix: file.stat().st_size for file in sorted(path.parent.iterdir())}
        report |= {"ablations": self.recipe.ablations, "versions": versions()}
        path.with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        path.with_suffix(".md").write_text(ink_card(report), encoding="utf-8")
        print(format_report(report))
        found = report["validation"][self.METRIC]
        return f"its report and card. Loaded from the file, its intersection over union in validation is {found:.2%}."


def format_report(report: dict) -> str:
    """Format a report for the terminal: the intersection over union in validation and on each kind of photo."""
    measured = {"validation": report["validation"][InkTask.METRIC]} | report["kinds"]
    lines = [f"{name:<24}{value:8.2%}" for name, value in measured.items()]
    return "\n".join(["Intersection over union of ink:", *lines])


def write_converted(
    network: keras.Model, logits: InkLogits, path: pathlib.Path, alphabet: Alphabet
) -> dict[str, float]:
    """Write a network in LiteRT's format too, unless that gives other answers.

    Args:
        network: the network.
        logits: the same, compiled.
        path: the file to write.
        alphabet: the shapes that the photos are written with on which the answers are compared.

    Returns:
        "converted_difference", the largest difference of probabilities; nothing if the network was not converted.

    Raises:
        TrainingError: the converted network gives other answers.
    """
    if keras.backend.backend() != "tensorflow":
        print(f"{path.name} is not written: that needs TensorFlow as Keras's backend.")
        return {}
    path.write_bytes(convert_ink(network))
    probabilities = load_ink_network(path)
    rng, differences = np.random.default_rng(COMPARED_SEED), []
    for shape in SHAPES:
        for _ in range(COMPARED):
            grey = load_grey(synthetic_photo(alphabet, shape, rng).pixels)
            picture = standardised(dark_on_light(grey))
            differences.append(abs(_sigmoid(logits(picture[None])[0]) - probabilities(picture)).max())
    difference = float(max(differences))
    if difference > CONVERTED_TOLERANCE:
        raise TrainingError(f"Nothing was saved: converted to LiteRT, probabilities differ by up to {difference:.1e}.")
    print(f"Converted to LiteRT, probabilities on synthetic photos differ by at most {difference:.1e}.")
    return {"converted_difference": round(difference, DECIMALS)}


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))
