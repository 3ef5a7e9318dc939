"""The model card that a training run writes beside its network, from what it measured."""

import pathlib

import numpy as np

from model.tables import markdown_table

KINDS = {
    "drawn": "drawn on a screen",
    "photos": "photos of one digit",
    "photos_small": "small photos, cut out",
    "photos_wide": "a digit small in a wide photo",
    "not_digits": "letters, signs and icons",
}

CARD = """---
library_name: keras
license: mit
pipeline_tag: image-classification
tags: [mnist, handwriting]
datasets: [ylecun/mnist]
metrics: [accuracy]
model-index:
- name: digit-pad
  results:
  - task: {{type: image-classification}}
    dataset: {{type: ylecun/mnist, name: MNIST, split: test}}
    metrics: [{{type: accuracy, value: {test[accuracy]}}}]
---

# Digit Pad's network

Reads one handwritten digit, 0 to 9, in a frame of 28×28 as MNIST makes them, and tells whether it is a digit at all.

## For what, and for what not

For a digit that somebody drew on a screen, or wrote on paper and photographed, one at a time. `model.load_classifier()`
makes the frame out of the picture; without it the network is no better on pictures than any other.

Not for numbers of several digits, for other scripts' digits, or where a misread digit does harm: nobody checks what it
reads. Most of MNIST's writers were Americans. Forms that others write were added, drawn by us, but not all there are.

## How it was trained

`{command}`: {epochs} epochs of {seconds_per_epoch:.0f} s with Keras {keras} on {backend}, seed {seed}; {parameters:,}
parameters. `model/recipes.py` has the network and every number of its training.

On MNIST's 60,000 training images less {held_out:,} for validation, and on two sets made for it: digits in forms that
MNIST lacks (`model/styles.py`), and what is not a digit (`model/not_digits.py`): letters and signs of our own strokes,
the characters of DejaVu and STIX, scribbles, shapes, two digits together, digits turned, mirrored or struck out.{extra}
All are varied anew in every epoch as real pictures vary (`model/augmentation.py`).

Afterwards the ten probabilities are calibrated on the validation images by one temperature, {temperature}, and the odds
of "not a digit" are moved so that it claims {turned_away:.2%} of those images, varied as in training
(`model/calibration.py`). Nothing was chosen on the test images.

![Loss and accuracy over the epochs](training.png)

## On MNIST

{splits}

Expected calibration error on the test images: {expected_calibration_error:.4f}, in 15 bins. Of pictures of other
things, made as those for training but never trained on, {not_digits_turned_away:.1%} are turned away.
{seeds}
![How often an answer given with some confidence is right](calibration.png)
{real}
## On spoilt images

MNIST's test images, corrupted in the manner of MNIST-C (`model/corruptions.py`): given to the network as they are, all
10,000; and as pictures, the first 1,000, which also may be turned away.

{robustness}

## Mistakes on the test images

A row for each digit, a column for what it was read as.

{confusion}

The most confident mistakes:

![Test images, what they are and what they were read as](mistakes.png)
"""

CORRECTIONS = """ Besides,
on {corrections} corrections by visitors of the page."""

SEEDS = """
{count} runs, with seeds {seeds}: {accuracies} % of the test images, {mean:.2f} % on average with a standard deviation
of {deviation:.2f}. Kept is the one with the least loss in validation.
"""

REAL = """
## On real pictures

Of other people's making, never trained on; from picture to answer.{ours}

{table}

Expected calibration error on the digits among them: {error:.4f}.
"""

#: Said of the set whose folders are those of KINDS.
OURS = """ The preparation was developed looking at the
failures among these very pictures, and most of the wide photos show the whole of a photograph that is also, cut down to
its digit, among the photos of one digit."""


def is_model_card(path: pathlib.Path) -> bool:
    """Whether a file is a card that a training run wrote, and another may replace."""
    return path.is_file() and path.read_text(encoding="utf-8", errors="replace").startswith(CARD.partition("{")[0])


def model_card(report: dict) -> str:
    """The card, in Markdown with the Hub's metadata, of a report as train.py writes it of a calibrated network."""
    return CARD.format(
        **report
        | report["versions"]
        | report["calibration"]
        | {
            "extra": CORRECTIONS.format(**report) if "corrections" in report else "",
            "splits": _splits(report),
            "seeds": _seeds(report["seeds"]),
            "real": _real(report["real"]) if "real" in report else "",
            "robustness": _robustness(report["robustness"]),
            "confusion": _confusion(report["confusion_matrix"]),
        }
    )


def _splits(report: dict) -> str:
    rows = []
    for name in ("train", "validation", "test"):
        split = report[name]
        rows.append([name, f"{split['accuracy']:.2%}", f"{split['loss']:.4f}", f"{split['turned_away']:.2%}"])
    return markdown_table(["images", "accuracy", "loss", "taken for not a digit"], rows)


def _seeds(runs: list[dict]) -> str:
    if len(runs) == 1:
        return ""
    accuracies = [100 * run["test"]["accuracy"] for run in runs]
    return SEEDS.format(
        count=len(runs),
        seeds=", ".join(str(run["seed"]) for run in runs),
        accuracies=", ".join(f"{accuracy:.2f}" for accuracy in accuracies),
        mean=np.mean(accuracies),
        deviation=np.std(accuracies, ddof=1),
    )


def _real(real: dict) -> str:
    figures = {kind: real[kind] for kind in dict.fromkeys([*KINDS, *real]) if kind in real}
    error = figures.pop("expected_calibration_error")
    rows = [
        [KINDS.get(kind, kind), f"{of['pictures']}", f"{of['right']:.1%}", f"{of['turned_away']:.1%}"]
        for kind, of in figures.items()
    ]
    table = markdown_table(["pictures", "how many", "right", "turned away"], rows)
    return REAL.format(table=table, ours=OURS if figures.keys() == KINDS.keys() else "", error=error)


def _robustness(robustness: dict) -> str:
    rows = [
        [name, f"{figures['frame']:.1%}", f"{figures['picture']:.1%}", f"{figures['turned_away']:.1%}"]
        for name, figures in robustness.items()
    ]
    return markdown_table(["corruption", "network alone", "picture to answer", "turned away"], rows)


def _confusion(matrix: list[list[int]]) -> str:
    rows = [[f"**{label}**", *map(str, row)] for label, row in enumerate(matrix)]
    return markdown_table(["", *map(str, range(10))], rows)
