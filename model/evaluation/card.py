"""The model cards of a calibrated network and of the ink network, filled in from the reports of their training runs."""

import pathlib

import numpy as np
from huggingface_hub import EvalResult, ModelCard, ModelCardData

from model.evaluation import ink
from model.evaluation.metrics import CALIBRATION_BINS
from model.preparation.ink import SHAPES

TEMPLATE = pathlib.Path(__file__).with_name("card.md.jinja")
INK_TEMPLATE = pathlib.Path(__file__).with_name("ink_card.md.jinja")
TITLE = "Digit Pad's network"
#: Descriptions of the kinds of real pictures that the preparation was developed on.
KINDS = {
    "drawn": "drawn on a screen",
    "photos": "photos of one digit",
    "photos_small": "small photos, cropped",
    "photos_wide": "a small digit in a wide photo",
    "not_digits": "letters, signs and icons",
}


def is_model_card(path: pathlib.Path) -> bool:
    """Return whether a file is a card that a training run wrote, which another run may replace."""
    return path.is_file() and f"\n# {TITLE}\n" in path.read_text(encoding="utf-8", errors="replace")


def model_card(report: dict) -> str:
    """Return the card, in Markdown with the Hub's metadata.

    Args:
        report: the report of a calibrated network, as ``model.training.run`` writes it into metrics.json.
    """
    test_accuracy = EvalResult(
        task_type="image-classification",
        dataset_type="ylecun/mnist",
        dataset_name="MNIST",
        dataset_split="test",
        metric_type="accuracy",
        metric_value=report["test"]["accuracy"],
    )
    card_data = ModelCardData(
        model_name="digit-pad",
        library_name="keras",
        license="mit",
        pipeline_tag="image-classification",
        tags=["mnist", "handwriting"],
        datasets=["ylecun/mnist"],
        metrics=["accuracy"],
        eval_results=[test_accuracy],
    )
    accuracies = [100 * run["test"]["accuracy"] for run in report["seeds"]]
    real = dict(report.get("real", {}))
    real_calibration_error = real.pop("expected_calibration_error", None)
    values = report | {
        "title": TITLE,
        "percent": lambda fraction, decimals: f"{fraction:.{decimals}%}",
        "splits": {name: report[name] for name in ("train", "validation", "test")},
        "calibration_bins": CALIBRATION_BINS,
        "accuracies": [f"{accuracy:.2f}" for accuracy in accuracies],
        "mean": np.mean(accuracies),
        "deviation": np.std(accuracies, ddof=1) if len(accuracies) > 1 else 0,
        "real": {KINDS.get(kind, kind): real[kind] for kind in [*KINDS, *sorted(real.keys() - KINDS)] if kind in real},
        "developed_on": real.keys() == KINDS.keys(),
        "real_calibration_error": real_calibration_error,
    }
    return ModelCard.from_template(card_data, template_path=str(TEMPLATE), **values).content


def ink_card(report: dict) -> str:
    """Return the ink network's card, in Markdown with the Hub's metadata.

    Args:
        report: as ``model.training.ink`` writes it.
    """
    card_data = ModelCardData(
        model_name="digit-pad-ink",
        library_name="keras",
        license="mit",
        pipeline_tag="image-segmentation",
        tags=["handwriting"],
        datasets=["ylecun/mnist"],
    )
    values = report | {"size": ink.SIZE, "shapes": [f"{height}×{width}" for height, width in SHAPES]}
    return ModelCard.from_template(card_data, template_path=str(INK_TEMPLATE), **values).content
