import numpy as np
import pytest

from model.preparation.best_path import best_path
from model.preparation.lines import Candidate, Line
from model.preparation.pieces import Piece


def line_of(count: int, contact: float = 1.0, last_height: int = 20) -> Line:
    """Return a line of pieces of 10×20 pixels, the last of that height, each in contact with the next with that
    probability, and with all runs of one or two as candidates."""
    heights = [20] * (count - 1) + [last_height]
    pieces = [Piece(i + 1, (10 * i, 20 - height, 10 * i + 10, 20), 1) for i, height in enumerate(heights)]
    runs = [(start, start + length) for start in range(count) for length in (1, 2) if start + length <= count]
    blank = np.zeros((28, 28), np.float32)
    tops = [20 - max(heights[start:stop]) for start, stop in runs]
    candidates = [
        Candidate(start, stop, (10 * start, top, 10 * stop, 20), blank)
        for (start, stop), top in zip(runs, tops, strict=True)
    ]
    return Line(pieces, [contact] * (count - 1), 20.0, candidates)


def answers(line: Line, digits: dict[tuple[int, int], int]) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities by which those candidates show those digits, and all others none."""
    probabilities, not_digit = np.full((len(line.candidates), 10), 0.1), np.ones(len(line.candidates))
    for index, candidate in enumerate(line.candidates):
        if (digit := digits.get((candidate.start, candidate.stop))) is not None:
            probabilities[index], not_digit[index] = np.eye(10)[digit], 0.0
    return probabilities, not_digit


@pytest.mark.parametrize(
    ("contact", "digits"),
    [
        (1.0, {(0, 1): 4, (1, 2): 2, (2, 3): 0}),
        (1.0, {(0, 2): 4, (2, 3): 2}),
        (0.1, {(0, 1): 4, (1, 3): 2}),
    ],
)
def test_best_path_takes_the_pieces_that_are_digits(contact, digits):
    line = line_of(3, contact)
    path = best_path(line, *answers(line, digits))
    assert [(line.candidates[index].start, line.candidates[index].stop) for index, _ in path] == list(digits)
    assert all(is_digit for _, is_digit in path)


@pytest.mark.parametrize(("contact", "runs"), [(0.02, [(0, 2)]), (0.9, [(0, 1), (1, 2)])])
def test_best_path_separates_what_may_be_one_character_only_where_there_is_contact(contact, runs):
    line = line_of(2, contact)
    probabilities, not_digit = answers(line, {(0, 1): 1, (1, 2): 1, (0, 2): 0})
    not_digit[[candidate.stop - candidate.start == 2 for candidate in line.candidates]] = 0.05
    path = best_path(line, probabilities, not_digit)
    assert [(line.candidates[index].start, line.candidates[index].stop) for index, _ in path] == runs


def test_best_path_of_what_is_no_digit_has_no_digit():
    line = line_of(2)
    assert not any(is_digit for _, is_digit in best_path(line, *answers(line, {})))


@pytest.mark.parametrize(
    ("height", "looks_like", "count"),
    [(6, 1, 2), (6, None, 2), (6, 0, 3), (16, 1, 3)],
    ids=["comma", "dash", "small 0", "1"],
)
def test_best_path_leaves_out_what_is_small_and_looks_like_no_digit_but_a_1(height, looks_like, count):
    line = line_of(3, last_height=height)
    digits = {(0, 1): 4, (1, 2): 2} | ({} if looks_like is None else {(2, 3): looks_like})
    path = best_path(line, *answers(line, digits))
    assert [is_digit for _, is_digit in path] == [True] * count
