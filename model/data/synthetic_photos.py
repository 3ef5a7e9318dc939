"""Synthetic photos of handwritten digits: MNIST's images rendered as a camera would see them on paper.

A photo is the reflectance of paper and ink, multiplied by the light on them and changed by the camera; all values are
in 0..1. Each kind of photo fixes how these are drawn at random.

The functions that make paper and light return float arrays of SIZE. Their arguments of type Range are limits between
which a value is drawn. Lengths are in pixels of the photo unless said otherwise.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from model.preparation.frame import BOX, SIDE, from_uint8, to_uint8

#: Height and width of the photos, in pixels.
SIZE = HEIGHT, WIDTH = (640, 480)
#: The height of a digit, in pixels, that PhotoKind.widening refers to.
REFERENCE_HEIGHT = 200
#: Standard deviation of the blur that smooths the edges of an enlarged digit, in pixels of its frame.
EDGE_BLUR = 0.35
#: Unevenness of the ink: standard deviation in pixels of the blur that makes it coarser than the pixels, and the factor
#: that makes up for the contrast lost by it.
GRAIN_BLUR, GRAIN_GAIN = 1.2, 3
#: Standard deviation of the sensor's noise.
SENSOR_NOISE = 0.012

Range = tuple[float, float]


@dataclass(frozen=True)
class PhotoKind:
    """What all photos of one kind have in common. The rest is random.

    Attributes:
        paper: makes the paper's reflectance.
        light: makes the light's intensity.
        camera: changes a photo, float (640, 480).
        absorption: range of the fraction of light that full ink absorbs.
        widening: range of pixels by which strokes are widened, or thinned if negative, in a digit of REFERENCE_HEIGHT;
            in proportion in others.
        height: range of the digit's height, in fractions of the photo's.
        texture: unevenness of the ink, as a standard deviation relative to full ink, roughly.
        margin: pixels between the digit and the photo's edges, where it fits.
        inverted: whether the ink is lighter than what it is written on.
    """

    paper: Callable[[np.random.Generator], np.ndarray]
    light: Callable[[np.random.Generator], np.ndarray]
    camera: Callable[[np.ndarray, np.random.Generator], np.ndarray] = lambda photo, rng: photo
    absorption: Range = (0.6, 0.85)
    widening: Range = (-4, 4)
    height: Range = (0.2, 0.5)
    texture: float = 0.1
    margin: int = 20
    inverted: bool = False


def synthetic_photos(images: np.ndarray, labels: np.ndarray, seed: int = 0) -> Iterator[tuple[str, int, np.ndarray]]:
    """Render each image once as each of the PHOTO_KINDS.

    A photo depends on the seed, the name of its kind and the image's place alone, not on which other kinds there are.

    Args:
        images: MNIST's, uint8 (n, 28, 28), white ink on black.
        labels: (n,), 0..9.
        seed: of the random numbers.

    Yields:
        The kind's name, the label, and the photo, uint8 (640, 480).
    """
    for name, kind in PHOTO_KINDS.items():
        for index, (image, label) in enumerate(zip(images, labels, strict=True)):
            rng = np.random.default_rng([seed, zlib.crc32(name.encode()), index])
            yield name, int(label), render_photo(image, kind, rng)


def render_photo(image: np.ndarray, kind: PhotoKind, rng: np.random.Generator) -> np.ndarray:
    """Render one of MNIST's images as a photo of a kind.

    Args:
        image: uint8 (28, 28), white ink on black.
        kind: what the photo looks like.
        rng: the only source of randomness.

    Returns:
        uint8 (640, 480).
    """
    side = round(rng.uniform(*kind.height) * HEIGHT * SIDE / BOX)
    ink = _enlarge(image, side, rng.uniform(*kind.widening) * side * BOX / SIDE / REFERENCE_HEIGHT)
    grain = _blurred_noise(rng, GRAIN_BLUR, ink.shape)
    ink = _place(np.clip(ink * (1 + kind.texture * GRAIN_GAIN * grain), 0, 1), kind.margin, rng)
    reflectance = kind.paper(rng) * (1 - rng.uniform(*kind.absorption) * ink)
    photo = kind.camera(reflectance * kind.light(rng), rng)
    photo = to_uint8(np.clip(photo + rng.normal(0, SENSOR_NOISE, photo.shape), 0, 1))
    return 255 - photo if kind.inverted else photo


def _enlarge(image: np.ndarray, side: int, widening: float) -> np.ndarray:
    """Return an image, uint8 (28, 28), as ink with sharp edges and strokes widened by some pixels: (side, side)."""
    large = cv2.resize(from_uint8(image), (side, side), interpolation=cv2.INTER_CUBIC)
    large = cv2.GaussianBlur(large, (0, 0), EDGE_BLUR * side / SIDE)
    inside = (large > 0.5).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5) - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    # Thinned, the widest stroke keeps half of its width and 1.5 pixels.
    widening = max(widening, 1.5 - distance.max())
    return np.clip(distance + widening / 2 + 0.5, 0, 1)


def _place(ink: np.ndarray, margin: int, rng: np.random.Generator) -> np.ndarray:
    """Return ink of a frame, (side, side), at a random position in the photo: (640, 480).

    The digit, which fills BOX of SIDE pixels of its frame, keeps the margin. The frame may extend beyond the photo.
    """
    side = len(ink)
    start = margin - round((SIDE - BOX) / 2 / SIDE * side)
    top = rng.integers(start, max(HEIGHT - side - start, start + 1))
    left = rng.integers(start, max(WIDTH - side - start, start + 1))
    field = np.zeros(SIZE, np.float32)
    y0, x0, y1, x1 = max(top, 0), max(left, 0), min(top + side, HEIGHT), min(left + side, WIDTH)
    field[y0:y1, x0:x1] = ink[y0 - top : y1 - top, x0 - left : x1 - left]
    return field


def _pixel_grid() -> np.ndarray:
    """Return the coordinates y, x of the photo's pixels: (2, 640, 480)."""
    return np.mgrid[:HEIGHT, :WIDTH]


def _blurred_noise(rng: np.random.Generator, blur: float, shape: tuple[int, int] = SIZE) -> np.ndarray:
    """Draw white noise of unit variance, blurred afterwards with a Gaussian of that standard deviation in pixels."""
    return cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), blur)


# Paper and other grounds.


def _plain_paper(
    rng: np.random.Generator, reflectance: Range = (0.8, 0.95), fibre_blur: float = 1.5, fibre_contrast: float = 0.01
) -> np.ndarray:
    fibres = _blurred_noise(rng, fibre_blur)
    return rng.uniform(*reflectance) + fibre_contrast * fibres


def _ruled_paper(
    rng: np.random.Generator,
    spacing: Range = (22, 60),
    absorption: Range = (0.12, 0.4),
    tilt: float = 2,
    graph: bool = False,
) -> np.ndarray:
    """Ruled paper, or graph paper. ``tilt`` is the standard deviation of the lines' angle in degrees."""
    paper = _plain_paper(rng)
    period, darkness = rng.uniform(*spacing), rng.uniform(*absorption)
    angle, phase = np.radians(rng.normal(0, tilt)), rng.uniform(0, period)
    y, x = _pixel_grid()
    positions = [y * np.cos(angle) + x * np.sin(angle)]
    if graph:
        positions.append(x * np.cos(angle) - y * np.sin(angle))
    lines = np.zeros(SIZE)
    for position in positions:
        distance = np.abs((position + phase + period / 2) % period - period / 2)
        lines = np.maximum(lines, np.clip(1.5 - distance, 0, 1))  # two pixels wide, with soft edges
    return paper * (1 - darkness * lines)


def _crumpled_paper(
    rng: np.random.Generator,
    creases: int = 8,
    slope: float = 0.035,
    slope_width: float = 60,
    ridge: float = 0.05,
    ridge_width: float = 3,
) -> np.ndarray:
    """Paper with creases: the paper is lighter on one side of each, and the ridge between them is lighter or darker.

    ``slope`` and ``ridge`` are the standard deviations of these differences in reflectance.
    """
    paper = _plain_paper(rng)
    y, x = _pixel_grid()
    for _ in range(creases):
        angle = rng.uniform(0, np.pi)
        distance = np.cos(angle) * (x - rng.uniform(0, WIDTH)) + np.sin(angle) * (y - rng.uniform(0, HEIGHT))
        paper = paper + rng.normal(0, slope) * np.tanh(distance / slope_width)
        paper = paper + rng.normal(0, ridge) * np.exp(-((distance / ridge_width) ** 2))
    return paper


def _paper_on_desk(
    rng: np.random.Generator, depth: Range = (15, 60), slant: Range = (-30, 30), reflectance: Range = (0.15, 0.5)
) -> np.ndarray:
    """Paper with a dark desk, of that depth and reflectance, beyond its slanting upper or lower edge."""
    paper = _plain_paper(rng)
    middle, rise = rng.uniform(*depth), rng.uniform(*slant)
    corners = np.array([(0, 0), (WIDTH, 0), (WIDTH, middle + rise), (0, middle - rise)])
    desk = cv2.fillPoly(np.zeros(SIZE, np.uint8), [corners.astype(np.int32)], 1)
    if rng.random() < 0.5:
        desk = desk[::-1]
    return np.where(desk > 0, rng.uniform(*reflectance), paper)


def _boxed_paper(
    rng: np.random.Generator,
    inset: Range = (15, 70),
    line_width: tuple[int, int] = (2, 6),
    absorption: Range = (0.6, 0.85),
) -> np.ndarray:
    """Paper with a rectangle or an ellipse on it, as dark as ink, at that distance from the edges."""
    left, top, right, bottom = (int(rng.uniform(*inset)) for _ in range(4))
    thickness = int(rng.integers(*line_width, endpoint=True))
    box = np.zeros(SIZE, np.uint8)
    if rng.random() < 0.5:
        cv2.rectangle(box, (left, top), (WIDTH - right, HEIGHT - bottom), 255, thickness, cv2.LINE_AA)
    else:
        x, y = (WIDTH + left - right) // 2, (HEIGHT + top - bottom) // 2
        cv2.ellipse(box, (x, y), (x - left, y - top), 0, 0, 360, 255, thickness, cv2.LINE_AA)
    return _plain_paper(rng) * (1 - rng.uniform(*absorption) * from_uint8(box))


def _sheet_on_ground(
    rng: np.random.Generator,
    inset: Range = (40, 110),
    edge_blur: Range = (1, 6),
    ground: Range = (0.55, 0.7),
    base: float = 0.85,
    glare: float = 0.5,
) -> np.ndarray:
    """A curved sheet, partly in glare, on a ground of nearly its own reflectance.

    ``base`` and ``glare`` are the sheet's reflectance out of the glare, and what full glare adds to it, relative to the
    ground's.
    """
    top, bottom, left, right = (int(rng.uniform(*inset)) for _ in range(4))
    sheet = np.zeros(SIZE, np.float32)
    sheet[top : HEIGHT - bottom, left : WIDTH - right] = 1
    sheet = cv2.GaussianBlur(sheet, (0, 0), rng.uniform(*edge_blur))
    reflectance = rng.uniform(*ground)
    return reflectance * (1 - sheet) + sheet * reflectance * (base + glare * _lamp_light(rng))


def _paper_with_finger(
    rng: np.random.Generator,
    position: Range = (0.1, 0.9),
    half_width: Range = (25, 45),
    half_length: Range = (50, 110),
    angle: Range = (-25, 25),
    reflectance: Range = (0.45, 0.65),
) -> np.ndarray:
    """Paper with a fingertip that reaches in from the upper or the lower edge.

    ``position`` is in fractions of the photo's width, ``angle`` in degrees from the vertical.
    """
    distance, edge_blur = 10, 3  # of the fingertip's centre from the photo, and of its outline
    paper = _plain_paper(rng)
    centre = (int(rng.uniform(*position) * WIDTH), HEIGHT + distance if rng.random() < 0.5 else -distance)
    axes = (int(rng.uniform(*half_width)), int(rng.uniform(*half_length)))
    finger = cv2.ellipse(np.zeros(SIZE, np.uint8), centre, axes, rng.uniform(*angle), 0, 360, 255, -1)
    coverage = from_uint8(cv2.GaussianBlur(finger, (0, 0), edge_blur))
    return paper * (1 - coverage) + rng.uniform(*reflectance) * coverage


def _blackboard(
    rng: np.random.Generator, reflectance: Range = (0.7, 0.85), smear_blur: float = 25, smear_contrast: float = 0.6
) -> np.ndarray:
    """A blackboard with smears of chalk, as a negative: photos of it are inverted."""
    smears = _blurred_noise(rng, smear_blur)
    return rng.uniform(*reflectance) + smear_contrast * smears


# Light.


def _even_light(rng: np.random.Generator, intensity: Range = (0.75, 1.0)) -> np.ndarray:
    return np.full(SIZE, rng.uniform(*intensity))


def _uneven_light(rng: np.random.Generator, full: float = 0.95, loss: Range = (0.2, 0.5)) -> np.ndarray:
    """Light that falls off linearly across the photo, by at most that loss."""
    angle, fall = rng.uniform(0, 2 * np.pi), rng.uniform(*loss)
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    return full - fall * (1 + (np.cos(angle) * x + np.sin(angle) * y) / np.sqrt(2)) / 2


def _lamp_light(rng: np.random.Generator, ambient: float = 0.35, radius: Range = (250, 450)) -> np.ndarray:
    """A bright spot somewhere in ambient light."""
    y, x = _pixel_grid()
    distance = np.hypot(y - rng.uniform(0, HEIGHT), x - rng.uniform(0, WIDTH))
    return ambient + (1 - ambient) * np.exp(-((distance / rng.uniform(*radius)) ** 2))


def _shadow(
    rng: np.random.Generator,
    full: float = 0.95,
    position: Range = (0.25, 0.75),
    loss: Range = (0.25, 0.55),
    edge: Range = (1, 12),
) -> np.ndarray:
    """A shadow with a straight edge through a point at that position, in fractions of the photo's width and height."""
    y, x = _pixel_grid()
    angle = rng.uniform(0, 2 * np.pi)
    dx, dy = x - rng.uniform(*position) * WIDTH, y - rng.uniform(*position) * HEIGHT
    depth = np.cos(angle) * dx + np.sin(angle) * dy
    return full - rng.uniform(*loss) / (1 + np.exp(-depth / rng.uniform(*edge)))


# The camera. Photos are float (640, 480).


def _perspective(photo: np.ndarray, rng: np.random.Generator, shift: Range = (0, 60)) -> np.ndarray:
    """Stretch a quadrilateral, whose corners are moved inwards by that shift, to the whole photo."""
    corners = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], np.float32)
    inwards = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) * rng.uniform(*shift, (4, 2))
    warp = cv2.getPerspectiveTransform((corners + inwards).astype(np.float32), corners)
    return cv2.warpPerspective(photo, warp, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def _reflection(
    photo: np.ndarray,
    rng: np.random.Generator,
    positions: tuple[float, float] = (0.12, 0.88),
    radius: Range = (25, 60),
    exposure: Range = (0.6, 0.85),
    edge_blur: Range = (0.5, 25),
    intensity: float = 1.275,
) -> np.ndarray:
    """Add the reflection of a lamp in a corner, so bright that it saturates the sensor.

    ``positions`` are the two choices for its centre, in fractions of the photo's width and height; ``exposure`` is the
    factor of everything else.
    """
    centre = [int(rng.choice(positions) * length) for length in (WIDTH, HEIGHT)]
    axes = (int(rng.uniform(*radius)), int(rng.uniform(*radius)))
    lamp = cv2.ellipse(np.zeros(SIZE, np.uint8), centre, axes, rng.uniform(0, 180), 0, 360, 255, -1)
    reflection = from_uint8(cv2.GaussianBlur(lamp, (0, 0), rng.uniform(*edge_blur)))
    return rng.uniform(*exposure) * photo + intensity * reflection


def _defocus(photo: np.ndarray, rng: np.random.Generator, blur: Range = (2, 4)) -> np.ndarray:
    return cv2.GaussianBlur(photo, (0, 0), rng.uniform(*blur))


def _sensor_noise(photo: np.ndarray, rng: np.random.Generator, deviation: Range = (0.04, 0.08)) -> np.ndarray:
    return photo + rng.normal(0, rng.uniform(*deviation), photo.shape)


def _jpeg(photo: np.ndarray, rng: np.random.Generator, quality: tuple[int, int] = (8, 24)) -> np.ndarray:
    """Compress with that JPEG quality, 0..100."""
    options = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*quality, endpoint=True))]
    _, encoded = cv2.imencode(".jpg", to_uint8(photo.clip(0, 1)), options)
    return from_uint8(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))


#: The kinds of photos by name.
PHOTO_KINDS = {
    "plain": PhotoKind(_plain_paper, _even_light),
    "ruled": PhotoKind(_ruled_paper, _uneven_light),
    "wide lines": PhotoKind(partial(_ruled_paper, spacing=(120, 300)), _uneven_light),
    "graph paper": PhotoKind(partial(_ruled_paper, graph=True), _uneven_light),
    "crumpled": PhotoKind(_crumpled_paper, _uneven_light),
    "shadow": PhotoKind(_plain_paper, _shadow),
    "lamp": PhotoKind(_plain_paper, _lamp_light),
    "desk edge": PhotoKind(_paper_on_desk, _uneven_light, margin=110),
    "finger": PhotoKind(_paper_with_finger, _uneven_light, margin=110),
    "box": PhotoKind(_boxed_paper, _uneven_light, height=(0.15, 0.3), margin=150),
    "reflection": PhotoKind(_plain_paper, _uneven_light, _reflection, margin=150),
    "perspective": PhotoKind(_plain_paper, _uneven_light, _perspective),
    "blur": PhotoKind(_plain_paper, _uneven_light, _defocus),
    "noise": PhotoKind(_plain_paper, _even_light, _sensor_noise),
    "JPEG": PhotoKind(_plain_paper, _uneven_light, _jpeg),
    "pen": PhotoKind(_plain_paper, _uneven_light, widening=(-14, -9)),
    "pencil": PhotoKind(_plain_paper, _uneven_light, absorption=(0.12, 0.3), widening=(-12, -5), texture=0.4),
    "marker": PhotoKind(_plain_paper, _uneven_light, absorption=(0.8, 0.95), widening=(6, 16), texture=0.02),
    "chalk": PhotoKind(_blackboard, _even_light, absorption=(0.4, 0.7), texture=0.5, inverted=True),
    "small": PhotoKind(_plain_paper, _uneven_light, height=(0.06, 0.1)),
    "sheet": PhotoKind(_sheet_on_ground, _even_light, height=(0.08, 0.16), margin=150),
}
