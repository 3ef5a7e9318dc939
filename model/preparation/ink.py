"""From a grey picture to its ink map: how probable it is that each pixel is handwriting, found by a small network."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from model.preparation.frame import from_uint8

#: Maps a standardised picture, float32 (h, w, 2) of one of the SHAPES, to the probabilities of ink and of contact
#: between two characters, float32 (h, w, 2).
InkNetwork = Callable[[np.ndarray], np.ndarray]

#: Heights and widths that the network is run at: squares, and wider ones for numbers. The first is for small pictures.
SHAPES = ((128, 128), (192, 192), (128, 288), (96, 384))
#: Small pictures are enlarged to fill the shape, but not more than this.
MAX_ENLARGEMENT = 4.0
#: Writing less high than this, in pixels of the map, is smaller than what the network is trained on: it is looked at
#: again, enlarged ...
MIN_HEIGHT = 17
#: ... if the picture has at least this many pixels for each of the map's.
MIN_REDUCTION = 1.3
#: Margin around the writing in the second look: a fraction of its smaller side, at least this many pixels of the map.
MARGIN, MIN_MARGIN = 0.3, 8
#: Probability from which a pixel is ink, and the fewest such pixels that are not a speck.
INKED, MIN_AREA = 0.35, 6

#: Probabilities of ink from which it is sure, below which it is paper, and above which it is possible.
SURE_INK, SURE_PAPER, POSSIBLE_INK = 0.7, 0.1, 0.02
#: Added to grey levels, whose floors are taken: a little less than a half, so that halves are rounded down.
ROUNDING = 0.499
#: The mean probability of ink in a mark, by the network alone, below which the mark is not raised to the contrast.
MIN_MEAN_INK = 0.4
#: The smallest difference of ink and paper in grey levels, and the weight of the whole picture's mean in a local one.
MIN_CONTRAST, MEAN_WEIGHT = 4.0, 1e-3
#: Whether a picture is dark on light is told from every so many of its rows and columns.
SAMPLING = 3

#: Added to standard deviations, so that the noise of blank pictures is not enlarged to the contrast of ink.
GLOBAL_FLOOR, LOCAL_FLOOR = 0.02, 0.01
#: Side of the neighbourhood in which a picture is standardised locally, in fractions of its longer side.
NEIGHBOURHOOD = 1 / 6
#: Limit of the standardised values.
MAX_DEVIATION = 6.0

#: Left, top, right and bottom.
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class InkMap:
    """The ink of a picture or a part of it.

    Attributes:
        ink: float32 (h, w), the probability of ink.
        contact: float32 (h, w), the probability that two characters touch.
        box: where it is, in fractions of the picture's width and height.
    """

    ink: np.ndarray = field(repr=False)
    contact: np.ndarray = field(repr=False)
    box: Box = (0.0, 0.0, 1.0, 1.0)


def signature_name(shape: tuple[int, int]) -> str:
    """Return the name of the ink network's signature for pictures of that height and width."""
    height, width = shape
    return f"{height}x{width}"


def find_ink(grey: np.ndarray, network: InkNetwork) -> InkMap:
    """Find the ink in a picture, dark on light or light on dark.

    Args:
        grey: uint8 (h, w), upright.
        network: the ink network.
    """
    grey = dark_on_light(grey)
    ink, contact = _run(grey, network)
    height, width = grey.shape
    reduction = width / ink.shape[1]
    writing = _small_writing(ink) if reduction >= MIN_REDUCTION else None
    if writing is None:
        return InkMap(ink, contact)
    left, top, right, bottom = (round(length * reduction) for length in writing)
    right, bottom = min(right, width), min(bottom, height)
    part = np.ascontiguousarray(grey[top:bottom, left:right])
    return InkMap(*_run(part, network), (left / width, top / height, right / width, bottom / height))


def dark_on_light(grey: np.ndarray) -> np.ndarray:
    """Return a picture, uint8 (h, w), or its negative, whichever is mostly light: ink is rarer than paper.

    So a picture and its negative give the same ink.
    """
    sample = grey[::SAMPLING, ::SAMPLING]
    return 255 - grey if sample.mean() > np.median(sample) else grey


def standardised(grey: np.ndarray) -> np.ndarray:
    """Standardise a picture over the whole of it and over each pixel's neighbourhood.

    Args:
        grey: uint8 (h, w), as dark_on_light returns it.

    Returns:
        float32 (h, w, 2), in standard deviations from the mean.
    """
    pixels = from_uint8(grey)
    globally = (pixels - pixels.mean()) / (pixels.std() + GLOBAL_FLOOR)
    side = int(max(pixels.shape) * NEIGHBOURHOOD) | 1
    mean, mean_of_squares = (
        cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT) for values in (pixels, pixels * pixels)
    )
    deviation = np.sqrt(np.maximum(mean_of_squares - mean * mean, 0))
    locally = (pixels - mean) / (deviation + LOCAL_FLOOR)
    return np.stack([globally, locally], axis=-1).clip(-MAX_DEVIATION, MAX_DEVIATION)


def _run(grey: np.ndarray, network: InkNetwork) -> tuple[np.ndarray, np.ndarray]:
    """Run the network at the first shape that holds the picture, or else at the one that shows it largest.

    Returns:
        Ink and contact, float32 (h, w).
    """
    scales = [min(height / grey.shape[0], width / grey.shape[1]) for height, width in SHAPES]
    index = next((index for index, scale in enumerate(scales) if scale >= 1), int(np.argmax(scales)))
    scale, shape = min(scales[index], MAX_ENLARGEMENT), SHAPES[index]
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    # Shrinking makes many halves. They are rounded down, whatever the errors of the floats that they were added up in.
    resized = cv2.resize(grey.astype(np.float32), (width, height), interpolation=method)
    resized = np.floor(resized + ROUNDING).clip(0, 255).astype(np.uint8)
    top, left = (shape[0] - height) // 2, (shape[1] - width) // 2
    bottom, right = shape[0] - height - top, shape[1] - width - left
    padded = cv2.copyMakeBorder(resized, top, bottom, left, right, cv2.BORDER_REPLICATE)
    found = network(standardised(padded))[top : top + height, left : left + width]
    return _with_contrast(found[..., 0], resized), found[..., 1]


def _with_contrast(ink: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """Raise the probability of ink to the contrast of the picture where there may be ink.

    The network tells ink from what is not; it is less sure of faint parts of strokes. How much ink they have is the
    contrast: 0 for what paper nearby is like, 1 for what sure ink nearby is like. Marks that the network does not take
    for ink stay as they are, such as parts of a circle around a digit.

    Args:
        ink: float32 (h, w), the probability of ink.
        grey: uint8 (h, w), dark on light.
    """
    is_ink, is_paper = (mask.astype(np.float32) for mask in (ink > SURE_INK, ink < SURE_PAPER))
    if is_ink.sum() < MIN_AREA:
        return ink
    pixels = grey.astype(np.float32)
    side = int(max(ink.shape) * NEIGHBOURHOOD) | 1
    dark, light = (_local_mean(pixels, mask, side) for mask in (is_ink, is_paper))
    contrast = (light - pixels) / np.maximum(light - dark, MIN_CONTRAST)
    raised = np.where(ink > POSSIBLE_INK, np.maximum(ink, contrast.clip(0, 1)), ink)
    _, marks = cv2.connectedComponents((raised > INKED).astype(np.uint8))
    means = np.bincount(marks.ravel(), ink.ravel()) / np.maximum(np.bincount(marks.ravel()), 1)
    return np.where((means < MIN_MEAN_INK)[marks] & (marks > 0), ink, raised)


def _local_mean(values: np.ndarray, mask: np.ndarray, side: int) -> np.ndarray:
    """Return the mean of the values in a mask, in a square around each pixel; where there are few, of all of them."""
    total = (values * mask).sum() / max(mask.sum(), 1)
    sums, counts = (cv2.blur(each, (side, side), borderType=cv2.BORDER_REFLECT) for each in (values * mask, mask))
    return (sums + MEAN_WEIGHT * total) / (counts + MEAN_WEIGHT)


def _small_writing(ink: np.ndarray) -> Box | None:
    """Return the box around all ink but specks, with a margin, in pixels of the map, if all of it is less high than
    MIN_HEIGHT."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((ink > INKED).astype(np.uint8))
    stats = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= MIN_AREA]
    if len(stats) == 0 or stats[:, cv2.CC_STAT_HEIGHT].max() >= MIN_HEIGHT:
        return None
    left, top = stats[:, :2].min(axis=0)
    right, bottom = (stats[:, :2] + stats[:, 2:4]).max(axis=0)
    margin = MARGIN * min(right - left, bottom - top) + MIN_MARGIN
    height, width = ink.shape
    return (
        max(0.0, left - margin),
        max(0.0, top - margin),
        min(float(width), right + margin),
        min(float(height), bottom + margin),
    )
