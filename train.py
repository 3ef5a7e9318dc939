"""Train a network by a recipe, evaluate it, and save it with its report.

python train.py                              the default recipe: one to two hours on two cores
python train.py --recipe rmsprop-128         one of five published recipes; --list-recipes lists them
python train.py --recipe ink                 the network that finds handwriting in pictures: about two hours
python train.py --data mnist.npz             with a local copy of MNIST instead of a download
python train.py --dry-run                    only check that everything works, in a minute
python train.py --evaluate digits.keras      evaluate a saved network, without training
"""

import argparse
import contextlib
import pathlib
import shlex
import sys

from model.arguments import positive_int
from model.errors import DigitPadError
from model.training import recipes

NETWORK_SUFFIXES = (".keras", ".h5")
MAX_SEED = 2**32 - 1
PROGRAM = pathlib.Path(sys.argv[0]).name if __name__ == "__main__" else "digit-pad-train"


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    add = parser.add_argument
    add("--recipe", default="default", choices=recipes.names(), metavar="NAME", help="the recipe (default: default)")
    add("--list-recipes", action="store_true", help="list the recipes and exit")
    add("--data", type=existing, metavar="FILE", help="an mnist.npz in Keras's layout (default: downloaded once)")
    add("--epochs", type=positive_int, metavar="N", help="passes over the training images (default: the recipe's)")
    add("--batch-size", type=positive_int, metavar="N", help="images per step (default: the recipe's)")
    add("--learning-rate", type=positive_float, metavar="RATE", help="the optimizer's (default: the recipe's)")
    add("--seed", type=seed, metavar="N", nargs="+", default=[0], help="one run each; the best in validation is kept")
    add("--output", type=network_file, metavar="FILE", help="network to write (default: in runs/NAME)")
    add("--extra", type=existing, metavar="FOLDER", help="also train on corrections that the page stored")
    add("--real", type=existing, metavar="FOLDER", help="also evaluate on labelled real pictures")
    add("--resume", action="store_true", help="continue a stopped run with the same output from its last whole epoch")
    add("--dry-run", action="store_true", help="only check that every step works, on a few images")
    add("--evaluate", type=existing, metavar="FILE", help="evaluate this network, .keras or .h5, without training")
    options = parser.parse_args(arguments)
    if options.evaluate:
        for name, value in vars(options).items():
            if name not in ("evaluate", "data") and value != parser.get_default(name):
                parser.error(f"--evaluate cannot be combined with --{name.replace('_', '-')}")
    return options


def existing(text: str) -> pathlib.Path:
    path = pathlib.Path(text)
    if not path.exists():
        raise argparse.ArgumentTypeError(f"{text} does not exist")
    return path


def positive_float(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) < float("inf"):
            return float(text)
    raise argparse.ArgumentTypeError(f"{text} is not a positive number")


def seed(text: str) -> int:
    if not text.isdecimal() or int(text) > MAX_SEED:
        raise argparse.ArgumentTypeError(f"{text} is not an integer from 0 to {MAX_SEED}")
    return int(text)


def network_file(text: str) -> pathlib.Path:
    path = pathlib.Path(text)
    if path.suffix not in NETWORK_SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text} ends neither in .keras nor in .h5")
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder")
    return path


def main() -> None:
    options = parse_arguments()
    try:
        # Here, because Keras's backend takes seconds to import, and a wrong argument should not wait for it.
        from model.training import run
    except ModuleNotFoundError as error:
        sys.exit(f"{PROGRAM}: {error.name} is not installed; run: python -m pip install -r requirements.txt")

    # Without --resume: the same run, whether it was stopped in between or not.
    command = shlex.join(["python", "train.py", *(word for word in sys.argv[1:] if word != "--resume")])
    try:
        if options.list_recipes:
            run.print_recipes()
        elif options.evaluate:
            run.evaluate_file(options.evaluate, options.data)
        else:
            run.train(
                options.recipe,
                options.output,
                options.data,
                options.seed,
                command,
                extra=options.extra,
                real=options.real,
                resume=options.resume,
                dry_run=options.dry_run,
                epochs=options.epochs,
                batch_size=options.batch_size,
                learning_rate=options.learning_rate,
            )
    except DigitPadError as error:
        sys.exit(f"{PROGRAM}: {error}")
    except KeyboardInterrupt:
        sys.exit(f"{PROGRAM}: Stopped; nothing was saved.")


if __name__ == "__main__":
    main()
