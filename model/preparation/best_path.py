"""Find the most probable characters of a line by dynamic programming over its pieces.

The method is recognition-based segmentation: LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied
to document recognition", section V, heuristic over-segmentation.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.preparation.lines import Candidate, Line

# In heights of the line:
#: Marks less high, and with a smaller box in squares of the line's height, may separate characters: points, commas,
#: dashes.
MAX_SEPARATOR_HEIGHT, MAX_SEPARATOR_AREA = 0.5, 0.2
#: What a separator may look like, if it looks like a digit at all.
SEPARATOR_DIGIT = 1

# Costs, as negative logarithms of probabilities:
#: of a character that is not a digit, of leaving out what is certainly a separator, of leaving out anything else.
OTHER_COST, SEPARATOR_COST, OMISSION_COST = 2.5, 0.3, 9.0
#: of a digit beside a character that is none: most lines are either numbers or words.
MIXTURE_COST = 3.0
#: of separating what is one above the other: overlaps horizontally by more than this fraction of the narrower.
OVERLAP_COST, MAX_OVERLAP = 0.9, 0.5
#: of a digit, for each height of the line that it is less high than LOWEST of it.
LOW_COST, LOWEST = 3.0, 0.75
#: of a character, for each height of the line that it is wider than WIDEST of it.
WIDE_COST, WIDEST = 2.0, 0.9
#: Weight of the negative logarithm of the ink network's probability that two characters which touch are in contact, and
#: its smallest value.
CONTACT_WEIGHT, MIN_CONTACT = 0.7, 0.01
#: Added to the log-odds that a candidate is not a digit: most candidates are parts of digits, or several.
NOT_DIGIT_BIAS = 4.0
#: The smallest probability.
MIN_PROBABILITY = 1e-5

#: What a character may be.
DIGIT_OR_NOT = (True, False)


@dataclass(frozen=True, eq=False)
class Step:
    """A character of a path.

    Attributes:
        candidate: what is the character.
        is_digit: whether it is one.
        probabilities: float32 (10,), of the digits, given that it is one.
    """

    candidate: Candidate
    is_digit: bool
    probabilities: np.ndarray


def best_path(line: Line, classify: Callable[[list[Candidate]], tuple[np.ndarray, np.ndarray]]) -> list[Step]:
    """Find the most probable characters of a line by dynamic programming over its pieces.

    Candidates are classified only if they are on the best path that there would be if all that are not yet classified
    were certain: the path is the same as if all were, as in the lazy search of Dellin and Srinivasa 2016, "A unifying
    formalism for shortest path problems with expensive edge evaluations via lazy best-first search over paths with edge
    selectors".

    Args:
        line: the line.
        classify: maps n candidates to the probabilities, (n, 10), of the digits in each one's frame, given that it
            shows one, and to the probability, (n,), that it shows none.

    Returns:
        The characters from left to right.
    """
    costs = [_least_character_costs(line, candidate) for candidate in line.candidates]
    separators = {
        candidate.start: index for index, candidate in enumerate(line.candidates) if _may_be_separator(line, candidate)
    }
    omission_costs = [SEPARATOR_COST if start in separators else OMISSION_COST for start in range(len(line.pieces))]
    likely = {}
    while True:
        path = _cheapest_path(line, costs, omission_costs)
        on_path = {separators.get(start) if index is None else index for start, index, _ in path}
        unknown = sorted(on_path - likely.keys() - {None})
        if not unknown:
            break
        probabilities, not_digit = classify([line.candidates[index] for index in unknown])
        for index, each, not_one in zip(unknown, probabilities, _biased(not_digit), strict=True):
            likely[index] = each
            costs[index][True] += _cost(each.max() * (1 - not_one))
            costs[index][False] += _cost(not_one)
            start = line.candidates[index].start
            if separators.get(start) == index:
                omission_costs[start] += _cost(not_one + (1 - not_one) * each[SEPARATOR_DIGIT])
    return [Step(line.candidates[index], is_digit, likely[index]) for _, index, is_digit in path if index is not None]


def _cheapest_path(
    line: Line, costs: list[dict[bool, float]], omission_costs: list[float]
) -> list[tuple[int, int | None, bool]]:
    """Find the cheapest path through the pieces of a line.

    Args:
        line: the line.
        costs: of each candidate being a digit (True) and another character (False).
        omission_costs: of each piece being no character, nor a part of one.

    Returns:
        From left to right, the first piece of each step, its candidate's index or None if the piece is left out, and
        whether the last character is a digit.
    """
    ending = [[] for _ in range(len(line.pieces) + 1)]
    for index, candidate in enumerate(line.candidates):
        ending[candidate.stop].append((index, candidate.start))
    separation_costs = [0.0, *(_separation_cost(line, start) for start in range(1, len(line.pieces)))]
    # The least cost of the pieces so far, and the last step of that way, where the last character is a digit or not.
    least, steps = [{True: 0.0, False: 0.0}], [{}]
    for stop, omission_cost in enumerate(omission_costs, start=1):
        omitted = {is_digit: cost + omission_cost for is_digit, cost in least[-1].items()}
        ways = {is_digit: [(cost, stop - 1, None, is_digit)] for is_digit, cost in omitted.items()}
        for index, start in ending[stop]:
            for is_digit, previous in itertools.product(DIGIT_OR_NOT, repeat=2):
                mixture = MIXTURE_COST if is_digit != previous else 0.0
                cost = least[start][previous] + separation_costs[start] + mixture + costs[index][is_digit]
                ways[is_digit].append((cost, start, index, previous))
        best = {is_digit: min(ways[is_digit], key=lambda way: way[0]) for is_digit in DIGIT_OR_NOT}
        least.append({is_digit: way[0] for is_digit, way in best.items()})
        steps.append({is_digit: way[1:] for is_digit, way in best.items()})
    path, at, is_digit = [], len(line.pieces), min(DIGIT_OR_NOT, key=least[-1].get)
    while at:
        start, index, previous = steps[at][is_digit]
        path.append((start, index, is_digit))
        at, is_digit = start, previous
    return path[::-1]


def _biased(not_digit: np.ndarray) -> np.ndarray:
    """Add NOT_DIGIT_BIAS to the log-odds of probabilities."""
    odds = not_digit / np.maximum(1 - not_digit, MIN_PROBABILITY) * np.exp(NOT_DIGIT_BIAS)
    return odds / (1 + odds)


def _cost(probability: float) -> float:
    return -math.log(max(probability, MIN_PROBABILITY))


def _least_character_costs(line: Line, candidate: Candidate) -> dict[bool, float]:
    """Return the costs of a candidate being certainly a digit (True) and certainly another character (False)."""
    left, top, right, bottom = candidate.box
    height, width = (bottom - top) / line.height, (right - left) / max(line.height, bottom - top)
    wide = WIDE_COST * max(0.0, width - WIDEST)
    return {True: wide + LOW_COST * max(0.0, LOWEST - height), False: wide + OTHER_COST}


def _may_be_separator(line: Line, candidate: Candidate) -> bool:
    left, top, right, bottom = candidate.box
    height, width = (bottom - top) / line.height, (right - left) / line.height
    is_small = height < MAX_SEPARATOR_HEIGHT and height * width < MAX_SEPARATOR_AREA
    return is_small and candidate.stop == candidate.start + 1 and len(line.pieces) > 1


def _separation_cost(line: Line, start: int) -> float:
    """Return the cost of a piece being of another character than the one before it."""
    piece, following = line.pieces[start - 1 : start + 1]
    cost = -CONTACT_WEIGHT * math.log(max(line.contacts[start - 1], MIN_CONTACT))
    overlap = min(piece.box[2], following.box[2]) - max(piece.box[0], following.box[0])
    if overlap > MAX_OVERLAP * min(piece.box[2] - piece.box[0], following.box[2] - following.box[0]):
        cost += OVERLAP_COST
    return cost
