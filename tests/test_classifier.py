import concurrent.futures
import os

import numpy as np
import pytest

import model
from model.classifier import SHIPPED
from model.data.strokes import parse, render
from model.evaluation.labelled import (
    accuracy,
    calibration_error,
    grouped,
    read_labelled,
    rejection_rate,
    single_digits,
)
from tests.helpers.drawings import picture

BLANK = np.full((9, 9), 3, np.uint8)
#: The letter H.
LETTER = 255 - (255 * render(parse("22,5 22,95 | 78,5 78,95 | 22,50 78,50"), 14)).astype(np.uint8)


@pytest.mark.parametrize("digit", range(10))
def test_predict_reads_a_drawn_digit(classifier, digit):
    prediction = classifier.predict(picture(digit))
    assert prediction.digit == digit
    assert prediction.reason is None
    assert prediction.probabilities.dtype == np.float32
    assert prediction.probabilities.shape == (10,)
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert prediction.frame.shape == (28, 28)
    assert prediction.frame.dtype == np.float32


@pytest.mark.parametrize("blank", [np.full((280, 280), 255, np.uint8), np.zeros((50, 80, 4), np.uint8)])
def test_predict_finds_no_digit_in_blank_pictures(classifier, blank):
    prediction = classifier.predict(blank)
    assert prediction.digit is None
    assert prediction.reason == "blank"
    assert prediction.frame is None
    assert prediction.probabilities.sum() == pytest.approx(1)


def test_predict_rejects_a_letter_and_keeps_its_probabilities(classifier):
    prediction = classifier.predict(LETTER)
    assert prediction.digit is None
    assert prediction.reason == "not a digit"
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert prediction.frame.max() > 0.9
    assert len(prediction.top(3)) == 3


def test_top_returns_digits_in_descending_order_of_probability(classifier):
    prediction = classifier.predict(picture(7))
    top = prediction.top(3)
    assert len(top) == 3
    assert top[0] == (7, float(prediction.probabilities.max()))
    assert [probability for _, probability in top] == sorted((probability for _, probability in top), reverse=True)
    assert len(prediction.top(10)) == 10


@pytest.mark.parametrize(("pixels", "digit", "reason"), [(picture(7), 7, None), (BLANK, None, "blank")])
def test_as_dict_has_digit_reason_and_rounded_probabilities(classifier, pixels, digit, reason):
    prediction = classifier.predict(pixels)
    answer = prediction.as_dict()
    assert list(answer) == ["number", "digit", "reason", "probabilities", "digits", "rejected"]
    assert answer["number"] == ("" if digit is None else str(digit))
    assert [one["digit"] for one in answer["digits"]] == ([] if digit is None else [digit])
    assert (answer["digit"], answer["reason"]) == (digit, reason)
    assert answer["probabilities"] == pytest.approx(prediction.probabilities.tolist(), abs=1e-6)
    assert {type(probability) for probability in answer["probabilities"]} == {float}


def test_predict_many_gives_the_predictions_of_each_picture_alone(classifier):
    pictures = [picture(4), BLANK, picture(9)]
    many = classifier.predict_many(pictures)
    assert [prediction.digit for prediction in many] == [4, None, 9]
    for together, alone in zip(many, map(classifier.predict, pictures), strict=True):
        assert np.allclose(together.probabilities, alone.probabilities, atol=1e-6)


def test_predict_many_of_nothing_is_empty(classifier):
    assert classifier.predict_many([]) == []


def test_predict_is_thread_safe(classifier):
    digits = list(range(10)) * 10
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda digit: classifier.predict(picture(digit)).digit, digits)
    assert list(answers) == digits


def test_predict_raises_picture_error_for_an_unreadable_file(classifier, tmp_path):
    (tmp_path / "text.png").write_text("seven")
    with pytest.raises(model.PictureError):
        classifier.predict(tmp_path / "text.png")


def test_load_classifier_loads_a_file_once(classifier):
    assert model.load_classifier() is classifier
    assert model.load_classifier(str(SHIPPED)) is classifier


@pytest.mark.skipif(os.name == "nt", reason="links are a privilege on Windows")
@pytest.mark.parametrize("suffix", [".keras", ".tflite"])
def test_load_classifier_follows_links_to_files_without_a_suffix(suffix, tmp_path):
    """In the Hub's cache a file is a link to one that is named by its content."""
    (tmp_path / "0a1b2c3d").write_bytes(SHIPPED.with_suffix(suffix).read_bytes())
    (tmp_path / f"digits{suffix}").symlink_to("0a1b2c3d")
    assert model.predict_digit(picture(4), network=tmp_path / f"digits{suffix}") == 4


def test_load_classifier_raises_network_error_for_a_missing_file(tmp_path):
    with pytest.raises(model.NetworkError, match=r"no network file none\.keras"):
        model.load_classifier(tmp_path / "none.keras")


@pytest.mark.slow
@pytest.mark.parametrize("inverted", [False, True])
def test_mnist_images_are_read_in_either_polarity(classifier, mnist_data, inverted):
    images, labels = mnist_data.test.images[:1000], mnist_data.test.labels[:1000]
    predictions = classifier.predict_many(255 - images if inverted else images)
    assert np.mean([prediction.digit for prediction in predictions] == labels) >= 0.985


@pytest.mark.slow
def test_mnist_images_cropped_to_the_digit_are_read(classifier, mnist_data):
    images, labels = mnist_data.validation.images[:1000], mnist_data.validation.labels[:1000]
    cropped = [image[(image > 40).any(axis=1)][:, (image > 40).any(axis=0)] for image in images]
    assert np.mean([prediction.digit for prediction in classifier.predict_many(cropped)] == labels) >= 0.95


@pytest.fixture(scope="module")
def readings(classifier, real_digits):
    return read_labelled(real_digits, classifier)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "minimum"), [("drawn", 0.985), ("photos", 0.96), ("photos_small", 0.98), ("photos_wide", 0.95)]
)
def test_accuracy_on_real_digits_of_every_source(readings, kind, minimum):
    of_kind = grouped(readings, "kind")[kind]
    assert accuracy(of_kind) >= minimum
    for source, of_source in grouped(of_kind, "source").items():
        wrong = sum(not reading.correct for reading in of_source)
        assert wrong <= max(1, (1 - minimum) * len(of_source)), source  # of few pictures one may be misread


@pytest.mark.slow
def test_rejection_rate_on_real_pictures_is_high_for_other_things_and_low_for_digits(readings):
    assert rejection_rate(reading for reading in readings if not reading.label) >= 0.9
    assert rejection_rate(single_digits(readings)) <= 0.01


@pytest.mark.slow
def test_calibration_error_on_real_digits_is_small(readings):
    assert calibration_error(single_digits(readings)) < 0.02
