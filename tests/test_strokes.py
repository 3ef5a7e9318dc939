import numpy as np
import pytest

from model import strokes


def test_parsed_as_written():
    first, second = strokes.parse("0,50 100,50 | 50,0 50,100")
    assert first.tolist() == [[0, 0.5], [1, 0.5]]
    assert second.tolist() == [[0.5, 0], [0.5, 1]]


@pytest.mark.parametrize("digit", range(10))
def test_smoothing_keeps_ends_and_stays_near(digit):
    for rough, smooth in zip(*(f(strokes.parse(strokes.DIGITS[digit])) for f in (list, strokes.smooth)), strict=True):
        assert np.array_equal(rough[[0, -1]], smooth[[0, -1]])
        assert len(smooth) > len(rough)
        assert (smooth.min(axis=0) >= rough.min(axis=0)).all()
        assert (smooth.max(axis=0) <= rough.max(axis=0)).all()


@pytest.mark.parametrize("scale", [0.1, 1, 30])
def test_ink_is_as_long_and_wide_whatever_the_strokes_size(scale):
    ink = strokes.ink([scale * points for points in strokes.parse("10,0 10,100 | 0,40 20,40")], pen=8)
    assert ink.dtype == np.float32
    assert ink.max() == 1
    inked = ink > 0.5
    assert abs(inked.any(axis=1).sum() - (strokes.CANVAS + 8)) <= 3
    assert abs(np.median(inked.sum(axis=1)) - 8) <= 2
    assert not inked[[0, -1]].any()
    assert not inked[:, [0, -1]].any()


@pytest.mark.parametrize("digit", range(10))
def test_other_hands_write_the_same_digit(classifier, digit):
    rng = np.random.default_rng(digit)
    hands = [strokes.smooth(strokes.vary(strokes.parse(strokes.DIGITS[digit]), rng)) for _ in range(20)]
    read = [classifier.predict(255 - (255 * strokes.ink(hand, 12)).astype(np.uint8)).digit for hand in hands]
    assert read.count(digit) >= 19
