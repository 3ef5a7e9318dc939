"""One call from a picture to its digit, and to a figure of the answer."""

import os

from model.classifier import BLANK, SHIPPED, load_classifier
from model.picture import Picture, load_grey


def predict_digit(picture: Picture, network: str | os.PathLike = SHIPPED) -> int | None:
    """The digit in a picture, 0..9, or None if there is none, as the shipped or another saved network reads it.

    Raises PictureError if the picture cannot be read, NetworkError if the network cannot be used.
    """
    return load_classifier(network).predict(picture).digit


def display_prediction(picture: Picture, save: str | os.PathLike | None = None, network: str | os.PathLike = SHIPPED):
    """Draw a picture beside what the shipped or another saved network saw, and its ten probabilities.

    Returns the matplotlib Figure, which notebooks show by themselves; ``save`` also writes it to a file.
    Raises PictureError if the picture cannot be read, NetworkError if the network cannot be used.
    """
    from matplotlib.figure import Figure  # slow to import, and reading a picture needs none of it

    prediction = load_classifier(network).predict(picture)
    figure = Figure(figsize=(9, 3), layout="constrained")
    original, seen, bars = figure.subplots(1, 3)
    original.imshow(load_grey(picture), cmap="gray", vmin=0, vmax=255)
    original.set_title(describe(prediction.digit, prediction.reason))
    original.axis("off")
    if prediction.frame is not None:
        seen.imshow(prediction.frame, cmap="gray", vmin=0, vmax=1)
    seen.set_title("what the network saw")
    seen.axis("off")
    bars.barh(range(10), prediction.probabilities)
    bars.set(yticks=range(10), xlim=(0, 1), title="probabilities")
    bars.invert_yaxis()
    if save is not None:
        figure.savefig(save)
    return figure


def describe(digit: int | None, reason: str | None) -> str:
    """The answer in words."""
    if reason == BLANK:
        return "nothing drawn"
    return str(digit) if reason is None else reason
