"""Train the digit network on MNIST, evaluate it, and save it with its report.

python train.py                      the full run: about 20 minutes on two cores
python train.py --data mnist.npz     with a local copy of MNIST instead of a download
python train.py --dry-run            the whole way in a minute, on a few hundred images, into a temporary folder
"""

import argparse
import os
import pathlib
import shlex
import sys
import tempfile

TRAINED = pathlib.Path(__file__).parent / "model" / "trained" / "digits.keras"
DRY_RUN_SAMPLES = 512


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", metavar="FILE", help="an mnist.npz in Keras's layout (default: download it once)")
    parser.add_argument("--epochs", type=_positive, help="passes over the training images (default: the recipe's)")
    parser.add_argument("--batch-size", type=_positive, help="images in a step (default: the recipe's)")
    parser.add_argument("--seed", type=int, default=0, help="seed of every random choice (default: %(default)s)")
    parser.add_argument(
        "--output",
        type=_keras_file,
        default=TRAINED,
        metavar="FILE.keras",
        help="where the network goes, metrics.json beside it (default: model/trained/digits.keras, the app's)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help=f"one epoch on {DRY_RUN_SAMPLES} images, saved to a temporary folder"
    )
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def _keras_file(text: str) -> pathlib.Path:
    path = pathlib.Path(text)
    if path.suffix != ".keras":
        raise argparse.ArgumentTypeError(f"{text} does not end in .keras")
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"the folder of {text} cannot be made ({error.strerror})") from error
    if not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"the folder of {text} cannot be written to")
    return path


def main() -> None:
    options = parse_arguments()
    if options.dry_run:
        options.epochs = options.epochs or 1
        options.output = pathlib.Path(tempfile.mkdtemp(prefix="digits-dry-run-")) / "digits.keras"

    # After the arguments, so that --help and a wrong one are answered without the wait for Keras.
    from model import mnist, recipes, training

    try:
        data = mnist.load(options.data)
    except mnist.DataError as error:
        sys.exit(f"train.py: {error}")
    if options.dry_run:
        data = mnist.Mnist(*(mnist.Split(*(array[:DRY_RUN_SAMPLES] for array in split)) for split in data))

    network, report = training.run(
        recipes.RECIPES["default"], data, epochs=options.epochs, batch_size=options.batch_size, seed=options.seed
    )
    report["command"] = shlex.join(["python", *sys.argv])
    training.save(network, report, options.output)
    test = report["test"]
    print(f"Test accuracy {test['accuracy']:.2%}, loss {test['loss']:.4f}; saved {options.output} and metrics.json.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("train.py: stopped; nothing was saved.")
