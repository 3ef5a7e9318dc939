"""Convenience functions: from a picture to its digit or number, or to a figure of the answer, in one call."""

import os

from model.classifier import BLANK, NOT_A_DIGIT, SHIPPED, load_classifier
from model.preparation.picture import Picture, load_grey


def predict_digit(picture: Picture, network: str | os.PathLike = SHIPPED) -> int | None:
    """Return the digit in a picture, 0..9, or None if there is none or more than one.

    Args:
        picture: a path, bytes, a PIL image, or an array (H, W), (H, W, 3) or (H, W, 4).
        network: a saved network, .keras, .h5 or .tflite.

    Raises:
        PictureError: the picture cannot be read.
        NetworkError: the network cannot be used.
    """
    return load_classifier(network).predict(picture).digit


def predict_number(picture: Picture, network: str | os.PathLike = SHIPPED) -> str:
    """Return all digits in a picture in reading order, lines separated by line breaks; "" if there is none.

    Args:
        picture: a path, bytes, a PIL image, or an array (H, W), (H, W, 3) or (H, W, 4).
        network: a saved network, .keras, .h5 or .tflite.

    Raises:
        PictureError: the picture cannot be read.
        NetworkError: the network cannot be used.
    """
    return load_classifier(network).predict(picture).number


def display_prediction(picture: Picture, save: str | os.PathLike | None = None, network: str | os.PathLike = SHIPPED):
    """Plot a picture, the frame made of it and the ten probabilities, side by side.

    If there are several digits, the title has them all, and the frame and the probabilities are of the most probable.

    Args:
        picture: a path, bytes, a PIL image, or an array (H, W), (H, W, 3) or (H, W, 4).
        save: a file that the figure is also saved to.
        network: a saved network, .keras, .h5 or .tflite.

    Returns:
        A matplotlib Figure, which notebooks display by themselves.

    Raises:
        PictureError: the picture cannot be read.
        NetworkError: the network cannot be used.
    """
    from matplotlib.figure import Figure  # here, because it is slow to import and not installed for serving

    prediction = load_classifier(network).predict(picture)
    figure = Figure(figsize=(9, 3), layout="constrained")
    original, network_input, bars = figure.subplots(1, 3)
    original.imshow(load_grey(picture), cmap="gray", vmin=0, vmax=255)
    original.set_title(describe(prediction.number, prediction.reason))
    original.axis("off")
    if prediction.frame is not None:
        network_input.imshow(prediction.frame, cmap="gray", vmin=0, vmax=1)
    network_input.set_title("network input")
    network_input.axis("off")
    bars.barh(range(10), prediction.probabilities)
    bars.set(yticks=range(10), xlim=(0, 1), title="probabilities")
    bars.invert_yaxis()
    if save is not None:
        figure.savefig(save)
    return figure


def describe(number: str, reason: str | None) -> str:
    """Return a prediction's number, or in words why there is none."""
    if reason == BLANK:
        return "nothing drawn"
    return reason if reason == NOT_A_DIGIT else number
