"""A training run from start to end: check, load the data, train, choose the best seed, evaluate, save."""

import dataclasses
import os
import pathlib
import shutil
import tempfile

from model.data import mnist
from model.data.corrections import load_corrections
from model.data.mnist import concatenate
from model.evaluation.card import is_model_card
from model.evaluation.labelled import check_labelled
from model.network.keras_network import keras, load_network
from model.training import recipes
from model.training.digits import DigitTask, write_evaluation
from model.training.fit import BEST, fit, has_stopped_run
from model.training.ink import InkTask
from model.training.recipes import DigitRecipe, InkRecipe
from model.training.task import Task, TrainingError

#: In the folder of a stopped run: the command that started it.
COMMAND = "command.txt"


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
    """Train a recipe's network once per seed, and save the best with its report, and figures or a card.

    Args:
        name: the recipe's name.
        output: the network's file, .keras or .h5; the rest is saved beside it. By default runs/NAME/digits.keras, or
            ink.keras for the ink network.
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
    is_ink = isinstance(recipe, InkRecipe)
    if is_ink and (extra or real):
        raise TrainingError("The ink network reads no digits: it takes neither --extra nor --real.")
    output = output or pathlib.Path("runs", name, InkTask.OUTPUT if is_ink else DigitTask.OUTPUT)
    if dry_run:
        output = pathlib.Path(tempfile.mkdtemp(prefix="digits-dry-run-"), output.name)
        recipe = dataclasses.replace(recipe, epochs=overrides.get("epochs") or 1)
        print("Dry run: checks every step on few images. Its network is not usable.")
    state = output.with_name(f"{output.name}.checkpoint")
    check_folder(output.parent)
    if not is_ink:
        check_readme(output.with_name("README.md"), recipe)
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
    task = InkTask(recipe, data) if is_ink else DigitTask(recipe, data, real)
    if dry_run:
        task = task.small()

    state.mkdir(exist_ok=True)
    (state / COMMAND).write_text(command, encoding="utf-8")
    runs = []
    try:
        for seed in seeds:
            runs.append(fit(task, seed, state / str(seed)))
        network, fitted = best_of(runs, task)
        save(output, network, report | fitted, task)
    except KeyboardInterrupt:
        raise stopped(state, seed) from None
    shutil.rmtree(state)
    if dry_run:
        print(
            "Dry run finished: loading, training, evaluating, saving and loading again work. Nothing else was checked."
        )


def check_folder(folder: pathlib.Path) -> None:
    """Create the output folder; raise TrainingError if it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise TrainingError(f"The folder {folder} cannot be written to ({os.strerror(error.errno)}).") from error


def check_readme(readme: pathlib.Path, recipe: DigitRecipe) -> None:
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
    if is_stopped and (started := _command(state)) != command:
        raise TrainingError(f"The stopped run in {state} is another one, started by: {started}")


def _command(state: pathlib.Path) -> str:
    try:
        return (state / COMMAND).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"The run in {state} cannot be resumed: its {COMMAND} is missing or damaged.") from error


def stopped(state: pathlib.Path, seed: int) -> TrainingError:
    """Return the error that reports what an interrupted run left."""
    best = state / str(seed) / BEST
    kept = [f"The best network so far is {best}."] if best.exists() else []
    can_resume = any(map(has_stopped_run, state.glob("*/")))
    return TrainingError(
        " ".join(["Stopped.", *kept, "Continue with --resume." if can_resume else "Nothing was saved."])
    )


def best_of(runs: list[tuple[keras.Model, dict]], task: Task) -> tuple[keras.Model, dict]:
    """Return the network with the lowest validation loss, and its report with the scores of all as "seeds"."""
    scores = [{"seed": report["seed"]} | task.score(network) for network, report in runs]
    best = min(range(len(runs)), key=lambda index: scores[index]["validation"]["loss"])
    network, report = runs[best]
    return network, report | {"seeds": scores}


def save(output: pathlib.Path, network: keras.Model, report: dict, task: Task) -> None:
    """Save a network with its report and what else belongs to it, all or nothing.

    Raises:
        TrainingError: the loaded or the converted network gives other answers.
        LabelledError: the real pictures cannot be used.
    """
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".saving-") as temporary:
        folder = pathlib.Path(temporary)
        written = task.write(network, folder / output.name, report)
        task.remove_previous(output)
        for file in folder.iterdir():
            file.replace(output.parent / file.name)
    print(f"Saved {output}, {written}")


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
