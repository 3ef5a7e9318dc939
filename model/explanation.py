"""Which ink spoke for an answer, and which against it."""

import numpy as np

from model.probabilities import Network

SIDE = 28
PATCH, STRIDE = 5, 2


def occlusion(network: Network, frame: np.ndarray, digit: int) -> np.ndarray:
    """How much the ink at each place of a frame, float32 (28, 28) in 0..1, speaks for a digit: float32 (28, 28).

    By occlusion (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks"): patches of ink are
    taken away one after the other, and what that costs the digit's log-odds, in nats, is credited to the ink that was
    there; below 0, the digit is likelier without it. Where there is no ink it is 0.
    """
    corners = [(top, left) for top in range(1 - STRIDE, SIDE, STRIDE) for left in range(1 - STRIDE, SIDE, STRIDE)]
    patches = np.zeros((len(corners), SIDE, SIDE), bool)
    for patch, (top, left) in zip(patches, corners, strict=True):
        patch[max(top, 0) : top + PATCH, max(left, 0) : left + PATCH] = True
    patches = patches[(patches * frame).any(axis=(1, 2))]
    if len(patches) == 0:
        return np.zeros((SIDE, SIDE), np.float32)
    probabilities, _ = network(np.concatenate([frame[None], np.where(patches, 0, frame)]).astype(np.float32))
    odds = np.log(probabilities[:, digit]) - np.log(np.delete(probabilities, digit, axis=1).sum(axis=1))
    cost = odds[0] - odds[1:]
    covering = patches.sum(axis=0)
    credit = (cost[:, None, None] * patches).sum(axis=0) / np.maximum(covering, 1)
    return (credit * frame).astype(np.float32)


def heat_map(frame: np.ndarray, said: np.ndarray) -> np.ndarray:
    """A frame with its ink coloured by what it said, each (28, 28): blue for the answer, orange against it, grey where
    it made no difference; uint8 (28, 28, 3), red, green, blue."""
    strength = np.abs(said) / max(np.abs(said).max(), 1e-9)
    colours = np.where(said[..., None] > 0, (64, 156, 255), (255, 140, 26))
    coloured = 90 + strength[..., None] ** 0.5 * (colours - 90)
    return (frame[..., None] * coloured).round().astype(np.uint8)
