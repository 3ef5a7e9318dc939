"""Find the most probable characters of a line by dynamic programming over its pieces.

The method is recognition-based segmentation: LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied
to document recognition", section V, heuristic over-segmentation.
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from model.preparation.lines import Line
from model.preparation.pieces import Piece

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


def best_path(line: Line, probabilities: np.ndarray, not_digit: np.ndarray) -> list[tuple[int, bool]]:
    """Find the most probable characters of a line by dynamic programming over its pieces.

    Args:
        line: the line, with n candidates.
        probabilities: (n, 10), of the digits in each candidate's frame, given that it shows one.
        not_digit: (n,), the probability that it shows none.

    Returns:
        For each character, from left to right, its candidate's index and whether it is a digit.
    """
    not_digit = _biased(not_digit)
    ending = [[] for _ in range(len(line.pieces) + 1)]
    for index, costs in enumerate(_character_costs(line, probabilities, not_digit)):
        ending[line.candidates[index].stop].append((index, costs))
    omission_costs = _omission_costs(line, probabilities, not_digit)
    # The least cost of the pieces so far, and the last step of that way, where the last character is a digit or not.
    least, steps = [{True: 0.0, False: 0.0}], [{}]
    for stop, omission_cost in enumerate(omission_costs, start=1):
        ways = {is_digit: [(least[-1][is_digit] + omission_cost, None, is_digit)] for is_digit in DIGIT_OR_NOT}
        for index, costs in ending[stop]:
            start = line.candidates[index].start
            between = _separation_cost(line, start) if start else 0.0
            for is_digit, previous in itertools.product(DIGIT_OR_NOT, repeat=2):
                mixture = MIXTURE_COST if is_digit != previous else 0.0
                cost = least[start][previous] + between + mixture + costs[is_digit]
                ways[is_digit].append((cost, index, previous))
        best = {is_digit: min(ways[is_digit], key=lambda way: way[0]) for is_digit in DIGIT_OR_NOT}
        least.append({is_digit: way[0] for is_digit, way in best.items()})
        steps.append({is_digit: way[1:] for is_digit, way in best.items()})
    path, at, is_digit = [], len(line.pieces), min(DIGIT_OR_NOT, key=least[-1].get)
    while at:
        index, previous = steps[at][is_digit]
        if index is not None:
            path.append((index, is_digit))
        at, is_digit = at - 1 if index is None else line.candidates[index].start, previous
    return path[::-1]


def _biased(not_digit: np.ndarray) -> np.ndarray:
    """Add NOT_DIGIT_BIAS to the log-odds of probabilities."""
    odds = not_digit / np.maximum(1 - not_digit, MIN_PROBABILITY) * np.exp(NOT_DIGIT_BIAS)
    return odds / (1 + odds)


def _character_costs(line: Line, probabilities: np.ndarray, not_digit: np.ndarray) -> Iterator[dict[bool, float]]:
    """Yield the costs of each candidate of a line being a digit (True) and another character (False)."""
    digit_costs = -np.log(np.maximum(probabilities.max(axis=1) * (1 - not_digit), MIN_PROBABILITY))
    other_costs = -np.log(np.maximum(not_digit, MIN_PROBABILITY)) + OTHER_COST
    for candidate, digit_cost, other_cost in zip(line.candidates, digit_costs, other_costs, strict=True):
        left, top, right, bottom = candidate.box
        height, width = (bottom - top) / line.height, (right - left) / max(line.height, bottom - top)
        wide = WIDE_COST * max(0.0, width - WIDEST)
        yield {True: digit_cost + wide + LOW_COST * max(0.0, LOWEST - height), False: other_cost + wide}


def _omission_costs(line: Line, probabilities: np.ndarray, not_digit: np.ndarray) -> list[float]:
    """Return for each piece of a line the cost of its being no character, nor a part of one."""
    costs = [OMISSION_COST] * len(line.pieces)
    for candidate, likely, not_one in zip(line.candidates, probabilities, not_digit, strict=True):
        is_piece = candidate.stop == candidate.start + 1
        if is_piece and len(line.pieces) > 1 and _may_be_separator(line.pieces[candidate.start], line.height):
            separator = not_one + (1 - not_one) * likely[SEPARATOR_DIGIT]
            costs[candidate.start] = SEPARATOR_COST - math.log(max(separator, MIN_PROBABILITY))
    return costs


def _may_be_separator(piece: Piece, line_height: float) -> bool:
    height, width = piece.height / line_height, (piece.box[2] - piece.box[0]) / line_height
    return height < MAX_SEPARATOR_HEIGHT and height * width < MAX_SEPARATOR_AREA


def _separation_cost(line: Line, start: int) -> float:
    """Return the cost of a piece being of another character than the one before it."""
    piece, following = line.pieces[start - 1 : start + 1]
    cost = -CONTACT_WEIGHT * math.log(max(line.contacts[start - 1], MIN_CONTACT))
    overlap = min(piece.box[2], following.box[2]) - max(piece.box[0], following.box[0])
    if overlap > MAX_OVERLAP * min(piece.box[2] - piece.box[0], following.box[2] - following.box[0]):
        cost += OVERLAP_COST
    return cost
