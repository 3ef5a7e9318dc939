"""Pictures of digits as cameras see them, generated: any number, for each of the conditions that real photos come in.

A picture is ink on paper, under a light, seen by a camera, each of them drawn at random around what its condition
fixes. All values are reflectances or brightnesses of 0 to 1.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

#: Height and width of the pictures.
SIZE = (640, 480)


@dataclass(frozen=True)
class Condition:
    """What is fixed of a picture; all else is drawn at random.

    ``paper`` and ``light`` make an array of SIZE; ``ink`` is how much light full ink takes, its least and most;
    ``pen`` how many pixels strokes are widened by (or thinned, below 0) for a digit of 200 pixels, least and most;
    ``height`` the digit's height as a share of the picture's; ``texture`` how uneven the ink is; ``rim`` how many
    pixels the digit keeps off the border, where there is room; ``camera`` changes the finished picture; ``inverted`` is
    light on dark.
    """

    paper: Callable[[np.random.Generator], np.ndarray]
    light: Callable[[np.random.Generator], np.ndarray]
    ink: tuple[float, float] = (0.6, 0.85)
    pen: tuple[float, float] = (-4, 4)
    height: tuple[float, float] = (0.2, 0.5)
    texture: float = 0.1
    camera: Callable[[np.ndarray, np.random.Generator], np.ndarray] = lambda picture, rng: picture
    inverted: bool = False
    rim: int = 20


def stress_pictures(images: np.ndarray, labels: np.ndarray, seed: int = 0) -> Iterator[tuple[str, int, np.ndarray]]:
    """Picture each of MNIST's images, uint8 (n, 28, 28), once in each condition.

    Yields the condition's name, the label, and the picture, uint8 (H, W).
    """
    for number, (name, condition) in enumerate(CONDITIONS.items()):
        for index, (image, label) in enumerate(zip(images, labels, strict=True)):
            yield name, int(label), picture(image, condition, np.random.default_rng([seed, number, index]))


def picture(image: np.ndarray, condition: Condition, rng: np.random.Generator) -> np.ndarray:
    """Picture one of MNIST's images, uint8 (28, 28), in a condition: uint8 (H, W)."""
    side = round(rng.uniform(*condition.height) * SIZE[0] * 28 / 20)
    ink = _stroke_like(image, side, rng.uniform(*condition.pen) * side / 280)
    grain = cv2.GaussianBlur(rng.normal(0, 1, ink.shape).astype(np.float32), (0, 0), 1.2)
    ink = np.clip(ink * (1 + condition.texture * 3 * grain), 0, 1)
    field = np.zeros(SIZE, np.float32)
    # The digit lies wholly within the picture, anywhere but at its rim.
    margin = condition.rim - round(0.14 * side)
    top = rng.integers(margin, max(SIZE[0] - side - margin, margin + 1))
    left = rng.integers(margin, max(SIZE[1] - side - margin, margin + 1))
    y0, x0, y1, x1 = max(top, 0), max(left, 0), min(top + side, SIZE[0]), min(left + side, SIZE[1])
    field[y0:y1, x0:x1] = ink[y0 - top : y1 - top, x0 - left : x1 - left]
    reflected = condition.paper(rng) * (1 - rng.uniform(*condition.ink) * field)
    seen = condition.camera(reflected * condition.light(rng), rng)
    seen = np.clip(seen + rng.normal(0, 0.012, seen.shape), 0, 1)
    seen = (255 * seen).astype(np.uint8)
    return 255 - seen if condition.inverted else seen


def _stroke_like(image: np.ndarray, side: int, wider: float) -> np.ndarray:
    """MNIST's image enlarged to ink with smooth, sharp edges, and strokes wider by some pixels: (side, side)."""
    large = cv2.resize(image.astype(np.float32) / 255, (side, side), interpolation=cv2.INTER_CUBIC)
    large = cv2.GaussianBlur(large, (0, 0), side / 80)
    inside = (large > 0.5).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5) - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    # A pen thinner than the stroke is wide leaves its middle.
    wider = max(wider, 1.5 - distance.max())
    return np.clip(distance + wider / 2 + 0.5, 0, 1)


def _plain(rng: np.random.Generator) -> np.ndarray:
    fibres = cv2.GaussianBlur(rng.normal(0, 1, SIZE).astype(np.float32), (0, 0), 1.5)
    return rng.uniform(0.8, 0.95) + 0.01 * fibres


def _ruled(rng: np.random.Generator, squared: bool = False, spacing: tuple[float, float] = (22, 60)) -> np.ndarray:
    paper = _plain(rng)
    spacing, darkness = rng.uniform(*spacing), rng.uniform(0.12, 0.4)
    angle, phase = np.radians(rng.normal(0, 2)), rng.uniform(0, spacing)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    across = [y * np.cos(angle) + x * np.sin(angle)]
    if squared:
        across.append(x * np.cos(angle) - y * np.sin(angle))
    lines = np.zeros(SIZE)
    for distance in across:
        from_line = np.abs((distance + phase + spacing / 2) % spacing - spacing / 2)
        lines = np.maximum(lines, np.clip(1.5 - from_line, 0, 1))
    return paper * (1 - darkness * lines)


def _crumpled(rng: np.random.Generator) -> np.ndarray:
    paper = _plain(rng)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    for _ in range(8):
        angle = rng.uniform(0, np.pi)
        distance = np.cos(angle) * (x - rng.uniform(0, SIZE[1])) + np.sin(angle) * (y - rng.uniform(0, SIZE[0]))
        # A crease: a slope of the paper on one side, with a narrow bright or dark ridge.
        paper = (
            paper + rng.normal(0, 0.035) * np.tanh(distance / 60) + rng.normal(0, 0.05) * np.exp(-((distance / 3) ** 2))
        )
    return paper


def _with_a_desk(rng: np.random.Generator) -> np.ndarray:
    paper = _plain(rng)
    depth, slant, width = rng.uniform(15, 60), rng.uniform(-30, 30), SIZE[1]
    edge = np.array([(0, 0), (width, 0), (width, depth + slant), (0, depth - slant)])
    desk = cv2.fillPoly(np.zeros(SIZE, np.uint8), [edge.astype(np.int32)], 1)
    if rng.random() < 0.5:
        desk = desk[::-1]
    return np.where(desk > 0, rng.uniform(0.15, 0.5), paper)


def _boxed(rng: np.random.Generator) -> np.ndarray:
    """Paper with a box on it, or an ellipse, as dark as ink."""
    left, top, right, bottom = (int(rng.uniform(15, 70)) for _ in range(4))
    box = np.zeros(SIZE, np.uint8)
    width, middle = int(rng.integers(2, 7)), ((SIZE[1] + left - right) // 2, (SIZE[0] + top - bottom) // 2)
    if rng.random() < 0.5:
        cv2.rectangle(box, (left, top), (SIZE[1] - right, SIZE[0] - bottom), 255, width, cv2.LINE_AA)
    else:
        cv2.ellipse(box, middle, (middle[0] - left, middle[1] - top), 0, 0, 360, 255, width, cv2.LINE_AA)
    return _plain(rng) * (1 - rng.uniform(0.6, 0.85) * box / 255)


def _sheet(rng: np.random.Generator) -> np.ndarray:
    """A curved sheet, partly in glare, on a ground of nearly its own brightness."""
    top, bottom, left, right = (int(rng.uniform(40, 110)) for _ in range(4))
    sheet = np.zeros(SIZE, np.float32)
    sheet[top : SIZE[0] - bottom, left : SIZE[1] - right] = 1
    sheet = cv2.GaussianBlur(sheet, (0, 0), rng.uniform(1, 6))
    ground = rng.uniform(0.55, 0.7)
    return ground * (1 - sheet) + sheet * ground * (0.85 + 0.5 * _lamp(rng))


def _with_a_finger(rng: np.random.Generator) -> np.ndarray:
    paper = _plain(rng)
    place = (int(rng.uniform(0.1, 0.9) * SIZE[1]), SIZE[0] + 10 if rng.random() < 0.5 else -10)
    finger = np.zeros(SIZE, np.uint8)
    cv2.ellipse(
        finger, place, (int(rng.uniform(25, 45)), int(rng.uniform(50, 110))), rng.uniform(-25, 25), 0, 360, 255, -1
    )
    share = cv2.GaussianBlur(finger, (0, 0), 3) / 255
    return paper * (1 - share) + rng.uniform(0.45, 0.65) * share


def _board(rng: np.random.Generator) -> np.ndarray:
    smears = cv2.GaussianBlur(rng.normal(0, 1, SIZE).astype(np.float32), (0, 0), 25)
    return rng.uniform(0.7, 0.85) + 0.6 * smears


def _even(rng: np.random.Generator) -> np.ndarray:
    return np.full(SIZE, rng.uniform(0.75, 1.0))


def _uneven(rng: np.random.Generator) -> np.ndarray:
    angle, fall = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.5)
    y, x = np.mgrid[-1 : 1 : SIZE[0] * 1j, -1 : 1 : SIZE[1] * 1j]
    return 0.95 - fall * (1 + (np.cos(angle) * x + np.sin(angle) * y) / np.sqrt(2)) / 2


def _lamp(rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    distance = np.hypot(y - rng.uniform(0, SIZE[0]), x - rng.uniform(0, SIZE[1]))
    return 0.35 + 0.65 * np.exp(-((distance / rng.uniform(250, 450)) ** 2))


def _shadow(rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    angle = rng.uniform(0, 2 * np.pi)
    beyond = np.cos(angle) * (x - rng.uniform(0.25, 0.75) * SIZE[1]) + np.sin(angle) * (
        y - rng.uniform(0.25, 0.75) * SIZE[0]
    )
    return 0.95 - rng.uniform(0.25, 0.55) / (1 + np.exp(-beyond / rng.uniform(1, 12)))


def _perspective(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    corners = np.array([(0, 0), (SIZE[1], 0), SIZE[::-1], (0, SIZE[0])], np.float32)
    inwards = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) * rng.uniform(0, 60, (4, 2))
    warp = cv2.getPerspectiveTransform((corners + inwards).astype(np.float32), corners)
    return cv2.warpPerspective(picture, warp, SIZE[::-1], borderMode=cv2.BORDER_REPLICATE)


def _with_a_reflection(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A lamp's reflection in a corner, brighter than the camera can tell."""
    place = [rng.choice([0.12, 0.88]) * side for side in SIZE[::-1]]
    axes = (int(rng.uniform(25, 60)), int(rng.uniform(25, 60)))
    lamp = cv2.ellipse(np.zeros(SIZE, np.uint8), [int(at) for at in place], axes, rng.uniform(0, 180), 0, 360, 255, -1)
    return rng.uniform(0.6, 0.85) * picture + cv2.GaussianBlur(lamp, (0, 0), rng.uniform(0.5, 25)) / 200


def _blurred(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(2, 4))


def _noisy(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return picture + rng.normal(0, rng.uniform(0.04, 0.08), picture.shape)


def _jpeg(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(8, 25))]
    _, file = cv2.imencode(".jpg", (255 * picture.clip(0, 1)).astype(np.uint8), quality)
    return cv2.imdecode(file, cv2.IMREAD_GRAYSCALE) / 255


CONDITIONS = {
    "plain": Condition(_plain, _even),
    "ruled": Condition(_ruled, _uneven),
    "wide lines": Condition(partial(_ruled, spacing=(120, 300)), _uneven),
    "squared": Condition(partial(_ruled, squared=True), _uneven),
    "crumpled": Condition(_crumpled, _uneven),
    "shadow": Condition(_plain, _shadow),
    "lamp": Condition(_plain, _lamp),
    "desk edge": Condition(_with_a_desk, _uneven, rim=110),
    "finger": Condition(_with_a_finger, _uneven, rim=110),
    "box": Condition(_boxed, _uneven, height=(0.15, 0.3), rim=150),
    "reflection": Condition(_plain, _uneven, camera=_with_a_reflection, rim=150),
    "perspective": Condition(_plain, _uneven, camera=_perspective),
    "blur": Condition(_plain, _uneven, camera=_blurred),
    "noise": Condition(_plain, _even, camera=_noisy),
    "JPEG": Condition(_plain, _uneven, camera=_jpeg),
    "pen": Condition(_plain, _uneven, pen=(-14, -9)),
    "pencil": Condition(_plain, _uneven, ink=(0.12, 0.3), pen=(-12, -5), texture=0.4),
    "marker": Condition(_plain, _uneven, ink=(0.8, 0.95), pen=(6, 16), texture=0.02),
    "chalk": Condition(_board, _even, ink=(0.4, 0.7), texture=0.5, inverted=True),
    "small": Condition(_plain, _uneven, height=(0.06, 0.1)),
    "sheet": Condition(_sheet, _even, height=(0.08, 0.16), rim=150),
}
