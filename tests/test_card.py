import json
import pathlib

import huggingface_hub

from model.card import model_card

TRAINED = pathlib.Path(__file__).parent.parent / "model" / "trained"
REPORT = json.loads((TRAINED / "metrics.json").read_text())


def test_the_shipped_card_is_that_of_the_shipped_report():
    assert (TRAINED / "README.md").read_text(encoding="utf-8") == model_card(REPORT)


def test_the_hub_reads_its_metadata():
    data = huggingface_hub.ModelCard(model_card(REPORT)).data
    assert data.to_dict()["library_name"] == "keras"
    assert data.license == "mit"
    assert data.datasets == ["ylecun/mnist"]
    assert data.eval_results[0].metric_value == REPORT["test"]["accuracy"]


def test_its_figures_are_there():
    card = model_card(REPORT)
    for name in ("training", "calibration", "mistakes"):
        assert f"({name}.png)" in card
        assert (TRAINED / f"{name}.png").is_file()


def test_several_seeds_are_told_and_one_is_not():
    seeds = [{"seed": seed, "test": {"accuracy": accuracy}} for seed, accuracy in ((3, 0.997), (4, 0.998), (5, 0.996))]
    assert "3, 4, 5: 99.70, 99.80, 99.60 % of the test images, 99.70 % on average" in model_card(
        REPORT | {"seeds": seeds}
    )
    assert "on average" not in model_card(REPORT | {"seeds": seeds[:1]})


def test_real_pictures_are_told_where_they_were_measured():
    real = {"drawn": {"pictures": 12, "right": 0.75, "turned_away": 0.25}, "expected_calibration_error": 0.0123}
    card = model_card(REPORT | {"real": real})
    assert "| drawn on a screen | 12 | 75.0% | 25.0% |" in card
    assert "0.0123" in card
    without = {name: figures for name, figures in REPORT.items() if name != "real"}
    assert "drawn on a screen" not in model_card(without)
