"""Pictures: decode any picture that a person may provide to one upright grey picture of moderate size.

Files are decoded here rather than by the page's image component, which gets several kinds of picture wrong: ink on a
transparent background, 16-bit and floating-point grey, palettes.
"""

import io
import os
import pathlib
from typing import BinaryIO

import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageOps

from model.errors import DigitPadError
from model.preparation.frame import from_uint8

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit warns before it refuses; MAX_PIXELS is checked here instead

#: A picture as callers provide it: a file's path, its bytes, or the file itself, opened in binary mode; a PIL image; or
#: an array (H, W), (H, W, 3) or (H, W, 4).
Picture = str | os.PathLike | bytes | bytearray | memoryview | BinaryIO | Image.Image | np.ndarray

#: The formats that are decoded, by Pillow's names. Of its other formats some run external programs, and cameras, phones
#: and drawing programs write none of them.
FORMATS = ("AVIF", "BMP", "GIF", "HEIF", "JPEG", "PNG", "TIFF", "WEBP")
MAX_PIXELS = 64_000_000
MAX_BYTES = 30_000_000
TOO_LARGE = (
    f"The picture is too large: the limit is {MAX_PIXELS // 1_000_000} megapixels and {MAX_BYTES // 1_000_000} MB."
)
#: Larger pictures are shrunk to this many pixels on the longer side, enough for a digit in a corner of a photo.
WORKING_SIDE = 1000
#: Decoding and the first, cheaper step of shrinking leave at least this longer side. Directly to the WORKING_SIDE they
#: would give slightly other pixels than one mean does, as the static site takes it, and the ink network another map.
DECODED_SIDE = 2 * WORKING_SIDE
#: The largest pixel value of pictures with 8, 10, 12, 14 and 16 bits a channel.
DEPTHS = (255, 1023, 4095, 16383, 65535)
#: Integers and floats up to this value, if above 1, are not taken for one of the DEPTHS but stretched.
MAX_SMALL_RANGE = 16
#: How far floats of the range 0..1 may exceed it: resizing with cubic interpolation overshoots.
OVERSHOOT = 0.5

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"

#: Pixels are opaque from this opacity on.
OPAQUE = 0.5
#: Ink that is brighter than this on average, in 0..255, is laid on black paper where the background is transparent.
BRIGHT_INK = 160
#: Pixels are of one colour if this fraction of them differs from their median by less than COLOUR_TOLERANCE.
ONE_COLOUR, COLOUR_TOLERANCE = 0.995, 16

#: Longer side in pixels at which local colour differences are measured, and the width of their neighbourhood.
COLOUR_SIDE, COLOUR_NEIGHBOURHOOD = 128, 19
#: Added to the covariance of colours, so that the channels get equal weights where there are no differences.
COLOUR_PRIOR = 0.05


class PictureError(DigitPadError, ValueError):
    """A picture cannot be read. The subclasses tell why."""

    code = "unreadable"
    status = 422


class UnopenedError(PictureError):
    """The picture's file cannot be opened."""

    code = "unopened"


class TooLargeError(PictureError):
    """The picture has more than MAX_PIXELS pixels, or its file more than MAX_BYTES bytes."""

    code = "too_large"

    def __init__(self, message: str = TOO_LARGE):
        super().__init__(message)


class CostlyPictureError(PictureError):
    """Decoding the picture takes more time or memory than there is."""

    code = "too_large"

    def __init__(self, message: str = "The picture is too large: decoding it takes too much time or memory."):
        super().__init__(message)


class InvalidPixelsError(PictureError):
    """An array or a floating-point file does not hold valid pixel values."""

    code = "no_pixels"


def load_grey(picture: Picture) -> np.ndarray:
    """Decode a picture as ``load_pixels`` does and convert it to grey: uint8 (H, W).

    Colours are projected on the axis along which neighbouring places differ most, so that yellow ink on white paper, or
    blue on red of the same brightness, keeps its contrast.

    Raises:
        PictureError: the picture cannot be read.
    """
    pixels = load_pixels(picture)
    return _grey(pixels) if pixels.ndim == 3 else pixels


def load_pixels(picture: Picture) -> np.ndarray:
    """Decode a picture, turn it upright and shrink it to WORKING_SIDE at most.

    A transparent background becomes paper. The values of arrays are taken as 0..1 (floats), as 8, 10, 12, 14 or 16
    bits, or else stretched to the full range.

    Returns:
        uint8 (H, W), or (H, W, 3), red, green, blue, if the picture is in colour.

    Raises:
        PictureError: the picture cannot be read.
    """
    if isinstance(picture, np.ndarray):
        pixels = _to_eight_bits(np.ascontiguousarray(picture))
    else:
        pixels = _decode(picture if isinstance(picture, Image.Image) else read_file(picture))
    if pixels.ndim not in (2, 3) or pixels.size == 0 or pixels.shape[2:] not in ((), (1,), (3,), (4,)):
        expected = "(H, W), (H, W, 3) or (H, W, 4)"
        raise InvalidPixelsError(f"An array of shape {pixels.shape} is not a picture; expected {expected}.")
    pixels = shrink(pixels, WORKING_SIDE)
    if pixels.shape[2:] == (4,):
        pixels = _lay_on_paper(pixels)
    return pixels if pixels.shape[2:] == (3,) else pixels.reshape(pixels.shape[:2])


def shrink(pixels: np.ndarray, side: int) -> np.ndarray:
    """Shrink pixels, (H, W) or (H, W, channels), until neither side is longer than ``side``."""
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    height, width = (max(1, round(length * scale)) for length in pixels.shape[:2])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


def read_file(picture: str | os.PathLike | bytes | bytearray | memoryview | BinaryIO) -> bytes:
    """Return a file's content, or a little more than MAX_BYTES of it if it has more.

    Raises:
        PictureError: it cannot be opened.
    """
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture)
    try:
        if not hasattr(picture, "read"):
            with pathlib.Path(picture).open("rb") as file:
                return file.read(MAX_BYTES + 1)
        content = picture.read(MAX_BYTES + 1)
    except TypeError as error:  # not a path
        raise PictureError(f"A value of type {type(picture).__name__} is not a picture.") from error
    except (OSError, ValueError) as error:  # ValueError for a name with a null byte, or a closed file
        reason = str(getattr(error, "strerror", error)).rstrip(".")
        raise UnopenedError(f"The file cannot be opened: {reason}.") from error
    if not isinstance(content, bytes):
        raise UnopenedError("The file is not opened in binary mode.")
    return content


def _decode(source: bytes | Image.Image) -> np.ndarray:
    """Return the pixels of an encoded or opened picture: uint8 (H, W), (H, W, 3) or (H, W, 4)."""
    image = _open(source) if isinstance(source, bytes) else source
    if image.width * image.height > MAX_PIXELS:
        raise TooLargeError
    try:
        if isinstance(source, bytes):
            ImageOps.exif_transpose(image, in_place=True)
        else:
            image = ImageOps.exif_transpose(image)
        image = _convert(image)
    except MemoryError:
        raise CostlyPictureError from None
    except Exception as error:  # Pillow's decoders raise nearly anything for damaged files
        raise _unreadable() from error
    return _to_eight_bits(np.asarray(image))


def _open(encoded: bytes) -> Image.Image:
    if len(encoded) > MAX_BYTES:
        raise TooLargeError
    if encoded.startswith(JPEG_START):
        # A truncated JPEG is decoded as far as it goes if it ends with an end marker; twice, because the truncation may
        # have left half a marker.
        encoded += 2 * JPEG_END
    try:
        image = Image.open(io.BytesIO(encoded), formats=FORMATS)
        # JPEG alone can be decoded at a half, a quarter or an eighth of its size, in that fraction of the time.
        scale = max(*image.size, DECODED_SIDE) / DECODED_SIDE
        image.draft(None, tuple(int(side / scale) for side in image.size))
    except Exception as error:  # Pillow's decoders raise nearly anything for damaged files
        raise _unreadable() from error
    return image


def _unreadable() -> PictureError:
    return PictureError("This is not a picture that can be read, or it is damaged.")


def _convert(image: Image.Image) -> Image.Image:
    """Convert to one of the modes RGBA, L, RGB, and F or I for more than eight bits; shrink large pictures.

    They are shrunk here because every copy of the whole takes much memory, and the arithmetic of the conversion to
    eight bits eight times as much.
    """
    if image.has_transparency_data:
        mode = "RGBA"
    elif image.mode in ("1", "L"):
        mode = "L"
    elif image.mode == "F":
        mode = "F"
    elif image.mode.startswith("I"):
        mode = "I"
    else:
        mode = "RGB"
    image = image if image.mode == mode else image.convert(mode)
    factor = max(image.size) // DECODED_SIDE
    return image.reduce(factor) if factor > 1 else image


def _to_eight_bits(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8 or array.size == 0:
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype.kind not in "iuf":
        raise InvalidPixelsError(f"An array of {array.dtype} is not a picture.")
    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all():
        raise InvalidPixelsError("The picture holds values that are not finite numbers.")
    depth = next((largest for largest in DEPTHS if high <= largest), None)
    if low >= -OVERSHOOT and high <= 1 + OVERSHOOT and array.dtype.kind == "f":
        low, high = 0, 1
    elif low >= 0 and depth and (high > MAX_SMALL_RANGE or array.dtype.kind in "iu"):
        low, high = 0, depth
    scale = 255 / (high - low) if high > low else 0
    return ((array.clip(low, high) - low) * scale + 0.5).astype(np.uint8)


def _lay_on_paper(rgba: np.ndarray) -> np.ndarray:
    """Lay a picture with transparency, (H, W, 4), on paper: (H, W, 3).

    If the opaque part is the smaller one, or of one colour, it is ink, and the paper is white or black, whichever gives
    more contrast. Otherwise the opaque part has its own paper, whose colour fills the transparent rest.
    """
    if rgba[..., 3].min() == 255:
        return np.ascontiguousarray(rgba[..., :3])
    colours, opacity = rgba[..., :3].astype(np.float32), from_uint8(rgba[..., 3:])
    opaque = colours[opacity[..., 0] > OPAQUE]
    if len(opaque) == 0:
        paper = 255.0
    elif 2 * len(opaque) > opacity.size and not _is_one_colour(opaque):
        paper = np.median(opaque, axis=0)
    else:
        paper = 0.0 if opaque.mean() > BRIGHT_INK else 255.0
    return (colours * opacity + paper * (1 - opacity) + 0.5).astype(np.uint8)


def _is_one_colour(pixels: np.ndarray) -> bool:
    """Return whether all but a few of the pixels, (n, 3), have nearly the same colour."""
    deviation = np.abs(pixels - np.median(pixels, axis=0)).max(axis=1)
    return bool(np.mean(deviation < COLOUR_TOLERANCE) > ONE_COLOUR)


def _grey(rgb: np.ndarray) -> np.ndarray:
    """Project colours, uint8 (H, W, 3), on the axis of the largest local differences: uint8 (H, W)."""
    factor = -(-max(rgb.shape[:2]) // COLOUR_SIDE)
    width, height = (-(-side // factor) for side in rgb.shape[1::-1])
    small = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    local = (small - cv2.blur(small, (COLOUR_NEIGHBOURHOOD, COLOUR_NEIGHBOURHOOD))).reshape(-1, 3)
    # Weighted by the root of their size, so that a few strong edges (a desk's, a thumb's) do not outvote the ink.
    covariance = local.T @ (local / np.sqrt(np.linalg.norm(local, axis=1, keepdims=True) + 1)) / len(local)
    covariance += COLOUR_PRIOR
    axis = np.linalg.eigh(covariance)[1][:, -1]
    axis = axis if axis.sum() > 0 else -axis
    weights = axis / np.abs(axis).sum()
    offset = -255 * weights[weights < 0].sum()
    return cv2.transform(rgb, np.append(weights, offset)[None].astype(np.float32))
