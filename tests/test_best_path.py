import numpy as np
import pytest

from model.preparation.best_path import best_path
from model.preparation.lines import Candidate, Line
from model.preparation.pieces import Piece


def line_of(marks: list[int]) -> Line:
    """Return a line of pieces of 10×20 pixels, of those marks, with all runs of one or two as candidates."""
    pieces = [Piece(i + 1, (10 * i, 0, 10 * i + 10, 20), 100, mark, mark) for i, mark in enumerate(marks)]
    runs = [(start, start + length) for start in range(len(marks)) for length in (1, 2) if start + length <= len(marks)]
    blank = np.zeros((28, 28), np.float32)
    return Line(pieces, 20.0, [Candidate(start, stop, (10 * start, 0, 10 * stop, 20), blank) for start, stop in runs])


def answers(line: Line, digits: dict[tuple[int, int], int]) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities by which those candidates show those digits, and all others none."""
    probabilities, not_digit = np.full((len(line.candidates), 10), 0.1), np.ones(len(line.candidates))
    for index, candidate in enumerate(line.candidates):
        if (digit := digits.get((candidate.start, candidate.stop))) is not None:
            probabilities[index], not_digit[index] = np.eye(10)[digit], 0.0
    return probabilities, not_digit


@pytest.mark.parametrize(
    ("marks", "digits"),
    [
        ([1, 2, 3], {(0, 1): 4, (1, 2): 2, (2, 3): 0}),
        ([1, 2, 3], {(0, 2): 4, (2, 3): 2}),
        ([1, 1, 1], {(0, 1): 4, (1, 3): 2}),
    ],
)
def test_best_path_takes_the_pieces_that_are_digits(marks, digits):
    line = line_of(marks)
    path = best_path(line, *answers(line, digits))
    assert [(line.candidates[index].start, line.candidates[index].stop) for index, _ in path] == list(digits)
    assert all(is_digit for _, is_digit in path)


def test_best_path_joins_pieces_of_one_mark_rather_than_cut_it():
    line = line_of([1, 1])
    path = best_path(line, *answers(line, {(0, 1): 1, (1, 2): 1, (0, 2): 0}))
    assert [(line.candidates[index].start, line.candidates[index].stop) for index, _ in path] == [(0, 2)]


def test_best_path_of_what_is_no_digit_has_no_digit():
    line = line_of([1, 2])
    assert not any(is_digit for _, is_digit in best_path(line, *answers(line, {})))
