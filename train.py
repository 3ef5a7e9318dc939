"""Train a network on MNIST by a recipe, evaluate it, and save it with its report and figures.

python train.py                              ours: about 15 minutes on two cores
python train.py --recipe rmsprop-128         one of the five published ones; --list-recipes names them
python train.py --data mnist.npz             with a local copy of MNIST instead of a download
python train.py --dry-run                    the whole way in a minute, on a few images, into a temporary folder
python train.py --evaluate digits.keras      no training: evaluate a saved network, anybody's
"""

import argparse
import json
import os
import pathlib
import shlex
import shutil
import sys
import tempfile

import numpy as np

DRY_RUN_SAMPLES = 512
COMMAND = "command.txt"  # in the folder of a stopped run: what began it


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--recipe", default="default", metavar="NAME", help="network and training (default: ours)")
    parser.add_argument("--list-recipes", action="store_true", help="name the recipes, and end")
    parser.add_argument("--data", metavar="FILE", help="an mnist.npz in Keras's layout (default: download it once)")
    parser.add_argument("--epochs", type=_positive(int), help="passes over the training images (default: the recipe's)")
    parser.add_argument("--batch-size", type=_positive(int), help="images in a step (default: the recipe's)")
    parser.add_argument("--learning-rate", type=_positive(float), help="the optimiser's (default: the recipe's)")
    parser.add_argument(
        "--seed",
        type=_seed,
        nargs="+",
        default=[0],
        help="seed of every random choice; of several runs, one for each, the best in validation is kept (default: 0)",
    )
    parser.add_argument(
        "--output",
        type=_network_file,
        metavar="FILE",
        help="where the network goes, .keras or .h5, report and figures beside it (default: runs/NAME/digits.keras)",
    )
    parser.add_argument(
        "--extra", type=pathlib.Path, metavar="FOLDER", help="corrections that the page kept, to be trained on as well"
    )
    parser.add_argument(
        "--real", type=pathlib.Path, metavar="FOLDER", help="also measure on labelled real pictures, never trained on"
    )
    parser.add_argument("--resume", action="store_true", help="go on with a run of the same output that was stopped")
    parser.add_argument(
        "--dry-run", action="store_true", help=f"one epoch on {DRY_RUN_SAMPLES} images, saved to a temporary folder"
    )
    parser.add_argument(
        "--evaluate", type=pathlib.Path, metavar="FILE", help="only evaluate this network, .keras or .h5"
    )
    options = parser.parse_args(arguments)
    if options.evaluate:
        for name, value in vars(options).items():
            if name not in ("evaluate", "data") and value != parser.get_default(name):
                parser.error(f"--evaluate takes no --{name.replace('_', '-')}: it only evaluates, on MNIST")
    return options


def _positive(kind: type):
    def number(text: str):
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    return number


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0 to {2**32 - 1}")
    return int(text)


def _network_file(text: str) -> pathlib.Path:
    path = pathlib.Path(text)
    if path.suffix not in (".keras", ".h5"):
        raise argparse.ArgumentTypeError(f"{text} ends neither in .keras nor in .h5")
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder")
    return path


def main() -> None:
    options = parse_arguments()
    # After the arguments, so that --help and a wrong one are answered without the wait for Keras.
    from model.feedback import FeedbackError
    from model.labelled import LabelledError
    from model.mnist import DataError
    from model.probabilities import NetworkError
    from model.recipes import RECIPES

    try:
        if options.list_recipes:
            for name, recipe in RECIPES.items():
                print(f"{name:<18}{recipe.network().count_params():>10,} parameters   {recipe.summary}")
        elif options.evaluate:
            evaluate(options)
        elif options.recipe in RECIPES:
            train(options)
        else:
            sys.exit(f"train.py: there is no recipe {options.recipe}; there are {', '.join(RECIPES)}.")
    except (DataError, FeedbackError, LabelledError, NetworkError) as error:
        sys.exit(f"train.py: {error}")


def train(options: argparse.Namespace) -> None:
    from model import mnist, training
    from model.card import is_model_card
    from model.feedback import read_feedback
    from model.labelled import check_labelled
    from model.recipes import RECIPES

    recipe = training.with_overrides(
        RECIPES[options.recipe],
        epochs=1 if options.dry_run and not options.epochs else options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
    )
    output = options.output or pathlib.Path("runs", options.recipe, "digits.keras")
    if options.dry_run:
        output = pathlib.Path(tempfile.mkdtemp(prefix="digits-dry-run-"), output.name)
    checkpoint = output.with_name(output.name + ".checkpoint")
    command = shlex.join(["python", *(word for word in sys.argv if word != "--resume")])  # resumed, it is the same run
    check_stopped_run(checkpoint, command, options.resume)
    make_folder(output.parent)
    readme = output.parent / "README.md"
    if recipe.calibrated and readme.exists() and not is_model_card(readme):
        sys.exit(f"train.py: the run would replace {readme} by its own: give it a folder of its own.")
    if options.real:
        check_labelled(options.real)  # before time is spent on what is to be measured on them
    data = mnist.load(options.data, recipe.held_out)
    started = {"recipe": options.recipe, "command": command}
    if options.extra:
        corrections = read_feedback(options.extra)
        print(f"{len(corrections.labels)} corrections from {options.extra} are added to the training images.")
        started |= {"corrections": len(corrections.labels)}
        # Before MNIST's digits, so that a dry run has them too.
        data = data._replace(train=mnist.joined(corrections, data.train))
    if options.dry_run:
        data = mnist.Mnist(*(mnist.Split(*(array[:DRY_RUN_SAMPLES] for array in split)) for split in data))

    checkpoint.mkdir(exist_ok=True)
    (checkpoint / COMMAND).write_text(command, encoding="utf-8")
    runs = []
    for seed in options.seed:
        try:
            runs.append(training.run(recipe, data, seed, checkpoint / str(seed)))
        except KeyboardInterrupt:
            best = checkpoint / str(seed) / training.BEST
            kept = [f"The best network so far is {best}."] if best.exists() else []
            goes_on = "--resume goes on." if holds_stopped_run(checkpoint) else "There is nothing to resume yet."
            sys.exit(" ".join(["train.py: stopped.", *kept, goes_on]))

    network, report = best_of(runs, data)
    save(output, started | report, network, data, options.real)
    shutil.rmtree(checkpoint)


def holds_stopped_run(checkpoint: pathlib.Path) -> bool:
    from model.training import FINISHED, STATE

    return any(any(checkpoint.glob(f"*/{name}")) for name in (STATE, FINISHED))


def check_stopped_run(checkpoint: pathlib.Path, command: str, resume: bool) -> None:
    """End the program where a stopped run would be lost, or where there is none, or another one, to go on with."""
    stopped = holds_stopped_run(checkpoint)
    if resume and not stopped:
        sys.exit(f"train.py: there is nothing to resume: {checkpoint} holds no run that was stopped after an epoch.")
    if stopped and not resume:
        sys.exit(f"train.py: a stopped run is kept in {checkpoint}: go on with --resume, or delete it to start anew.")
    if stopped and (began := (checkpoint / COMMAND).read_text(encoding="utf-8")) != command:
        sys.exit(f"train.py: the stopped run in {checkpoint} is another one, begun by: {began}")


def best_of(runs: list, data) -> tuple:
    """The network with the least loss in validation, and its report with the scores of all."""
    from model.evaluation import scaled
    from model.metrics import score
    from model.network import as_function

    scores = []
    for network, report in runs:
        read, splits = as_function(network), {"validation": data.validation, "test": data.test}
        measured = {name: score(*read(scaled(split.images)), split.labels) for name, split in splits.items()}
        scores.append({"seed": report["seed"]} | measured)
    best = min(range(len(runs)), key=lambda index: scores[index]["validation"]["loss"])
    network, report = runs[best]
    return network, report | {"seeds": scores}


def save(output: pathlib.Path, report: dict, network, data, real: pathlib.Path | None) -> None:
    """Save network, report, figures and card; what is measured is the network as it is loaded again from its file."""
    from model.card import is_model_card, model_card
    from model.evaluation import robustness, scaled
    from model.labelled import measure_labelled
    from model.network import as_function, load_network

    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".saving-") as folder:
        saved = pathlib.Path(folder, output.name)
        network.save(saved)
        reloaded, parameters = load_network(saved)
        report |= {"parameters": parameters}
        if real:
            report["real"] = measure_labelled(real, reloaded)
        if "calibration" in report:
            report["robustness"] = robustness(reloaded, data.test)
        probabilities = write_evaluation(reloaded, data, report, pathlib.Path(folder))
        write_converted(network, saved.with_suffix(".tflite"), probabilities, data.test)
        if "calibration" in report:
            pathlib.Path(folder, "README.md").write_text(model_card(report), encoding="utf-8")
        before, _ = as_function(network)(scaled(data.test.images))
        if abs(before - probabilities).max() > 1e-5:
            sys.exit(f"train.py: {output} was not saved: the network that was loaded again answers differently.")
        # Those of another run, should there be none of this.
        output.with_suffix(".tflite").unlink(missing_ok=True)
        if is_model_card(output.parent / "README.md"):
            (output.parent / "README.md").unlink()
        for file in pathlib.Path(folder).iterdir():
            file.replace(output.parent / file.name)
    print(
        f"Saved {output}, its report and figures. Loaded again, it scores the same: {report['test']['accuracy']:.2%}."
    )


def write_converted(network, path: pathlib.Path, expected: np.ndarray, test) -> None:
    """Write the network in LiteRT's form as well, if it answers the test images as the network itself does."""
    from model import litert
    from model.evaluation import scaled
    from model.network import converted
    from model.quiet_keras import keras

    if keras.backend.backend() != "tensorflow":
        print(f"{path.name} is not written: that needs TensorFlow as Keras's backend.")
        return
    path.write_bytes(converted(network))
    probabilities, _ = litert.load_converted(path)(scaled(test.images))
    difference = abs(probabilities - expected).max()
    if difference > 1e-4:
        sys.exit(f"train.py: nothing was saved: converted to LiteRT, the network answers differently by {difference}.")
    print(f"Converted to LiteRT, the network answers the test images the same, within {difference:.1e}.")


def evaluate(options: argparse.Namespace) -> None:
    from model import mnist
    from model.network import load_network

    network, parameters = load_network(options.evaluate)
    data = mnist.load(options.data)
    folder = options.evaluate.with_name(options.evaluate.stem + "-evaluation")
    make_folder(folder)
    write_evaluation(network, data, {"network": options.evaluate.name, "parameters": parameters}, folder)
    print(f"The report and figures are in {folder}.")


def write_evaluation(network, data, report: dict, folder: pathlib.Path):
    """Evaluate, print it, and write metrics.json and the figures; returns what the network made of the test set."""
    from model.evaluation import evaluation, in_words
    from model.figures import save_figures
    from model.training import versions

    probabilities, measured = evaluation(network, data)
    report |= measured | {"versions": versions()}
    (folder / "metrics.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    save_figures(folder, report, probabilities, data.test)
    print(in_words(report))
    return probabilities


def make_folder(folder: pathlib.Path) -> None:
    """Make the folder, and see that it can be written to, before time is spent on what is to go there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        sys.exit(f"train.py: the folder {folder} cannot be written to ({os.strerror(error.errno)}).")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("train.py: stopped; nothing was saved.")
