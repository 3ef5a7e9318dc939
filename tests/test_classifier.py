import concurrent.futures

import numpy as np
import pytest

import model
from model.classifier import SHIPPED
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


def test_real_pictures(classifier, real_digits):
    from model.labelled import accuracy, read_labelled

    readings = read_labelled(real_digits, classifier)
    of_kind = {kind: accuracy([r for r in readings if r.kind == kind]) for kind in {r.kind for r in readings}}
    assert of_kind["drawn"] >= 0.97
    assert of_kind["photos"] >= 0.90
    assert of_kind["photos_small"] >= 0.95
    assert of_kind["photos_wide"] >= 0.85
