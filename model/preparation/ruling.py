"""The lines of ruled and squared paper, told from ink: straight, thin, long, and many side by side, or fainter."""

import cv2
import numpy as np

from model.preparation.marks import components

#: Parallel lines, side by side, that make a ruling; a digit has at most two.
LEAST_LINES = 3
#: Length of a line, as a share of the shorter side of the picture.
LEAST_LENGTH = 0.25
#: A line from border to border is ruling even alone if it is fainter than this share of the ink.
FAINT = 0.8
#: Lines within this angle of each other, in radians, are parallel: paper is seldom seen squarely.
PARALLEL = 0.06


def find_ruling(marks: np.ndarray, contrast: np.ndarray) -> np.ndarray:
    """Where the lines of ruled or squared paper are among marks, uint8 (H, W) of 0 and 1; bool (H, W).

    ``contrast``, uint8 (H, W), is how dark the marks are.

    Lines are found by the probabilistic Hough transform (Matas, Galambos and Kittler 2000). Where a stroke crosses a
    line it is thicker than the line, and so stays out of the ruling.
    """
    ruling = np.zeros(marks.shape, bool)
    side = min(marks.shape)
    pen = max(5, side // 50)
    thin = marks & (1 - cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((pen, pen), np.uint8)))
    if not _spanning(thin, LEAST_LENGTH * side):
        return ruling
    segments = cv2.HoughLinesP(
        thin, 1, np.pi / 360, threshold=side // 6, minLineLength=LEAST_LENGTH * side, maxLineGap=side // 16
    )
    if segments is None:
        return ruling
    segments = segments.reshape(-1, 4)
    to_edge = cv2.distanceTransform(marks, cv2.DIST_L2, 3)
    for family in [*_families(segments), _faint_throughout(segments, marks, contrast)]:
        drawn = np.zeros(marks.shape, np.uint8)
        for x0, y0, x1, y1 in family:
            # Drawn on beyond its ends: what it is found by stops at every stroke that crosses it.
            across, down = 3 * (x1 - x0), 3 * (y1 - y0)
            cv2.line(drawn, (int(x0 - across), int(y0 - down)), (int(x1 + across), int(y1 + down)), 1)
        on_lines = (drawn > 0) & (marks > 0)
        if not on_lines.any():
            continue
        half_width = np.median(to_edge[on_lines])
        reach = 2 * int(np.ceil(half_width)) + 3
        near = cv2.dilate(drawn, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))) > 0
        thick = cv2.dilate(np.where(to_edge > half_width + 1, to_edge, 0), np.ones((3, 3), np.uint8)) > 0
        ruling |= near & ~thick
    return ruling


def _faint_throughout(segments: np.ndarray, marks: np.ndarray, contrast: np.ndarray) -> np.ndarray:
    """Those of the segments, (n, 4) of x0, y0, x1, y1, that go on from border to border and are fainter than ink."""
    height, width = marks.shape
    x0, y0, x1, y1 = segments.T
    across, down = 9 * (x1 - x0), 9 * (y1 - y0)
    whole = [
        cv2.clipLine((0, 0, width, height), (x - dx, y - dy), (x + dx, y + dy))[1:]
        for x, y, dx, dy in np.stack([x0, y0, across, down], axis=1).tolist()
    ]
    x, y = np.linspace(*np.array(whole).transpose(1, 0, 2), 200).round().astype(int).T
    # A segment may lie a pixel beside its line.
    marked, darkness = (cv2.dilate(values, np.ones((3, 3), np.uint8))[y, x] for values in (marks, contrast))
    faint = np.median(darkness, axis=1) < FAINT * np.percentile(contrast[marks > 0], 90)
    return segments[(marked.mean(axis=1) > 0.9) & faint]


def _spanning(marks: np.ndarray, length: float) -> bool:
    """Whether anything marked reaches that far across or down; most pictures are done with here."""
    _, _, stats, _ = components(marks)
    return bool((stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] > length).any())


def _families(segments: np.ndarray) -> list[np.ndarray]:
    """Those of the segments, (n, 4) of x0, y0, x1, y1, that are many and parallel, a family for each direction."""
    x0, y0, x1, y1 = segments.T.astype(float)
    length, angle = np.hypot(x1 - x0, y1 - y0), np.arctan2(y1 - y0, x1 - x0) % np.pi
    families = []
    left = np.ones(len(segments), bool)
    while left.sum() >= LEAST_LINES:
        apart = np.abs(angle[:, None] - angle[left][None])
        parallel = (np.minimum(apart, np.pi - apart) < PARALLEL) & left[:, None]
        direction = angle[left][(parallel * length[:, None]).sum(axis=0).argmax()]
        apart = np.abs(angle - direction)
        chosen = left & (np.minimum(apart, np.pi - apart) < PARALLEL)
        middle_x, middle_y = (x0 + x1)[chosen] / 2, (y0 + y1)[chosen] / 2
        offsets = np.sort(middle_y * np.cos(direction) - middle_x * np.sin(direction))
        if 1 + (np.diff(offsets) > 8).sum() < LEAST_LINES:
            break
        families.append(segments[chosen])
        left &= ~chosen
    return families
