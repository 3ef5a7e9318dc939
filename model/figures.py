"""Figures of a training run and of its evaluation."""

import pathlib

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from model.metrics import calibration_bins
from model.mnist import Split


def save_figures(folder: pathlib.Path, report: dict, probabilities: np.ndarray, test: Split) -> None:
    """Write the figures of an evaluation as PNG files into an existing folder.

    ``report`` is the evaluation's, with a run's "history" if there was one; ``probabilities``, (n, 10), are what the
    network made of the test set.
    """
    figures = {
        "confusion": confusion(np.array(report["confusion_matrix"])),
        "mistakes": mistakes(probabilities, test),
        "calibration": calibration(probabilities, test.labels),
    }
    if "history" in report:
        figures["training"] = training_curves(report["history"])
    for name, figure in figures.items():
        figure.savefig(folder / f"{name}.png", dpi=100)


def training_curves(history: dict[str, list[float]]) -> Figure:
    """Loss and accuracy on training and validation, epoch by epoch."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    for axes, measure in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for prefix, label in (("", "training"), ("val_", "validation")):
            values = history[prefix + measure]
            axes.plot(range(1, len(values) + 1), values, label=label)
        axes.set(xlabel="epoch", ylabel=measure)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    return figure


def confusion(matrix: np.ndarray) -> Figure:
    """How often each digit, a row, was read as each, a column; shaded by the mistakes alone."""
    figure = Figure(figsize=(5.5, 5.5), layout="constrained")
    axes = figure.subplots()
    mistakes = matrix - np.diag(np.diag(matrix))
    axes.imshow(mistakes, cmap="Oranges", vmax=1.5 * max(mistakes.max(), 1))  # never too dark for its number
    for (label, read), count in np.ndenumerate(matrix):
        axes.text(read, label, count, ha="center", va="center", fontsize=8)
    axes.set(xlabel="read as", ylabel="label", xticks=range(10), yticks=range(10))
    return figure


def mistakes(probabilities: np.ndarray, test: Split, count: int = 24) -> Figure:
    """The most confidently wrong test digits."""
    confidence, read = probabilities.max(axis=1), probabilities.argmax(axis=1)
    wrong = np.flatnonzero(read != test.labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:count]
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    cells = figure.subplots(3, 8).ravel()
    for axes in cells:
        axes.axis("off")
    for axes, index in zip(cells, worst, strict=False):
        axes.imshow(test.images[index], cmap="gray")
        axes.set_title(f"{test.labels[index]}, read {read[index]}\n{confidence[index]:.1%}", fontsize=8)
    return figure


def calibration(probabilities: np.ndarray, labels: np.ndarray) -> Figure:
    """The reliability diagram: of the answers given with some confidence, how many were right."""
    bins = calibration_bins(probabilities, labels)
    count, confidence, right = bins[bins[:, 0] > 0].T
    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    axes.scatter(confidence, right, s=10 + 20 * np.log10(count), zorder=2)
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1.02), ylim=(0, 1.02))
    return figure
