import json

import huggingface_hub

from model.evaluation.card import ink_card, is_model_card, model_card
from tests.helpers import ROOT

TRAINED = ROOT / "model" / "trained"
REPORT = json.loads((TRAINED / "metrics.json").read_text())


def words(card: str) -> str:
    """Return a card without its line breaks."""
    return " ".join(card.split())


def test_shipped_card_is_the_card_of_the_shipped_report():
    assert (TRAINED / "README.md").read_text(encoding="utf-8") == model_card(REPORT)


def test_hub_reads_the_metadata_of_the_card():
    data = huggingface_hub.ModelCard(model_card(REPORT)).data
    assert data.to_dict()["library_name"] == "keras"
    assert data.license == "mit"
    assert data.datasets == ["ylecun/mnist"]
    assert data.eval_results[0].metric_value == REPORT["test"]["accuracy"]


def test_figures_of_the_shipped_card_exist():
    card = model_card(REPORT)
    for name in ("training", "calibration", "mistakes"):
        assert f"({name}.png)" in card
        assert (TRAINED / f"{name}.png").is_file()


def test_card_reports_several_seeds_only_if_there_are_several():
    seeds = [{"seed": seed, "test": {"accuracy": accuracy}} for seed, accuracy in ((3, 0.997), (4, 0.998), (5, 0.996))]
    several = words(model_card(REPORT | {"seeds": seeds}))
    assert "with seeds 3, 4, 5, have accuracies of 99.70, 99.80, 99.60 % on the test images, 99.70 % on" in several
    assert "with a standard deviation of 0.10." in several
    assert "standard deviation" not in model_card(REPORT | {"seeds": seeds[:1]})


def test_card_reports_corrections_only_if_there_are_any():
    assert "3 corrections by visitors" in model_card(REPORT | {"corrections": 3})
    assert "corrections" not in model_card(REPORT)


def test_card_reports_real_pictures_only_if_there_are_any():
    real = {
        "drawn": {"pictures": 12, "accuracy": 0.75, "rejection_rate": 0.25},
        "expected_calibration_error": 0.0123,
    }
    card = model_card(REPORT | {"real": real})
    assert "| drawn on a screen | 12 | 75.0% | 25.0% |" in card
    assert "0.0123" in card
    without = {name: figures for name, figures in REPORT.items() if name != "real"}
    assert "| drawn on a screen |" not in model_card(without)


def test_card_names_other_kinds_of_real_pictures_by_their_folders():
    figures = {"pictures": 12, "accuracy": 0.75, "rejection_rate": 0.25}
    real = {"cheques": figures, "photos": figures, "expected_calibration_error": 0.0123}
    card = model_card(REPORT | {"real": real})
    assert "| photos of one digit | 12 | 75.0% | 25.0% |\n| cheques | 12 | 75.0% | 25.0% |" in card
    assert "developed" not in card


def test_card_says_that_the_preparation_was_developed_on_the_shipped_real_pictures():
    card = words(model_card(REPORT))
    assert "The preparation was developed by looking at its failures on these very pictures, and most of the" in card


def test_is_model_card_tells_cards_from_other_files(tmp_path):
    (tmp_path / "README.md").write_text(model_card(REPORT), encoding="utf-8")
    assert is_model_card(tmp_path / "README.md")
    (tmp_path / "README.md").write_text("---\nlibrary_name: keras\n---\nSomebody's own", encoding="utf-8")
    assert not is_model_card(tmp_path / "README.md")
    assert not is_model_card(tmp_path / "none.md")


#: The report of an ink network, as short as can be.
INK_REPORT = {
    "recipe": "ink",
    "command": "python train.py --recipe ink",
    "epochs_run": 45,
    "seconds_per_epoch": 64.4,
    "steps": 250,
    "batch_size": 32,
    "validation_size": 5_000,
    "seed": 1,
    "seeds": [{"seed": 1}],
    "parameters": 448_000,
    "validation": {"loss": 0.4321, "intersection_over_union": 0.8765},
    "kinds": {"ruled": 0.9123, "number": 0.8},
    "kind_photos": 50,
    "bytes": {".keras": 1_800_000, ".tflite": 700_000},
    "converted_difference": 0.00182,
    "ablations": "",
    "versions": {"keras": "3.0", "backend": "tensorflow"},
}


def test_ink_card_reports_the_run():
    card = ink_card(INK_REPORT)
    for row in ("| ruled | 91.2 % |\n| number | 80.0 % |\n", "| `.keras` | 1,800,000 |\n| `.tflite` | 700,000 |\n"):
        assert row in card
    text = words(card)
    assert "In validation it is 87.65 %, with a loss of 0.4321." in text
    assert "45 epochs of 64 s with Keras 3.0 on tensorflow, seed 1; 448,000 parameters." in text
    assert "differ from those of the Keras file by at most 1.8e-03." in text
    assert "lowest validation loss" not in text
    assert huggingface_hub.ModelCard(card).data.pipeline_tag == "image-segmentation"


def test_ink_card_has_ablations_only_if_there_are_any():
    assert "Ablations" not in ink_card(INK_REPORT)
    card = ink_card(INK_REPORT | {"ablations": "| without | figure |"})
    assert "\n\n## Ablations\n\n| without | figure |\n\n## Limits\n" in card


def test_ink_card_says_of_several_seeds_how_the_network_was_chosen():
    card = words(ink_card(INK_REPORT | {"seeds": [{"seed": 1}, {"seed": 2}]}))
    assert "Of the runs with seeds 1, 2 this one has the lowest validation loss." in card


def test_ink_card_of_a_network_that_was_not_converted_mentions_no_difference():
    report = {name: value for name, value in INK_REPORT.items() if name != "converted_difference"}
    assert "rounded" not in ink_card(report)
