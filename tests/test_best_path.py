import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from model.preparation import best_path as module
from model.preparation.best_path import Step, best_path
from model.preparation.lines import Candidate, Line
from model.preparation.pieces import Piece

Run = tuple[int, int]


def line_of(count: int, contact: float = 1.0, last_height: int = 20) -> Line:
    """Return a line of pieces of 10×20 pixels, the last of that height, each in contact with the next with that
    probability, and with all runs of one or two as candidates."""
    heights = [20] * (count - 1) + [last_height]
    pieces = [Piece(i + 1, (10 * i, 20 - height, 10 * i + 10, 20), 1) for i, height in enumerate(heights)]
    runs = [(start, start + length) for start in range(count) for length in (1, 2) if start + length <= count]
    tops = [20 - max(heights[start:stop]) for start, stop in runs]
    candidates = [
        Candidate(start, stop, (10 * start, top, 10 * stop, 20), lambda: pytest.fail("no frame is needed"))
        for (start, stop), top in zip(runs, tops, strict=True)
    ]
    return Line(pieces, [contact] * (count - 1), 20.0, candidates)


def classifier(answers: dict[Run, tuple[np.ndarray, float]]) -> Callable:
    """Return a function that classifies candidates by their runs, once each; those without an answer as no digits."""
    answers = dict(answers)

    def classify(candidates: list[Candidate]) -> tuple[np.ndarray, np.ndarray]:
        unknown = (np.full(10, 0.1), 1.0)
        found = [answers.pop((candidate.start, candidate.stop), unknown) for candidate in candidates]
        probabilities, not_digit = zip(*found, strict=True)
        return np.stack(probabilities), np.array(not_digit)

    return classify


def certain(digits: dict[Run, int]) -> dict[Run, tuple[np.ndarray, float]]:
    return {run: (np.eye(10)[digit], 0.0) for run, digit in digits.items()}


def runs(path: list[Step]) -> list[Run]:
    return [(step.candidate.start, step.candidate.stop) for step in path]


@pytest.mark.parametrize(
    ("contact", "digits"),
    [
        (1.0, {(0, 1): 4, (1, 2): 2, (2, 3): 0}),
        (1.0, {(0, 2): 4, (2, 3): 2}),
        (0.1, {(0, 1): 4, (1, 3): 2}),
    ],
)
def test_best_path_takes_the_pieces_that_are_digits(contact, digits):
    path = best_path(line_of(3, contact), classifier(certain(digits)))
    assert {run: step.probabilities.argmax() for run, step in zip(runs(path), path, strict=True)} == digits
    assert all(step.is_digit for step in path)


@pytest.mark.parametrize(("contact", "expected"), [(0.02, [(0, 2)]), (0.9, [(0, 1), (1, 2)])])
def test_best_path_separates_what_may_be_one_character_only_where_there_is_contact(contact, expected):
    answers = certain({(0, 1): 1, (1, 2): 1}) | {(0, 2): (np.eye(10)[0], 0.05)}
    assert runs(best_path(line_of(2, contact), classifier(answers))) == expected


def test_best_path_of_what_is_no_digit_has_no_digit():
    assert not any(step.is_digit for step in best_path(line_of(2), classifier({})))


@pytest.mark.parametrize(
    ("height", "looks_like", "count"),
    [(6, 1, 2), (6, None, 2), (6, 0, 3), (16, 1, 3)],
    ids=["comma", "dash", "small 0", "1"],
)
def test_best_path_leaves_out_what_is_small_and_looks_like_no_digit_but_a_1(height, looks_like, count):
    digits = {(0, 1): 4, (1, 2): 2} | ({} if looks_like is None else {(2, 3): looks_like})
    path = best_path(line_of(3, last_height=height), classifier(certain(digits)))
    assert [step.is_digit for step in path] == [True] * count


def test_only_what_the_best_path_may_take_is_classified():
    asked = []
    classify = classifier(certain({(0, 1): 4, (1, 2): 2, (2, 3): 0}))
    best_path(line_of(3), lambda candidates: (asked.extend(candidates), classify(candidates))[1])
    assert 3 <= len(asked) < len(line_of(3).candidates)


@pytest.mark.parametrize("seed", range(50))
def test_the_path_is_the_cheapest_of_all(seed):
    random = np.random.default_rng(seed)
    line = line_of(5, contact=0.6)
    answers = {
        (candidate.start, candidate.stop): (random.dirichlet([0.1] * 10), random.uniform() ** 4)
        for candidate in line.candidates
    }
    path = best_path(line, classifier(answers))
    found = cost_of([(run, step.is_digit) for run, step in zip(runs(path), path, strict=True)], answers)
    cheapest = min(
        cost_of(list(zip(tiling, kinds, strict=True)), answers)
        for tiling in tilings(0, 5)
        for kinds in itertools.product((True, False), repeat=len(tiling))
    )
    assert found == pytest.approx(cheapest)


def tilings(start: int, stop: int) -> Iterator[list[Run]]:
    """Yield all ways to cover pieces with runs of one or two."""
    if start == stop:
        yield []
    for length in range(1, min(2, stop - start) + 1):
        for rest in tilings(start + length, stop):
            yield [(start, start + length), *rest]


def cost_of(path: list[tuple[Run, bool]], answers: dict[Run, tuple[np.ndarray, float]]) -> float:
    """Return the cost of runs of pieces of a line_of() that are in contact with 0.6, each a digit or not."""
    total = -0.7 * math.log(0.6) * (len(path) - 1)
    for run, is_digit in path:
        probabilities, not_digit = answers[run]
        odds = not_digit / (1 - not_digit) * math.exp(module.NOT_DIGIT_BIAS)
        not_digit = odds / (1 + odds)
        likely = probabilities.max() * (1 - not_digit) if is_digit else not_digit * math.exp(-module.OTHER_COST)
        total -= math.log(likely)
        if run[1] - run[0] == 2:  # as wide as high
            total += module.WIDE_COST * (1 - module.WIDEST)
    changes = sum(one != other for (_, one), (_, other) in itertools.pairwise(path))
    return total + module.MIXTURE_COST * changes
