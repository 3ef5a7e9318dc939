"""From an ink map to characters in reading order.

The ink is cut into pieces (``pieces``). A character is one piece of a line, or several neighbouring ones (``lines``).
The classifier predicts what the frames of those that may be characters show, and the most probable path through each
line is taken (``best_path``).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from model.preparation.best_path import best_path
from model.preparation.frame import Network
from model.preparation.ink import INKED, Box, InkMap
from model.preparation.lines import Candidate, Line, find_lines
from model.preparation.pieces import Piece, PixelBox, cut


@dataclass(frozen=True, eq=False)
class Character:
    """A character as it was read.

    Attributes:
        digit: 0..9, or None for what is not a digit.
        probabilities: float32 (10,), of each digit, given that it is one.
        frame: float32 (28, 28) in 0..1, white ink on black.
        line: its line, counted from 0.
        box: in fractions of the picture's width and height.
        outline: polygons, float (n, 2), of points x, y in fractions of the picture's width and height.
    """

    digit: int | None
    probabilities: np.ndarray
    frame: np.ndarray
    line: int
    box: Box
    outline: list[np.ndarray]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """All that may be characters in an ink map.

    Attributes:
        ink_map: the map.
        owners: int32 (h, w), the number of the piece that each pixel of the map belongs to.
        lines: from top to bottom.
    """

    ink_map: InkMap
    owners: np.ndarray
    lines: list[Line]

    def read(self, network: Network) -> list[Character]:
        """Return the most probable characters in reading order, as a network classifies them."""
        return [
            Character(
                int(step.probabilities.argmax()) if step.is_digit else None,
                step.probabilities,
                step.candidate.frame,
                number,
                self.place(step.candidate.box),
                self._outline(line.pieces[step.candidate.start : step.candidate.stop]),
            )
            for number, line in enumerate(self.lines)
            for step in best_path(line, lambda candidates: network(np.stack([each.frame for each in candidates])))
        ]

    def place(self, box: PixelBox) -> Box:
        """Convert a box in pixels of the map to fractions of the picture."""
        return tuple(self._in_picture(np.array(box, float).reshape(2, 2)).ravel().tolist())

    def _in_picture(self, points: np.ndarray) -> np.ndarray:
        """Convert points (n, 2), x and y in pixels of the map, to fractions of the picture."""
        height, width = self.owners.shape
        left, top, right, bottom = self.ink_map.box
        return points * [(right - left) / width, (bottom - top) / height] + [left, top]

    def _outline(self, pieces: list[Piece]) -> list[np.ndarray]:
        """Return the outline of pieces as polygons in fractions of the picture."""
        inside = np.isin(self.owners, [piece.number for piece in pieces]) & (self.ink_map.ink > INKED)
        polygons, _ = cv2.findContours(np.pad(inside, 1).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        return [self._in_picture(polygon[:, 0] - 0.5) for polygon in polygons]


def segment(ink_map: InkMap) -> Segmentation:
    """Find all that may be characters in an ink map."""
    owners, pieces = cut(ink_map)
    return Segmentation(ink_map, owners, find_lines(ink_map, owners, pieces))


def segment_frame(frame: np.ndarray) -> Segmentation:
    """Return the segmentation of a picture that is a frame, float32 (28, 28) in 0..1: it is one character."""
    ink = np.ascontiguousarray(frame)
    x, y, width, height = cv2.boundingRect((ink > 0).astype(np.uint8))
    box = (x, y, x + width, y + height)
    line = Line([Piece(1, box, 1)], [], height, [Candidate(0, 1, box, lambda: frame)])
    return Segmentation(InkMap(ink, np.zeros_like(ink)), np.ones(ink.shape, np.int32), [line])
