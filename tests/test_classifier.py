import concurrent.futures
import os
import subprocess
import sys

import numpy as np
import pytest

import model
from model.classifier import SHIPPED
from model.labelled import accuracy, grouped, read_labelled, turned_away
from model.metrics import expected_calibration_error
from model.strokes import ink, parse
from tests.drawings import picture


@pytest.mark.parametrize("digit", range(10))
def test_a_plainly_drawn_digit_is_read(classifier, digit):
    prediction = classifier.predict(picture(digit))
    assert prediction.digit == digit
    assert prediction.reason is None
    assert prediction.probabilities.dtype == np.float32
    assert prediction.probabilities.shape == (10,)
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert prediction.frame.shape == (28, 28)
    assert prediction.frame.dtype == np.float32


@pytest.mark.parametrize("empty", [np.full((280, 280), 255, np.uint8), np.zeros((50, 80, 4), np.uint8)])
def test_blank_is_no_digit(classifier, empty):
    prediction = classifier.predict(empty)
    assert prediction.digit is None
    assert prediction.reason == "blank"
    assert prediction.frame is None
    assert prediction.probabilities.sum() == pytest.approx(1)


def test_top_is_ordered(classifier):
    prediction = classifier.predict(picture(7))
    top = prediction.top(3)
    assert len(top) == 3
    assert top[0] == (7, float(prediction.probabilities.max()))
    assert [chance for _, chance in top] == sorted((chance for _, chance in top), reverse=True)
    assert len(prediction.top(10)) == 10


def test_many_are_read_as_each_alone(classifier):
    pictures = [picture(4), np.full((9, 9), 3, np.uint8), picture(9)]
    many = classifier.predict_many(pictures)
    assert [prediction.digit for prediction in many] == [4, None, 9]
    for together, one in zip(many, map(classifier.predict, pictures), strict=True):
        assert np.allclose(together.probabilities, one.probabilities, atol=1e-6)
    assert classifier.predict_many([]) == []


def test_threads_get_their_own_answers(classifier):
    digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 10
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda digit: classifier.predict(picture(digit)).digit, digits)
    assert list(answers) == digits


def test_a_network_is_loaded_once(classifier):
    assert model.load_classifier() is classifier
    assert model.load_classifier(str(SHIPPED)) is classifier


@pytest.mark.skipif(os.name == "nt", reason="links are a privilege on Windows")
@pytest.mark.parametrize("ending", [".keras", ".tflite"])
def test_a_network_in_the_hubs_cache_is_loaded(ending, tmp_path):
    """Where the file is a link to one that is named by its content, without an ending."""
    (tmp_path / "0a1b2c3d").write_bytes(SHIPPED.with_suffix(ending).read_bytes())
    (tmp_path / f"digits{ending}").symlink_to("0a1b2c3d")
    assert model.predict_digit(picture(4), network=tmp_path / f"digits{ending}") == 4


@pytest.mark.skipif(os.name == "nt", reason="links are a privilege on Windows")
def test_the_shipped_network_needs_no_tensorflow_where_its_package_is_a_link(tmp_path):
    (tmp_path / "model").symlink_to(SHIPPED.parent.parent)
    script = "import sys, model; model.load_classifier(); print(model.__file__, 'tensorflow' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert result.stdout == f"{tmp_path / 'model' / '__init__.py'} False\n"


def test_a_missing_network_is_said(tmp_path):
    with pytest.raises(model.NetworkError, match=r"no network file none\.keras"):
        model.load_classifier(tmp_path / "none.keras")


def test_a_picture_that_cannot_be_read_is_said(classifier, tmp_path):
    (tmp_path / "text.png").write_text("seven")
    with pytest.raises(model.PictureError):
        classifier.predict(tmp_path / "text.png")


def test_mnist_digits_as_they_are_in_either_polarity(classifier, mnist_data):
    images, labels = mnist_data.test.images[:1000], mnist_data.test.labels[:1000]
    for pictures in (images, 255 - images):
        answers = [prediction.digit for prediction in classifier.predict_many(pictures)]
        assert np.mean(answers == labels) >= 0.985


def test_mnist_digits_cut_out_without_any_margin(classifier, mnist_data):
    images, labels = mnist_data.validation.images[:1000], mnist_data.validation.labels[:1000]
    cut_out = [image[(image > 40).any(axis=1)][:, (image > 40).any(axis=0)] for image in images]
    assert np.mean([p.digit for p in classifier.predict_many(cut_out)] == labels) >= 0.95


@pytest.fixture(scope="module")
def readings(classifier, real_digits):
    return read_labelled(real_digits, classifier)


@pytest.mark.parametrize(
    ("kind", "least"), [("drawn", 0.985), ("photos", 0.96), ("photos_small", 0.98), ("photos_wide", 0.95)]
)
def test_real_digits_are_read_whoever_wrote_them(readings, kind, least):
    of_kind = grouped(readings, "kind")[kind]
    assert accuracy(of_kind) >= least
    for source, of_source in grouped(of_kind, "source").items():
        wrong = sum(not reading.right for reading in of_source)
        assert wrong <= max(1, (1 - least) * len(of_source)), source  # of few pictures one may be misread


def test_real_pictures_of_other_things_are_turned_away_and_digits_are_not(readings):
    assert turned_away(r for r in readings if r.label is None) >= 0.9
    assert turned_away(r for r in readings if r.label is not None) <= 0.01


def test_real_probabilities_are_honest(readings):
    digits = [reading for reading in readings if reading.label is not None]
    probabilities = np.stack([reading.prediction.probabilities for reading in digits])
    assert expected_calibration_error(probabilities, np.array([reading.label for reading in digits])) < 0.02


def test_what_is_no_digit_keeps_its_probabilities(classifier):
    prediction = classifier.predict(
        255 - (255 * ink(parse("22,5 22,95 | 78,5 78,95 | 22,50 78,50"), 14)).astype(np.uint8)
    )
    assert prediction.digit is None
    assert prediction.reason == "not a digit"
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert prediction.frame.max() > 0.9
    assert len(prediction.top(3)) == 3
