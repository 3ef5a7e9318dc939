import json
import pathlib

import huggingface_hub

from model.card import is_model_card, model_card

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


def test_corrections_that_were_trained_on_are_told():
    assert "on 3 corrections by visitors" in model_card(REPORT | {"corrections": 3})
    assert "corrections" not in model_card(REPORT)


def test_real_pictures_are_told_where_they_were_measured():
    real = {"drawn": {"pictures": 12, "right": 0.75, "turned_away": 0.25}, "expected_calibration_error": 0.0123}
    card = model_card(REPORT | {"real": real})
    assert "| drawn on a screen | 12 | 75.0% | 25.0% |" in card
    assert "0.0123" in card
    without = {name: figures for name, figures in REPORT.items() if name != "real"}
    assert "drawn on a screen" not in model_card(without)


def test_other_kinds_of_real_pictures_are_told_by_their_folders_names():
    figures = {"pictures": 12, "right": 0.75, "turned_away": 0.25}
    real = {"cheques": figures, "photos": figures, "expected_calibration_error": 0.0123}
    card = model_card(REPORT | {"real": real})
    assert "| photos of one digit | 12 | 75.0% | 25.0% |\n| cheques | 12 | 75.0% | 25.0% |" in card
    assert "failures among these very pictures" not in card


def test_what_the_preparation_was_developed_on_is_told():
    card = " ".join(model_card(REPORT).split())
    assert "The preparation was developed looking at the failures among these very pictures, and most of the" in card


def test_a_card_is_known_from_other_files(tmp_path):
    (tmp_path / "README.md").write_text(model_card(REPORT), encoding="utf-8")
    assert is_model_card(tmp_path / "README.md")
    (tmp_path / "README.md").write_text("---\nlibrary_name: keras\n---\nSomebody's own", encoding="utf-8")
    assert not is_model_card(tmp_path / "README.md")
    assert not is_model_card(tmp_path / "none.md")
