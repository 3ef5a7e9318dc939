import dataclasses
import gc
import json
import pathlib
import shutil

import numpy as np
import pytest

import model
from model.data import mnist
from model.data.corrections import CorrectionsError
from model.data.mnist import Mnist, Split
from model.data.synthetic_photos import NUMBER_KINDS, PHOTO_KINDS
from model.evaluation import report as evaluation_report
from model.evaluation.card import ink_card
from model.evaluation.labelled import LabelledError
from model.evaluation.metrics import expected_calibration_error, score
from model.feedback import Feedback
from model.network.keras_network import keras
from model.preparation.frame import from_uint8
from model.training import digits, ink, recipes, run
from model.training.digits import DigitTask
from model.training.task import DRY_RUN_SIZE
from tests.helpers import ROOT
from tests.helpers.digits import DATA
from tests.helpers.encoding import data_url, png
from tests.helpers.labelled import write_labelled
from tests.helpers.training import DENSE, StopBefore, dense_network, ink_task

TRAINED = ROOT / "model" / "trained"
#: The files of a run that writes no card.
FILES = [
    "calibration.png",
    "confusion.png",
    "digits.keras",
    "digits.tflite",
    "metrics.json",
    "mistakes.png",
    "training.png",
]

# Keras's CSVLogger does not close its file when training is interrupted.
pytestmark = pytest.mark.filterwarnings("ignore:.*history.csv:pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def few_negative_examples(monkeypatch):
    """Evaluate on fewer generated frames, which take a second to draw."""
    monkeypatch.setattr(evaluation_report, "NOT_DIGITS", 50)


@pytest.fixture
def recipe(monkeypatch):
    """Return a function that replaces attributes of the recipe that every name now stands for."""
    current = [DENSE]

    def replace(**attributes):
        current[0] = dataclasses.replace(current[0], **attributes)

    monkeypatch.setattr(recipes, "load", lambda name: current[0])
    monkeypatch.setattr(mnist, "load", lambda path=None, validation_size=None: DATA)
    return replace


def names_in(folder: pathlib.Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_train_saves_network_report_and_figures_of_the_best_seed(recipe, tmp_path):
    run.train("mine", tmp_path / "new" / "digits.keras", None, [5, 6], "the command", epochs=2, learning_rate=None)
    assert names_in(tmp_path / "new") == FILES
    report = json.loads((tmp_path / "new" / "metrics.json").read_text())
    assert (report["recipe"], report["command"], report["epochs_run"]) == ("mine", "the command", 2)
    assert report["learning_rate"] == DENSE.learning_rate
    assert [of_seed["seed"] for of_seed in report["seeds"]] == [5, 6]
    assert report["seed"] == min(report["seeds"], key=lambda of_seed: of_seed["validation"]["loss"])["seed"]
    assert report["parameters"] == dense_network().count_params()
    assert report["versions"].keys() == {"keras", "python", "numpy", "backend"}


@pytest.mark.slow
def test_dry_run_checks_every_step_in_a_temporary_folder(drawn_mnist_file, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(run.tempfile, "tempdir", str(tmp_path))
    run.train("black-on-white", None, drawn_mnist_file, [0], "the command", dry_run=True)
    printed = capsys.readouterr().out
    assert "val_accuracy" in printed
    assert "macro avg" in printed
    assert "Dry run finished: loading, training, evaluating, saving and loading again work." in printed
    saved = pathlib.Path(printed.split("Saved ")[1].split(", its")[0])
    assert saved.is_relative_to(tmp_path)
    assert names_in(saved.parent) == FILES
    report = json.loads(saved.with_name("metrics.json").read_text())
    assert (report["recipe"], report["epochs_run"]) == ("black-on-white", 1)


def test_dry_run_samples_extra_frames_of_every_kind():
    labels = np.repeat([1, 3, 10], [3000, 1000, 12_000])
    extra = digits.few(lambda digits, rng, fraction: Split(np.zeros((len(labels), 28, 28), np.uint8), labels))
    sampled = extra(DATA.train, np.random.default_rng(0), 1.0)
    assert len(sampled.images) == len(sampled.labels) <= DRY_RUN_SIZE
    assert set(sampled.labels) == {1, 3, 10}


@pytest.mark.slow
def test_stopped_run_is_kept_and_can_only_be_resumed_by_the_same_command(recipe, tmp_path):
    output = tmp_path / "digits.keras"
    recipe(callbacks=lambda: [StopBefore(2)])
    with pytest.raises(run.TrainingError, match=r"^Stopped\. The best network so far is (.*)\. Continue with --resume"):
        run.train("mine", output, None, [0], "the command")
    gc.collect()  # here, because no other test ignores the warning about the CSVLogger's file
    best = tmp_path / "digits.keras.checkpoint" / "0" / "best.keras"
    assert keras.saving.load_model(best).count_params() == dense_network().count_params()
    assert not output.exists()

    with pytest.raises(run.TrainingError, match=r"A stopped run is kept in .*; continue it with --resume"):
        run.train("mine", output, None, [0], "the command")
    with pytest.raises(run.TrainingError, match="is another one, started by: the command"):
        run.train("mine", output, None, [0], "another command", resume=True)
    assert best.exists()

    recipe(callbacks=list)
    run.train("mine", output, None, [0], "the command", resume=True)
    assert names_in(tmp_path) == FILES
    report = json.loads((tmp_path / "metrics.json").read_text())
    assert report["epochs_run"] == len(report["history"]["loss"]) == 3


@pytest.mark.slow
def test_run_stopped_in_its_first_epoch_saves_nothing(recipe, tmp_path):
    recipe(callbacks=lambda: [StopBefore(0)])
    with pytest.raises(run.TrainingError, match=r"^Stopped\. Nothing was saved\.$"):
        run.train("mine", tmp_path / "digits.keras", None, [0], "the command")
    gc.collect()
    with pytest.raises(run.TrainingError, match="There is nothing to resume"):
        run.train("mine", tmp_path / "digits.keras", None, [0], "the command", resume=True)
    recipe(callbacks=list)
    run.train("mine", tmp_path / "digits.keras", None, [0], "the command", epochs=1)
    assert names_in(tmp_path) == FILES


@pytest.mark.slow
def test_corrections_are_trained_on_and_reported(recipe, tmp_path, capsys):
    store = Feedback(tmp_path / "feedback", max_corrections=3)
    for digit in range(3):
        store.keep("", data_url(png(np.full((28, 28), 50 * digit, np.uint8))), None, digit)
    seen = []
    recipe(extra=lambda digits, rng, fraction: seen.append(digits) or digits)
    run.train("mine", tmp_path / "new" / "digits.keras", None, [0], "", extra=store.folder, epochs=1)
    assert "3 corrections" in capsys.readouterr().out
    assert json.loads((tmp_path / "new" / "metrics.json").read_text())["corrections"] == 3
    assert len(seen[0].labels) == len(DATA.train.labels) + 3
    assert sorted(seen[0].images[:3, 0, 0]) == [0, 50, 100]


def test_invalid_corrections_stop_the_run_at_the_start(recipe, tmp_path):
    name = Feedback(tmp_path / "feedback", max_corrections=1).keep("", data_url(b"no picture"), None, 4)
    with pytest.raises(CorrectionsError, match=rf"{name}\.json: its frame cannot be read\.$"):
        run.train("mine", tmp_path / "new" / "digits.keras", None, [0], "", extra=tmp_path / "feedback")
    assert names_in(tmp_path / "new") == []


@pytest.mark.slow
def test_real_pictures_are_evaluated_and_reported(recipe, tmp_path):
    real = write_labelled(tmp_path)
    run.train("mine", tmp_path / "new" / "digits.keras", None, [0], "", real=real, epochs=1)
    report = json.loads((tmp_path / "new" / "metrics.json").read_text())
    assert report["real"].keys() == {"drawn", "empty", "expected_calibration_error"}
    assert report["real"]["empty"] == {"pictures": 1, "accuracy": 1, "rejection_rate": 1}


def test_invalid_real_pictures_stop_the_run_at_the_start(recipe, tmp_path):
    with pytest.raises(LabelledError, match=r"labels\.csv cannot be read"):
        run.train("mine", tmp_path / "digits.keras", None, [0], "", real=tmp_path)
    assert names_in(tmp_path) == []


def test_output_folder_that_cannot_be_written_to_stops_the_run_at_the_start(recipe, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(run.TrainingError, match="cannot be written to"):
        run.train("mine", tmp_path / "file" / "new" / "digits.keras", None, [0], "")


def test_run_with_a_card_does_not_replace_another_readme(tmp_path):
    (tmp_path / "README.md").write_text("# My own")
    with pytest.raises(run.TrainingError, match=r"would replace .*README\.md; choose another folder with --output"):
        run.train("default", tmp_path / "digits.keras", None, [0], "")
    assert names_in(tmp_path) == ["README.md"]


REPORT = {"history": {name: [0.5] for name in ("loss", "accuracy", "val_loss", "val_accuracy")}}


@pytest.mark.parametrize("readme", ["a card", "# My own"])
def test_save_without_a_card_removes_the_card_of_another_run_but_no_other_readme(readme, tmp_path):
    text = (TRAINED / "README.md").read_text(encoding="utf-8") if readme == "a card" else readme
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    (tmp_path / "metrics.json").write_text("{}")
    run.save(tmp_path / "digits.keras", dense_network(), REPORT, DigitTask(DENSE, DATA))
    assert (tmp_path / "README.md").exists() == (readme != "a card")
    assert (tmp_path / "metrics.json").read_text() != "{}"


@pytest.mark.parametrize("tolerance", ["SAVED_TOLERANCE", "CONVERTED_TOLERANCE"])
def test_save_writes_nothing_if_the_saved_network_gives_other_answers(tolerance, tmp_path, monkeypatch):
    monkeypatch.setattr(digits, tolerance, -1)
    (tmp_path / "metrics.json").write_text("{}")
    with pytest.raises(run.TrainingError, match=r"not saved|Nothing was saved"):
        run.save(tmp_path / "digits.keras", dense_network(), REPORT, DigitTask(DENSE, DATA))
    assert names_in(tmp_path) == ["metrics.json"]
    assert (tmp_path / "metrics.json").read_text() == "{}"


INK_FILES = ["ink.json", "ink.keras", "ink.md", "ink.tflite"]
INK_REPORT = {"recipe": "ink", "command": "the command", "epochs_run": 1, "seconds_per_epoch": 1.0, "seed": 0}
INK_REPORT |= {"batch_size": 2, "validation_size": 5_000, "seeds": [{"seed": 0}]}


@pytest.mark.slow
def test_dry_run_of_the_ink_network_writes_every_file_and_loads_again(drawn_mnist_file, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(run.tempfile, "tempdir", str(tmp_path))
    run.train("ink", None, drawn_mnist_file, [0], "the command", dry_run=True, batch_size=4)
    printed = capsys.readouterr().out
    assert "val_intersection_over_union" in printed
    assert "Dry run finished: loading, training, evaluating, saving and loading again work." in printed
    saved = pathlib.Path(printed.split("Saved ")[1].split(", its")[0])
    assert names_in(saved.parent) == INK_FILES
    report = json.loads(saved.with_suffix(".json").read_text())
    assert (report["recipe"], report["epochs_run"], report["steps"]) == ("ink", 1, 2)
    assert [of_seed["seed"] for of_seed in report["seeds"]] == [0]
    assert report["parameters"] == keras.saving.load_model(saved, compile=False).count_params()


def test_save_of_the_ink_network_leaves_the_digit_network_beside_it(tmp_path):
    for name in ("digits.keras", "metrics.json", "README.md"):
        (tmp_path / name).write_text(name)
    task = ink_task()
    run.save(tmp_path / "ink.keras", task.recipe.network(), INK_REPORT, task)
    assert names_in(tmp_path) == sorted([*INK_FILES, "digits.keras", "metrics.json", "README.md"])
    assert (tmp_path / "README.md").read_text() == "README.md"
    report = json.loads((tmp_path / "ink.json").read_text())
    assert report["bytes"] == {suffix: (tmp_path / f"ink{suffix}").stat().st_size for suffix in (".keras", ".tflite")}
    assert report["kinds"].keys() == (PHOTO_KINDS | NUMBER_KINDS).keys()
    assert report["validation"].keys() == {"loss", "intersection_over_union"}
    assert report["converted_difference"] < 1e-3
    assert (tmp_path / "ink.md").read_text(encoding="utf-8") == ink_card(report)


@pytest.mark.parametrize("tolerance", ["SAVED_TOLERANCE", "CONVERTED_TOLERANCE"])
def test_save_writes_nothing_if_the_saved_ink_network_gives_other_answers(tolerance, tmp_path, monkeypatch):
    monkeypatch.setattr(ink, tolerance, -1)
    task = ink_task()
    with pytest.raises(run.TrainingError, match=r"not saved|Nothing was saved"):
        run.save(tmp_path / "ink.keras", task.recipe.network(), INK_REPORT, task)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("option", ["extra", "real"])
def test_ink_network_takes_neither_corrections_nor_real_pictures(option, tmp_path):
    with pytest.raises(run.TrainingError, match="takes neither --extra nor --real"):
        run.train("ink", tmp_path / "ink.keras", None, [0], "", **{option: tmp_path})
    assert names_in(tmp_path) == []


def test_evaluate_file_refuses_the_ink_network(tmp_path):
    ink_task().recipe.network().save(tmp_path / "ink.keras")
    with pytest.raises(model.NetworkError, match=r"ink\.keras does not take frames"):
        run.evaluate_file(tmp_path / "ink.keras", None)
    assert names_in(tmp_path) == ["ink.keras"]


def test_evaluate_file_writes_report_and_figures_beside_the_network(recipe, tmp_path, capsys):
    dense_network().save(tmp_path / "mine.keras")
    run.evaluate_file(tmp_path / "mine.keras", None)
    assert "macro avg" in capsys.readouterr().out
    folder = tmp_path / "mine-evaluation"
    assert names_in(folder) == ["calibration.png", "confusion.png", "metrics.json", "mistakes.png"]
    report = json.loads((folder / "metrics.json").read_text())
    assert (report["network"], report["parameters"]) == ("mine.keras", dense_network().count_params())


def test_evaluate_file_raises_network_error_for_other_files(recipe, tmp_path):
    shutil.copy(ROOT / "README.md", tmp_path)
    with pytest.raises(model.NetworkError, match=r"README\.md is not a network"):
        run.evaluate_file(tmp_path / "README.md", None)


def test_print_recipes_prints_name_parameters_and_summary(capsys):
    run.print_recipes()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == recipes.names()
    small = next(line for line in lines if line.startswith("small-5x5"))
    assert "22,046 parameters" in small
    assert recipes.load("small-5x5").summary in small


@pytest.mark.xfail(strict=True, reason="the shipped network was trained with one seed")
def test_shipped_network_is_the_best_of_three_seeds():
    assert len(json.loads((TRAINED / "metrics.json").read_text())["seeds"]) == 3


@pytest.mark.xfail(strict=True, reason="99.69 %, since it learned more styles of digits")
def test_shipped_network_has_an_accuracy_of_997():
    assert json.loads((TRAINED / "metrics.json").read_text())["test"]["accuracy"] >= 0.997


def test_shipped_report_meets_the_targets():
    report = json.loads((TRAINED / "metrics.json").read_text())
    assert report["expected_calibration_error"] < 0.003
    assert report["test"]["rejection_rate"] < 0.005
    assert report["not_digits_rejection_rate"] > 0.9
    assert {"loss", "accuracy"} <= set(report["test"])
    assert {"parameters", "seed", "versions", "seconds", "command"} <= set(report)
    assert (TRAINED / "digits.keras").stat().st_size < 2_000_000


@pytest.mark.slow
def test_shipped_network_scores_as_reported(classifier, mnist_data: Mnist):
    report = json.loads((TRAINED / "metrics.json").read_text())
    probabilities, not_digit = classifier.network(from_uint8(mnist_data.test.images))
    measured = score(probabilities, not_digit, mnist_data.test.labels)
    for name in ("accuracy", "loss", "rejection_rate"):
        assert measured[name] == pytest.approx(report["test"][name], abs=2e-4)
    error = expected_calibration_error(probabilities, mnist_data.test.labels)
    assert error == pytest.approx(report["expected_calibration_error"], abs=2e-4)
