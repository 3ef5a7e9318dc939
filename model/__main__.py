"""Read the digits in picture files: python -m model picture.png …"""

import argparse
import json
import pathlib
import sys
from collections.abc import Iterator

from PIL import Image

from model.arguments import add_network
from model.classifier import Classifier, load_classifier
from model.display import describe
from model.network.base import NetworkError
from model.preparation.picture import FORMATS, PictureError

PROGRAM = "python -m model" if __name__ == "__main__" else "digit-pad-read"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Read the digits in picture files.")
    parser.add_argument(
        "paths", nargs="+", type=pathlib.Path, metavar="PATH", help="a picture, or a folder of pictures"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    add_network(parser)
    return parser.parse_args()


def main() -> int:
    """Print one line per picture; return the exit status: 1 if one could not be read, 2 if the network could not."""
    options = parse_arguments()
    try:
        classifier = load_classifier(options.network)
    except NetworkError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    sys.stdout.reconfigure(errors="backslashreplace")  # file names may hold what the terminal cannot show
    failed = False
    for path in find_pictures(options.paths):
        answer = {"path": str(path)} | read(classifier, path)
        failed |= "error" in answer
        print(json.dumps(answer) if options.json else format_answer(answer), flush=True)
    return int(failed)


def find_pictures(paths: list[pathlib.Path]) -> Iterator[pathlib.Path]:
    """Yield the files among the paths, and the files with a picture's suffix in the folders among them, recursively."""
    suffixes = {suffix for suffix, format in Image.registered_extensions().items() if format in FORMATS}
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in suffixes and file.is_file())
        else:
            yield path


def read(classifier: Classifier, path: pathlib.Path) -> dict:
    """Return the answer for one file, or the error, ready for JSON."""
    try:
        return classifier.predict(path).as_dict()
    except PictureError as error:
        return error.as_dict()


def format_answer(answer: dict) -> str:
    """Return an answer as one line of text, with the probability of the least probable digit."""
    if "error" in answer:
        return f"{answer['path']}: {answer['error']}"
    text = describe(answer["number"], answer["reason"]).replace("\n", " / ")
    if answer["digits"]:
        text += f"  ({min(digit['probability'] for digit in answer['digits']):.1%})"
    return f"{answer['path']}: {text}"


if __name__ == "__main__":
    sys.exit(main())
