import numpy as np
import pytest

from model.data import strokes
from model.preparation.frame import to_uint8


def test_parse_scales_to_the_unit_square_and_splits_where_the_pen_is_lifted():
    first, second = strokes.parse("0,50 100,50 | 50,0 50,100")
    assert first.tolist() == [[0, 0.5], [1, 0.5]]
    assert second.tolist() == [[0.5, 0], [0.5, 1]]


@pytest.mark.parametrize("digit", range(10))
def test_smooth_keeps_ends_and_stays_within_the_strokes(digit):
    rough = strokes.parse(strokes.DIGITS[digit])
    for before, after in zip(rough, strokes.smooth(rough), strict=True):
        assert np.array_equal(before[[0, -1]], after[[0, -1]])
        assert len(after) > len(before)
        assert (after.min(axis=0) >= before.min(axis=0)).all()
        assert (after.max(axis=0) <= before.max(axis=0)).all()


def test_vary_is_deterministic_for_a_seed():
    plain = strokes.parse(strokes.DIGITS[4])
    one, same, other = (strokes.vary(plain, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert [points.shape for points in one] == [points.shape for points in plain]
    assert all(map(np.array_equal, one, same))
    assert not any(map(np.array_equal, one, other))


@pytest.mark.parametrize("scale", [0.1, 1, 30])
def test_render_scales_strokes_of_any_size_to_the_canvas(scale):
    ink = strokes.render([scale * points for points in strokes.parse("10,0 10,100 | 0,40 20,40")], pen_width=8)
    assert ink.dtype == np.float32
    assert ink.max() == 1
    inside = ink > 0.5
    assert abs(inside.any(axis=1).sum() - (strokes.CANVAS + 8)) <= 3
    assert abs(np.median(inside.sum(axis=1)) - 8) <= 2
    assert not inside[[0, -1]].any()
    assert not inside[:, [0, -1]].any()


def test_draw_adds_to_the_image_in_place():
    image = np.zeros((20, 20), np.uint8)
    image[0] = 7
    assert strokes.draw([np.array([[5.0, 10.0], [15.0, 10.0]])], image, pen_width=3) is image
    assert (image[10, 5:16] == 255).all()
    assert (image[0] == 7).all()


@pytest.mark.parametrize("digit", range(10))
def test_varied_digits_are_recognised(classifier, digit):
    rng = np.random.default_rng(digit)
    drawings = [strokes.smooth(strokes.vary(strokes.parse(strokes.DIGITS[digit]), rng)) for _ in range(20)]
    predicted = [classifier.predict(255 - to_uint8(strokes.render(drawing, 12))).digit for drawing in drawings]
    assert predicted.count(digit) >= 19
