"""Train networks that classify digits, and save them with their evaluation."""

import dataclasses
import json
import pathlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.data.mnist import Mnist, Split, concatenate
from model.evaluation.card import is_model_card, model_card
from model.evaluation.figures import save_figures
from model.evaluation.labelled import measure_labelled
from model.evaluation.metrics import score
from model.evaluation.report import evaluate, format_report
from model.network import litert_network
from model.network.keras_network import as_function, convert, keras, load_network
from model.preparation.frame import Network, from_uint8
from model.training.batches import Batches, frames_for, labels_for
from model.training.calibration import calibrate
from model.training.recipes import DigitRecipe
from model.training.task import DRY_RUN_SIZE, Task, TrainingError, first, versions

#: Largest difference of probabilities between a network and its saved, and its converted, form.
SAVED_TOLERANCE, CONVERTED_TOLERANCE = 1e-5, 1e-4
#: Fraction of the frames that take long which a dry run makes.
DRY_RUN_FRACTION = 0.01


@dataclass(frozen=True)
class DigitTask(Task):
    """The classification of digits.

    Attributes:
        real: a folder of labelled real pictures to evaluate on as well.
    """

    recipe: DigitRecipe
    real: pathlib.Path | None = None

    OUTPUT = "digits.keras"
    METRIC = "accuracy"

    def small(self) -> "DigitTask":
        extra = self.recipe.extra and few(self.recipe.extra)
        recipe = dataclasses.replace(self.recipe, extra=extra)
        return dataclasses.replace(self, recipe=recipe, data=Mnist(*map(first, self.data)))

    def batches(self, network: keras.Model, seed: int) -> Batches:
        train = self.data.train
        if self.recipe.extra:
            train = concatenate(train, self.recipe.extra(train, np.random.default_rng(seed), 1.0))
        # Corrections may be labelled "not a digit", which not every recipe's network can answer.
        learnable = train.labels < network.output_shape[-1]
        train = Split(train.images[learnable], train.labels[learnable])
        return Batches(train, self.recipe, network, seed)

    def validation(self, network: keras.Model, seed: int) -> tuple[np.ndarray, np.ndarray]:
        images, labels = self.data.validation
        return frames_for(network, images), labels_for(self.recipe, network, labels)

    def compile(self, network: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        network.compile(optimizer, loss_for(self.recipe), metrics=[self.METRIC])

    def finish(self, network: keras.Model, seed: int) -> dict:
        if not self.recipe.calibrated:
            return {}
        rng = np.random.default_rng(seed)
        return {"calibration": calibrate(network, self.data.validation, self.recipe.augment, rng)}

    def score(self, network: keras.Model) -> dict[str, dict[str, float]]:
        predict, splits = as_function(network), {"validation": self.data.validation, "test": self.data.test}
        return {name: score(*predict(from_uint8(split.images)), split.labels) for name, split in splits.items()}

    def write(self, network: keras.Model, path: pathlib.Path, report: dict) -> str:
        network.save(path)
        loaded, parameters = load_network(path)
        report = report | {"parameters": parameters}
        if self.real:
            report["real"] = measure_labelled(self.real, loaded)
        report, probabilities = write_evaluation(loaded, self.data, report, path.parent)
        expected, _ = as_function(network)(from_uint8(self.data.test.images))
        if abs(expected - probabilities).max() > SAVED_TOLERANCE:
            raise TrainingError(f"{path.name} was not saved: loaded from its file, the network gives other answers.")
        write_converted(network, path.with_suffix(".tflite"), probabilities, self.data.test)
        if "calibration" in report:
            path.with_name("README.md").write_text(model_card(report), encoding="utf-8")
        accuracy = report["test"]["accuracy"]
        return f"its report and figures. Loaded from the file, its test accuracy is {accuracy:.2%}."

    def remove_previous(self, output: pathlib.Path) -> None:
        super().remove_previous(output)
        if is_model_card(output.with_name("README.md")):
            output.with_name("README.md").unlink()


def few(extra: Callable[..., Split]) -> Callable[..., Split]:
    """Return a recipe's ``extra`` limited to DRY_RUN_SIZE images, evenly spaced so that each kind is among them."""

    def sample(digits: Split, rng: np.random.Generator, _: float) -> Split:
        images, labels = extra(digits, rng, DRY_RUN_FRACTION)
        step = -(-len(labels) // DRY_RUN_SIZE)
        return Split(images[::step], labels[::step])

    return sample


def loss_for(recipe: DigitRecipe) -> str | keras.losses.Loss:
    """Return the recipe's loss as ``compile`` takes it."""
    if not recipe.label_smoothing:
        return recipe.loss
    return keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)


def write_evaluation(network: Network, data: Mnist, report: dict, folder: pathlib.Path) -> tuple[dict, np.ndarray]:
    """Evaluate a network, print and write the report and the figures.

    Returns:
        The report, and the probabilities of the test images, (n, 10).
    """
    probabilities, measured = evaluate(network, data)
    report = report | measured | {"versions": versions()}
    (folder / "metrics.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    save_figures(folder, report, probabilities, data.test)
    print(format_report(report))
    return report, probabilities


def write_converted(network: keras.Model, path: pathlib.Path, expected: np.ndarray, test: Split) -> None:
    """Write a network in LiteRT's format too, unless that gives other answers than ``expected`` on the test images."""
    if keras.backend.backend() != "tensorflow":
        print(f"{path.name} is not written: that needs TensorFlow as Keras's backend.")
        return
    path.write_bytes(convert(network))
    probabilities, _ = litert_network.load_network(path)(from_uint8(test.images))
    difference = abs(probabilities - expected).max()
    if difference > CONVERTED_TOLERANCE:
        raise TrainingError(f"Nothing was saved: converted to LiteRT, probabilities differ by up to {difference:.1e}.")
    print(f"Converted to LiteRT, probabilities on the test images differ by at most {difference:.1e}.")
