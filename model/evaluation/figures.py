"""Figures of a training run and of its evaluation."""

import pathlib

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from model.data.mnist import Split
from model.evaluation.metrics import calibration_bins

#: Rows and columns of the figure of mistakes.
MISTAKES = (3, 8)
#: Colour scale of the confusion matrix relative to its largest entry, so that no cell is too dark for its number.
HEADROOM = 1.5
#: Resolution of the files, in dots per inch.
DPI = 100


def save_figures(folder: pathlib.Path, report: dict, probabilities: np.ndarray, test: Split) -> None:
    """Write the figures of an evaluation as PNG files into an existing folder.

    Args:
        report: as ``model.evaluation.report.evaluate`` returns it; with "history", the training curves are drawn too.
        probabilities: (n, 10), of the test images.
        test: the test images and labels.
    """
    figures = {
        "confusion": confusion(np.array(report["confusion_matrix"])),
        "mistakes": mistakes(probabilities, test),
        "calibration": calibration(probabilities, test.labels),
    }
    if "history" in report:
        figures["training"] = training_curves(report["history"])
    for name, figure in figures.items():
        figure.savefig(folder / f"{name}.png", dpi=DPI)


def training_curves(history: dict[str, list[float]]) -> Figure:
    """Plot loss and accuracy on the training and validation sets by epoch."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    for axes, metric in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for prefix, label in (("", "training"), ("val_", "validation")):
            values = history[prefix + metric]
            axes.plot(range(1, len(values) + 1), values, label=label)
        axes.set(xlabel="epoch", ylabel=metric)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    return figure


def confusion(matrix: np.ndarray) -> Figure:
    """Plot a confusion matrix (10, 10), a row per label; cells are shaded by the mistakes only."""
    figure = Figure(figsize=(5.5, 5.5), layout="constrained")
    axes = figure.subplots()
    errors = matrix - np.diag(np.diag(matrix))
    axes.imshow(errors, cmap="Oranges", vmax=HEADROOM * max(errors.max(), 1))
    for (label, answer), count in np.ndenumerate(matrix):
        axes.text(answer, label, count, ha="center", va="center", fontsize=8)
    axes.set(xlabel="predicted", ylabel="label", xticks=range(10), yticks=range(10))
    return figure


def mistakes(probabilities: np.ndarray, test: Split) -> Figure:
    """Plot the most confident mistakes on the test images, given their probabilities (n, 10)."""
    confidence, answers = probabilities.max(axis=1), probabilities.argmax(axis=1)
    wrong = np.flatnonzero(answers != test.labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")]
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    cells = figure.subplots(*MISTAKES).ravel()
    for axes in cells:
        axes.axis("off")
    for axes, index in zip(cells, worst, strict=False):
        axes.imshow(test.images[index], cmap="gray")
        axes.set_title(f"{test.labels[index]}, predicted {answers[index]}\n{confidence[index]:.1%}", fontsize=8)
    return figure


def calibration(probabilities: np.ndarray, labels: np.ndarray) -> Figure:
    """Plot the reliability diagram of probabilities (n, 10): accuracy by confidence."""
    bins = calibration_bins(probabilities, labels)
    count, confidence, correct = bins[bins[:, 0] > 0].T
    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    axes.scatter(confidence, correct, s=10 + 20 * np.log10(count), zorder=2)
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
    return figure
