"""Read the digits in picture files: python -m model picture.png …"""

import argparse
import json
import pathlib
import sys
from collections.abc import Iterator

from PIL import Image

from model.classifier import SHIPPED, Classifier, load_classifier
from model.display import describe
from model.picture import FORMATS, PictureError
from model.probabilities import NetworkError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m model", description="Read the digits in picture files.")
    parser.add_argument("paths", nargs="+", type=pathlib.Path, metavar="PATH", help="a picture, or a folder of them")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--network",
        type=pathlib.Path,
        default=SHIPPED,
        metavar="FILE",
        help="a saved network, .keras, .h5 or .tflite (default: the shipped)",
    )
    options = parser.parse_args()
    try:
        classifier = load_classifier(options.network)
    except NetworkError as error:
        print(f"python -m model: {error}", file=sys.stderr)
        return 2
    sys.stdout.reconfigure(errors="backslashreplace")  # a name that it cannot show is no reason to stop
    failed = False
    for path in pictures_under(options.paths):
        answer = read(classifier, path)
        failed |= "error" in answer
        print(json.dumps(answer) if options.json else in_words(answer), flush=True)
    return int(failed)


def pictures_under(paths: list[pathlib.Path]) -> Iterator[pathlib.Path]:
    """The files as given, and those in folders, however deep, whose names end as pictures' names do."""
    endings = {ending for ending, format in Image.registered_extensions().items() if format in FORMATS}
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in endings and file.is_file())
        else:
            yield path


def read(classifier: Classifier, path: pathlib.Path) -> dict:
    """One file's answer, or why there is none, ready for JSON."""
    try:
        prediction = classifier.predict(path)
    except PictureError as error:
        return {"path": str(path), "error": str(error)}
    return {
        "path": str(path),
        "digit": prediction.digit,
        "probabilities": [round(float(share), 6) for share in prediction.probabilities],
        "reason": prediction.reason,
    }


def in_words(answer: dict) -> str:
    if "error" in answer:
        return f"{answer['path']}: {answer['error']}"
    words = describe(answer["digit"], answer["reason"])
    if answer["digit"] is not None:
        words += f"  ({answer['probabilities'][answer['digit']]:.1%})"
    return f"{answer['path']}: {words}"


if __name__ == "__main__":
    sys.exit(main())
