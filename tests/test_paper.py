import cv2
import numpy as np
import pytest

from model.preparation.ink import LEAST_CONTRAST
from model.preparation.paper import contrast_with_paper, find_sheet, is_light_on_dark, without_bars
from tests.helpers.drawings import mask, picture


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [0.02, 0.1, 0.2])
def test_is_light_on_dark_tells_drawings_and_their_inverses_apart(digit, pen):
    grey = picture(digit, pen=pen, paper=210, ink=90)
    assert not is_light_on_dark(grey)
    assert is_light_on_dark(255 - grey)


@pytest.mark.parametrize("digit", range(10))
def test_is_light_on_dark_ignores_glare_larger_than_the_ink(digit):
    grey = in_soft_light(picture(digit, size=(600, 800), height=0.12, place=(0.4, 0.6), paper=140, ink=60), 60)
    assert not is_light_on_dark(grey)
    assert is_light_on_dark(255 - grey)


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("blur", [0.5, 20])
def test_is_light_on_dark_ignores_the_reflection_of_a_lamp(digit, blur):
    lamp = cv2.ellipse(np.zeros((600, 800), np.float32), (180, 110), (90, 50), 30, 0, 360, 1, -1)
    lamp = cv2.GaussianBlur(lamp, (0, 0), blur)
    photo = picture(digit, size=(600, 800), height=0.4, place=(0.6, 0.6), paper=150, ink=60)
    grey = (photo + 300 * lamp).clip(0, 255).astype(np.uint8)
    assert not is_light_on_dark(grey)
    assert is_light_on_dark(255 - grey)


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [0.1, 0.3])
def test_is_light_on_dark_does_not_take_ink_for_a_reflection(digit, pen):
    assert is_light_on_dark(picture(digit, pen=pen, paper=110, ink=255))
    assert not is_light_on_dark(picture(digit, pen=pen, paper=150, ink=0))


def in_soft_light(grey: np.ndarray, brighter: float) -> np.ndarray:
    """Add a soft spot of light, a third as wide as the picture; a negative number makes it a shadow."""
    height, width = grey.shape
    y, x = np.ogrid[:height, :width]
    distance = np.hypot(y - 0.35 * height, x - 0.6 * width)
    return (grey + brighter * np.exp(-((6 * distance / width) ** 2))).clip(0, 255).astype(np.uint8)


def test_is_light_on_dark_for_mnist_images(mnist_data):
    assert np.mean([is_light_on_dark(image) for image in mnist_data.validation.images]) > 0.999


def test_uneven_light_leaves_less_contrast_than_the_faintest_ink():
    light = np.linspace(90, 240, 600)[None] + np.linspace(15, -15, 400)[:, None]
    assert contrast_with_paper(light.astype(np.uint8), light_on_dark=False).max() < LEAST_CONTRAST


def test_shadow_wider_than_the_strokes_is_paper():
    drawn = picture(4, size=(600, 800), height=0.3, place=(0.5, 0.5))
    shadowed = contrast_with_paper(in_soft_light(drawn, -100), light_on_dark=False)
    ink = mask(4, size=(600, 800), height=0.3, place=(0.5, 0.5)) == 1
    assert shadowed[~cv2.dilate(ink.astype(np.uint8), np.ones((15, 15))).astype(bool)].max() < 60
    assert np.percentile(shadowed[ink], 5) > 120


def test_contrast_is_the_fraction_of_light_that_ink_absorbs():
    ink = mask(3, size=(500, 400)) == 1
    contrast = contrast_with_paper(picture(3, size=(500, 400), paper=200, ink=150), light_on_dark=False)
    assert abs(contrast[ink].mean() - 255 * 50 / 200) < 2
    assert contrast[mask(3, size=(500, 400)) == 0].mean() < 1


def test_find_sheet_crops_to_a_sheet_on_a_desk():
    desk = np.full((600, 800), 90, np.uint8)
    cv2.fillPoly(desk, [np.array([(200, 100), (560, 130), (540, 500), (180, 460)])], 220)
    sheet = find_sheet(desk, is_light_on_dark(desk))
    assert 180 <= sheet.left <= 230
    assert 100 <= sheet.top <= 150
    assert (sheet.grey == 220).all()


@pytest.mark.parametrize("digit", range(10))
def test_find_sheet_finds_none_in_a_drawing(digit):
    assert find_sheet(picture(digit, pen=0.12), light_on_dark=False) is None


def test_find_sheet_finds_none_in_mnist_images(mnist_data):
    enlarged = [np.kron(image, np.ones((8, 8), np.uint8)) for image in mnist_data.validation.images[:1000]]
    assert np.mean([find_sheet(image, is_light_on_dark(image)) is not None for image in enlarged]) < 0.02


def test_without_bars_crops_a_screenshot_to_its_picture():
    screen = np.full((2340, 1080), 10, np.uint8)
    screen[760:1570] = np.random.default_rng(0).integers(60, 240, (810, 1080))
    cv2.putText(screen, "12:30", (60, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 255, 3)
    part = without_bars(screen)
    assert (part.left, part.top, part.grey.shape) == (0, 760, (810, 1080))


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("drawing", [{"height": 0.97}, {"height": 0.9, "pen": 0.25}, {"size": (200, 150)}])
def test_without_bars_keeps_the_margin_of_a_drawing(digit, drawing):
    assert without_bars(picture(digit, **drawing)).grey.size == picture(digit, **drawing).size


def test_without_bars_keeps_a_shadow():
    shade = 1 - 0.5 / (1 + np.exp(-(np.arange(280) - 150) / 2))
    shaded = (picture(4, paper=220) * shade).astype(np.uint8)
    assert without_bars(shaded).grey.shape == (280, 280)
