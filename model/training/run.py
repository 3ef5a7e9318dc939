"""A training run from start to end: check, load the data, train, choose the best seed, evaluate, save."""

import dataclasses
import json
import os
import pathlib
import platform
import shutil
import tempfile
from collections.abc import Callable

import numpy as np

from model.data import mnist
from model.data.corrections import load_corrections
from model.data.mnist import Mnist, Split, concatenate
from model.errors import DigitPadError
from model.evaluation.card import is_model_card, model_card
from model.evaluation.figures import save_figures
from model.evaluation.labelled import check_labelled, measure_labelled
from model.evaluation.metrics import score
from model.evaluation.report import evaluate, format_report
from model.network import litert_network
from model.network.base import Network
from model.network.keras_network import as_function, convert, keras, load_network
from model.preparation.frame import from_uint8
from model.training import recipes
from model.training.fit import BEST, fit, has_stopped_run
from model.training.recipes import Recipe

#: Images of each split in a dry run.
DRY_RUN_SIZE = 512
#: In the folder of a stopped run: the command that started it.
COMMAND = "command.txt"
#: Largest difference of probabilities between a network and its saved, and its converted, form.
SAVED_TOLERANCE, CONVERTED_TOLERANCE = 1e-5, 1e-4


class TrainingError(DigitPadError):
    """A run cannot be started, continued or saved."""

    code = "training"


def train(
    name: str,
    output: pathlib.Path | None,
    data_path: pathlib.Path | None,
    seeds: list[int],
    command: str,
    extra: pathlib.Path | None = None,
    real: pathlib.Path | None = None,
    resume: bool = False,
    dry_run: bool = False,
    **overrides: float | None,
) -> None:
    """Train a recipe's network once per seed, and save the best with its report, figures and card.

    Args:
        name: the recipe's name.
        output: the network's file, .keras or .h5; the rest is saved beside it. By default runs/NAME/digits.keras.
        data_path: an mnist.npz; downloaded if None.
        seeds: one run each; the network with the lowest validation loss is kept.
        command: the command line, for the report.
        extra: a folder of corrections to train on as well.
        real: a folder of labelled real pictures to evaluate on as well.
        resume: continue a stopped run with the same output.
        dry_run: check every step on a few images, and save into a temporary folder.
        overrides: "epochs", "batch_size" and "learning_rate", unless None, replace the recipe's.

    Raises:
        DigitPadError: something is wrong; the message says what.
    """
    recipe = recipes.load(name)
    recipe = dataclasses.replace(recipe, **{key: value for key, value in overrides.items() if value is not None})
    output = output or pathlib.Path("runs", name, "digits.keras")
    if dry_run:
        output = pathlib.Path(tempfile.mkdtemp(prefix="digits-dry-run-"), output.name)
        recipe = dataclasses.replace(
            recipe, epochs=overrides.get("epochs") or 1, extra=recipe.extra and few(recipe.extra)
        )
        print(f"Dry run: checks every step on {DRY_RUN_SIZE} images of each split. Its network is not usable.")
    state = output.with_name(f"{output.name}.checkpoint")
    check_folder(output.parent)
    check_readme(output.parent / "README.md", recipe)
    check_stopped_run(state, command, resume)
    if real:
        check_labelled(real)

    data = mnist.load(data_path, recipe.validation_size)
    report = {"recipe": name, "published": recipe.published, "command": command}
    if extra:
        corrections = load_corrections(extra)
        print(f"{len(corrections.labels)} corrections from {extra} are added to the training images.")
        report["corrections"] = len(corrections.labels)
        # First, so that a dry run includes them.
        data = data._replace(train=concatenate(corrections, data.train))
    if dry_run:
        data = Mnist(*map(first, data))

    state.mkdir(exist_ok=True)
    (state / COMMAND).write_text(command, encoding="utf-8")
    runs = []
    try:
        for seed in seeds:
            runs.append(fit(recipe, data, seed, state / str(seed)))
        network, fitted = best_of(runs, data)
        save(output, network, report | fitted, data, real)
    except KeyboardInterrupt:
        raise stopped(state, seed) from None
    shutil.rmtree(state)
    if dry_run:
        print(
            "Dry run finished: loading, training, evaluating, saving and loading again work. Nothing else was checked."
        )


def first(split: Split) -> Split:
    """Return the images of a split that a dry run uses."""
    return Split(*(array[:DRY_RUN_SIZE] for array in split))


def few(extra: Callable[..., Split]) -> Callable[..., Split]:
    """Return a recipe's ``extra`` limited to DRY_RUN_SIZE images, evenly spaced so that each kind is among them."""

    def sample(digits: Split, rng: np.random.Generator) -> Split:
        images, labels = extra(digits, rng)
        step = -(-len(labels) // DRY_RUN_SIZE)
        return Split(images[::step], labels[::step])

    return sample


def check_folder(folder: pathlib.Path) -> None:
    """Create the output folder; raise TrainingError if it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise TrainingError(f"The folder {folder} cannot be written to ({os.strerror(error.errno)}).") from error


def check_readme(readme: pathlib.Path, recipe: Recipe) -> None:
    """Raise TrainingError if the run's card would replace a file that is not a card."""
    if recipe.calibrated and readme.exists() and not is_model_card(readme):
        raise TrainingError(f"The run would replace {readme}; choose another folder with --output.")


def check_stopped_run(state: pathlib.Path, command: str, resume: bool) -> None:
    """Raise TrainingError if a stopped run would be overwritten, or if there is none, or another one, to resume."""
    is_stopped = any(map(has_stopped_run, state.glob("*/")))
    if resume and not is_stopped:
        raise TrainingError(f"There is nothing to resume: {state} holds no run that was stopped after an epoch.")
    if is_stopped and not resume:
        raise TrainingError(f"A stopped run is kept in {state}; continue it with --resume, or delete it.")
    if is_stopped and (started := (state / COMMAND).read_text(encoding="utf-8")) != command:
        raise TrainingError(f"The stopped run in {state} is another one, started by: {started}")


def stopped(state: pathlib.Path, seed: int) -> TrainingError:
    """Return the error that reports what an interrupted run left."""
    best = state / str(seed) / BEST
    kept = [f"The best network so far is {best}."] if best.exists() else []
    can_resume = any(map(has_stopped_run, state.glob("*/")))
    return TrainingError(
        " ".join(["Stopped.", *kept, "Continue with --resume." if can_resume else "Nothing was saved."])
    )


def best_of(runs: list[tuple[keras.Model, dict]], data: Mnist) -> tuple[keras.Model, dict]:
    """Return the network with the lowest validation loss, and its report with the scores of all as "seeds"."""
    scores = []
    for network, report in runs:
        predict, splits = as_function(network), {"validation": data.validation, "test": data.test}
        measured = {name: score(*predict(from_uint8(split.images)), split.labels) for name, split in splits.items()}
        scores.append({"seed": report["seed"]} | measured)
    best = min(range(len(runs)), key=lambda index: scores[index]["validation"]["loss"])
    network, report = runs[best]
    return network, report | {"seeds": scores}


def save(output: pathlib.Path, network: keras.Model, report: dict, data: Mnist, real: pathlib.Path | None) -> None:
    """Save a network with its report, figures and card, all or nothing; evaluated is the network loaded from its file.

    Raises:
        TrainingError: the loaded or the converted network gives other answers.
        LabelledError: the real pictures cannot be used.
    """
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".saving-") as temporary:
        folder = pathlib.Path(temporary)
        network.save(folder / output.name)
        loaded, parameters = load_network(folder / output.name)
        report = report | {"parameters": parameters}
        if real:
            report["real"] = measure_labelled(real, loaded)
        report, probabilities = write_evaluation(loaded, data, report, folder)
        expected, _ = as_function(network)(from_uint8(data.test.images))
        if abs(expected - probabilities).max() > SAVED_TOLERANCE:
            raise TrainingError(f"{output} was not saved: loaded from its file, the network gives other answers.")
        write_converted(network, (folder / output.name).with_suffix(".tflite"), probabilities, data.test)
        if "calibration" in report:
            (folder / "README.md").write_text(model_card(report), encoding="utf-8")
        remove_previous(output)
        for file in folder.iterdir():
            file.replace(output.parent / file.name)
    accuracy = report["test"]["accuracy"]
    print(f"Saved {output}, its report and figures. Loaded from the file, its test accuracy is {accuracy:.2%}.")


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


def remove_previous(output: pathlib.Path) -> None:
    """Remove what an earlier run wrote and this one may not."""
    output.with_suffix(".tflite").unlink(missing_ok=True)
    if is_model_card(output.parent / "README.md"):
        (output.parent / "README.md").unlink()


def evaluate_file(path: pathlib.Path, data_path: pathlib.Path | None) -> None:
    """Evaluate a saved network on MNIST, and write the report and figures into NAME-evaluation/ beside it."""
    network, parameters = load_network(path)
    folder = path.with_name(f"{path.stem}-evaluation")
    check_folder(folder)
    write_evaluation(network, mnist.load(data_path), {"network": path.name, "parameters": parameters}, folder)
    print(f"The report and figures are in {folder}.")


def print_recipes() -> None:
    """Print each recipe's name, number of parameters and summary."""
    for name in recipes.names():
        recipe = recipes.load(name)
        print(f"{name:<18}{recipe.network().count_params():>10,} parameters   {recipe.summary}")


def versions() -> dict[str, str]:
    """Return the versions that the outcome of a run depends on."""
    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "numpy": np.__version__,
    }
