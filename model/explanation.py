"""Attribution: how much each part of the ink contributes to an answer."""

import numpy as np

from model.preparation.frame import SIDE, Network

#: Side of the occluded patches and the distance between them, in pixels of the frame.
PATCH, STRIDE = 5, 2
#: Colours of the saliency map, red, green, blue: for the answer, against it; and the grey of ink with no effect.
SUPPORTING, OPPOSING, NEUTRAL = (64, 156, 255), (255, 140, 26), 90
#: Exponent that makes weak attributions visible.
GAMMA = 0.5
#: Keeps the scale of an all-zero attribution finite.
TINY = 1e-9


def occlusion(network: Network, frame: np.ndarray, digit: int) -> np.ndarray:
    """Attribute a digit's log-odds to the ink of a frame.

    The method is occlusion (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks"): patches
    of ink are removed one at a time, and the change in the digit's log-odds is credited to the ink that was removed.

    Args:
        network: maps frames to probabilities.
        frame: float32 (28, 28) in 0..1.
        digit: 0..9.

    Returns:
        float32 (28, 28), in nats: positive where ink makes the digit more probable, negative where less, 0 where
        there is no ink.
    """
    corners = [(top, left) for top in range(1 - STRIDE, SIDE, STRIDE) for left in range(1 - STRIDE, SIDE, STRIDE)]
    patches = np.zeros((len(corners), SIDE, SIDE), bool)
    for patch, (top, left) in zip(patches, corners, strict=True):
        patch[max(top, 0) : top + PATCH, max(left, 0) : left + PATCH] = True
    patches = patches[(patches * frame).any(axis=(1, 2))]
    if len(patches) == 0:
        return np.zeros((SIDE, SIDE), np.float32)
    probabilities, _ = network(np.concatenate([frame[None], np.where(patches, 0, frame)]).astype(np.float32))
    log_odds = np.log(probabilities[:, digit]) - np.log(np.delete(probabilities, digit, axis=1).sum(axis=1))
    change = log_odds[0] - log_odds[1:]
    covering = patches.sum(axis=0)
    attribution = (change[:, None, None] * patches).sum(axis=0) / np.maximum(covering, 1)
    return (attribution * frame).astype(np.float32)


def saliency_map(frame: np.ndarray, attribution: np.ndarray) -> np.ndarray:
    """Return a frame with its ink coloured by its attribution, both (28, 28): uint8 (28, 28, 3), red, green, blue.

    Blue ink supports the answer, orange ink opposes it, grey ink has no effect.
    """
    magnitude = np.abs(attribution) / max(np.abs(attribution).max(), TINY)
    colours = np.where(attribution[..., None] > 0, SUPPORTING, OPPOSING)
    coloured = NEUTRAL + magnitude[..., None] ** GAMMA * (colours - NEUTRAL)
    return (frame[..., None] * coloured).round().astype(np.uint8)
