import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from model.classifier import Classifier
from model.data.mnist import Mnist, Split
from model.data.shapes import Alphabet, from_image
from model.data.synthetic_photos import NUMBER_KINDS, PHOTO_KINDS, PhotoKind
from model.data.synthetic_photos.kinds import PLAIN
from model.evaluation import report
from tests.helpers.digits import DRAWN, probabilities_of

LABELS = np.arange(10).repeat(10)


def test_evaluate_reports_every_split_as_json_and_text():
    images = np.zeros((100, 28, 28), np.uint8)
    images[np.arange(100), 0, LABELS] = 255
    split = Split(images, LABELS)
    probabilities, evaluated = report.evaluate(
        lambda frames: (probabilities_of(frames[:, 0, :10].argmax(1)), frames.mean((1, 2))), Mnist(split, split, split)
    )
    assert probabilities.shape == (100, 10)
    assert json.loads(json.dumps(evaluated)) == evaluated
    assert [evaluated[name]["accuracy"] for name in ("train", "validation", "test")] == [1, 1, 1]
    assert evaluated["not_digits_rejection_rate"] < 0.2  # few of them are mostly ink
    text = report.format_report(evaluated)
    assert "100.00%" in text
    assert "macro avg" in text


#: The ten drawn digits; ``make_alphabet`` takes seconds.
ALPHABET = Alphabet([from_image(*image) for image in zip(*DRAWN, strict=True)], [], [])


class Recorder:
    """Stands for a classifier: it keeps the pictures, and finds a fixed number in each."""

    def __init__(self, *digits: int):
        self.pictures = []
        self.answer = SimpleNamespace(digits=[SimpleNamespace(digit=digit) for digit in digits])

    def predict(self, picture: np.ndarray) -> SimpleNamespace:
        self.pictures.append(picture)
        return self.answer


@pytest.fixture
def photos(monkeypatch):
    """Return a function that returns the photos on which the accuracy on some kinds is measured, by kind."""
    monkeypatch.setattr(report, "make_alphabet", lambda digits, rng: ALPHABET)

    def photos(kinds: dict[str, PhotoKind], count: int) -> dict[str, list[np.ndarray]]:
        monkeypatch.setattr(report, "PHOTO_KINDS", kinds)
        monkeypatch.setattr(report, "NUMBER_KINDS", {})
        recorder = Recorder()
        accuracy = report.synthetic_accuracy(recorder, DRAWN, count)
        assert list(accuracy) == list(kinds)
        pictures = iter(recorder.pictures)
        return {name: [next(pictures) for _ in range(count)] for name in kinds}

    return photos


SOME_KINDS = {name: PHOTO_KINDS[name] for name in ("plain", "ruled", "noise")}


def test_adding_removing_and_reordering_kinds_changes_no_other_photo(photos):
    before = photos(SOME_KINDS, 2)
    after = photos({"new": PHOTO_KINDS["plain"], "noise": SOME_KINDS["noise"], "plain": SOME_KINDS["plain"]}, 2)
    for name in ("plain", "noise"):
        assert all(np.array_equal(*pair) for pair in zip(before[name], after[name], strict=True))


def test_kinds_that_differ_in_name_alone_have_different_photos(photos):
    made = photos({"one": PHOTO_KINDS["plain"], "two": PHOTO_KINDS["plain"]}, 2)
    different = [made["one"][0], made["one"][1], made["two"][0], made["two"][1]]
    assert len({photo.tobytes() for photo in different}) == 4


def test_a_larger_count_adds_photos(photos):
    few, many = photos(SOME_KINDS, 1), photos(SOME_KINDS, 3)
    assert all(np.array_equal(few[name][0], many[name][0]) for name in SOME_KINDS)


def test_synthetic_accuracy_reports_every_kind_of_photo(monkeypatch):
    monkeypatch.setattr(report, "make_alphabet", lambda digits, rng: ALPHABET)
    recorder = Recorder(3)
    accuracy = report.synthetic_accuracy(recorder, DRAWN, 2)
    assert list(accuracy) == [*PHOTO_KINDS, *NUMBER_KINDS]
    assert all(accuracy[name] == 0 for name in NUMBER_KINDS)  # a 3 is no number
    sizes = [picture.shape[:2] for picture in recorder.pictures]
    assert sizes == [report.PHOTO_SIZE] * 2 * len(PHOTO_KINDS) + [report.NUMBER_SIZE] * 2 * len(NUMBER_KINDS)


def test_synthetic_accuracy_counts_photos_in_which_every_digit_is_read(monkeypatch):
    three = Alphabet(ALPHABET.digits[3:4], [], [])
    monkeypatch.setattr(report, "make_alphabet", lambda digits, rng: three)
    monkeypatch.setattr(report, "PHOTO_KINDS", {"one": PLAIN})
    monkeypatch.setattr(report, "NUMBER_KINDS", {"two": replace(PLAIN, rows=1, columns=(2, 2))})
    assert report.synthetic_accuracy(Recorder(3), DRAWN, 2) == {"one": 1, "two": 0}
    assert report.synthetic_accuracy(Recorder(3, 3), DRAWN, 2) == {"one": 0, "two": 1}
    assert report.synthetic_accuracy(Recorder(3, 4), DRAWN, 2) == {"one": 0, "two": 0}
    assert report.synthetic_accuracy(Recorder(), DRAWN, 2) == {"one": 0, "two": 0}


def test_shapes_in_synthetic_photos_are_made_of_the_given_digits_with_the_same_seed_each_time(monkeypatch):
    made = []

    def record(digits, rng):
        made.append((digits, rng.random()))
        return ALPHABET

    monkeypatch.setattr(report, "make_alphabet", record)
    for _ in range(2):
        report.synthetic_accuracy(Recorder(), DRAWN, 1)
    assert made == [(DRAWN, made[0][1])] * 2


@pytest.mark.slow
def test_most_drawn_digits_in_synthetic_photos_are_read(classifier):
    accuracy = report.synthetic_accuracy(classifier, DRAWN, 4)
    assert np.mean([accuracy[name] for name in PHOTO_KINDS]) > 0.8


@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_mnist_accuracy_is_that_of_images_read_as_pictures(classifier, batch_size, monkeypatch):
    monkeypatch.setattr(report, "BATCH_SIZE", batch_size)
    assert report.mnist_accuracy(classifier, DRAWN) == 1
    wrong = Split(DRAWN.images, np.roll(DRAWN.labels, 1))
    assert report.mnist_accuracy(classifier, wrong) == 0
    blank = Split(np.concatenate([DRAWN.images, np.zeros_like(DRAWN.images)]), np.tile(DRAWN.labels, 2))
    assert report.mnist_accuracy(classifier, blank) == 0.5


def test_mnist_accuracy_counts_rejected_images_as_mistakes():
    def rejecting(frames):
        return probabilities_of(np.arange(len(frames)) % 10), np.ones(len(frames))

    assert report.mnist_accuracy(Classifier(rejecting), DRAWN) == 0


def write_report(runs, name: str) -> None:
    (runs / name).mkdir()
    metrics = {
        "recipe": name,
        "published": "98.75 %",
        "parameters": 1234,
        "seconds_per_epoch": 5.4,
        "epochs_run": 10,
        "test": {"accuracy": 0.9912, "loss": 0.03},
    }
    (runs / name / "metrics.json").write_text(json.dumps(metrics))


def test_recipes_table_has_a_row_for_each_run_ours_first(tmp_path):
    for name in ("small", "another", "default"):
        write_report(tmp_path, name)
    (tmp_path / "no run").mkdir()
    head, _, *rows = report.recipes_table(tmp_path).splitlines()
    assert "test accuracy" in head
    assert [row.split("`")[1] for row in rows] == ["default", "another", "small"]
    assert "| `small` | 1,234 | 5 | 10 | 99.12% | 0.0300 | 98.75 % |" in rows


@pytest.mark.parametrize("content", ["", "{}", "[]", "no JSON"])
def test_recipes_table_raises_report_error_for_other_files(content, tmp_path):
    write_report(tmp_path, "default")
    (tmp_path / "default" / "metrics.json").write_text(content)
    with pytest.raises(report.ReportError, match=r"metrics\.json is not the report of a training run"):
        report.recipes_table(tmp_path)
