"""From any picture a person may hand over to one upright grey picture of moderate size.

Files are decoded here and not by the web page's image component, which gets several kinds of picture wrong (ink on a
transparent ground, 16-bit and floating-point grey, palettes).
"""

import io
import os
import pathlib

import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageOps

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit warns before it refuses; MAX_PIXELS is checked here instead

#: A picture as callers give it: a file's path or its bytes, a PIL image, or an array (H, W), (H, W, 3) or (H, W, 4).
Picture = str | os.PathLike | bytes | Image.Image | np.ndarray

#: What is decoded, by Pillow's names: of the others it knows, some run other programs, and none holds people's photos.
FORMATS = ("AVIF", "BMP", "DIB", "GIF", "HEIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
MAX_PIXELS = 64_000_000
MAX_BYTES = 30_000_000
#: The longer side that larger pictures are shrunk to; a digit in a corner of a photo still has more pixels than needed.
WORKING_SIDE = 1000
#: The largest value of pixels of 8, 10, 12, 14 and 16 bits.
DEPTHS = (255, 1023, 4095, 16383, 65535)


class PictureError(ValueError):
    """The picture cannot be used; the message is one sentence for the person who gave it.

    ``code`` says which of these it is, for programs: "unopened", "unreadable", "too_large", or "no_pixels" for an array
    that is no picture.
    """

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code = code


def load_grey(picture: Picture) -> np.ndarray:
    """Decode a picture as load_pixels does and return it grey: uint8 (H, W).

    Colours become grey along the axis on which neighbouring places of the picture differ most, so that yellow ink on
    white, or blue on red of the same brightness, stays visible.
    """
    pixels = load_pixels(picture)
    return _grey(pixels) if pixels.ndim == 3 else pixels


def load_pixels(picture: Picture) -> np.ndarray:
    """Decode a picture and return it upright and no larger than needed: uint8 (H, W), or (H, W, 3) if it has colours.

    A transparent ground is the paper. Arrays hold 0..255, or as many values as 10, 12, 14 or 16 bits have, or 0..1
    (floats); other ranges are stretched.

    Raises PictureError for what is not a readable picture, or is larger than MAX_PIXELS or, encoded, than MAX_BYTES.
    """
    if isinstance(picture, np.ndarray):
        pixels = _eight_bits(np.ascontiguousarray(picture))
    else:
        pixels = _decoded(picture if isinstance(picture, bytes | Image.Image) else _read(picture))
    if pixels.ndim not in (2, 3) or pixels.size == 0 or pixels.shape[2:] not in ((), (1,), (3,), (4,)):
        expected = "(H, W), (H, W, 3) or (H, W, 4)"
        raise PictureError("no_pixels", f"An array of shape {pixels.shape} is not a picture: {expected} is.")
    pixels = shrunk(pixels, WORKING_SIDE)
    if pixels.shape[2:] == (4,):
        pixels = _on_paper(pixels)
    return pixels if pixels.shape[2:] == (3,) else pixels.reshape(pixels.shape[:2])


def _read(path: str | os.PathLike) -> bytes:
    try:
        with pathlib.Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a name with a null byte is no value for one
        raise PictureError("unopened", f"The file cannot be opened: {getattr(error, 'strerror', error)}.") from error


def _decoded(source: bytes | Image.Image) -> np.ndarray:
    """The pixels of an encoded or opened picture: uint8 (H, W), (H, W, 3) or (H, W, 4)."""
    try:
        return _upright(_open(source) if isinstance(source, bytes) else source)
    except PictureError:
        raise
    except Exception as error:  # damaged files make decoders raise nearly anything
        raise PictureError("unreadable", "This is not a picture that can be read, or it is damaged.") from error


def _open(encoded: bytes) -> Image.Image:
    if len(encoded) > MAX_BYTES:
        raise _too_large()
    if encoded.startswith(b"\xff\xd8"):
        # The mark of a JPEG's end, once more, and twice should the cut have left half a mark: what was cut off is then
        # decoded as far as it goes, and the rest takes the brightness of what came last.
        encoded += b"\xff\xd9\xff\xd9"
    image = Image.open(io.BytesIO(encoded), formats=FORMATS)
    _check_size(image)
    # JPEG alone can be decoded at a half, a quarter or an eighth of its size, in that share of the time.
    shrunk_by = max(*image.size, WORKING_SIDE) / WORKING_SIDE
    image.draft(None, tuple(int(side / shrunk_by) for side in image.size))
    return image


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_large()


def _too_large() -> PictureError:
    most = f"at most {MAX_PIXELS // 1_000_000} megapixels in {MAX_BYTES // 1_000_000} MB can be read"
    return PictureError("too_large", f"The picture is too large: {most}.")


def _upright(image: Image.Image) -> np.ndarray:
    _check_size(image)
    image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        return np.asarray(image.convert("RGBA"))
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if image.mode == "F" or image.mode.startswith("I"):
        # Shrunk as deep as it is: at full size the arithmetic of _eight_bits would take eight times its memory.
        deep = image if image.mode == "F" else image.convert("I")
        return _eight_bits(np.asarray(deep.reduce(max(1, max(image.size) // WORKING_SIDE))))
    return np.asarray(image.convert("RGB"))


def _eight_bits(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8 or array.size == 0:
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if not (np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)):
        raise PictureError("no_pixels", f"An array of {array.dtype} is not a picture.")
    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all():
        raise PictureError("no_pixels", "The picture holds values that are not finite numbers.")
    depth = next((most for most in DEPTHS if high <= most), None)
    if low >= -0.5 and high <= 1.5 and array.dtype.kind == "f":
        low, high = 0, 1  # resizing by cubic interpolation goes a little beyond
    elif low >= 0 and depth and (high > 16 or array.dtype.kind in "iu"):
        low, high = 0, depth
    scale = 255 / (high - low) if high > low else 0
    return ((array.clip(low, high) - low) * scale + 0.5).astype(np.uint8)


def shrunk(pixels: np.ndarray, side: int) -> np.ndarray:
    """Pixels, (H, W) or (H, W, channels), shrunk until neither side is longer than ``side``."""
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    height, width = (max(1, round(length * scale)) for length in pixels.shape[:2])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


def _on_paper(rgba: np.ndarray) -> np.ndarray:
    """Lay a picture with transparency, (H, W, 4), on paper: (H, W, 3).

    Where the opaque part is the smaller one, or of one colour, it is ink, and the paper is white or black, whichever it
    stands out from; otherwise the opaque part has its own paper, whose colour then fills the transparent rest.
    """
    if rgba[..., 3].min() == 255:
        return np.ascontiguousarray(rgba[..., :3])
    colours, opacity = rgba[..., :3].astype(np.float32), rgba[..., 3:].astype(np.float32) / 255
    opaque = colours[opacity[..., 0] > 0.5]
    if len(opaque) == 0:
        paper = 255.0
    elif 2 * len(opaque) > opacity.size and not _of_one_colour(opaque):
        paper = np.median(opaque, axis=0)
    else:
        paper = 0.0 if opaque.mean() > 160 else 255.0
    return (colours * opacity + paper * (1 - opacity) + 0.5).astype(np.uint8)


def _of_one_colour(pixels: np.ndarray) -> bool:
    """Whether all but a few of pixels (n, 3) are of nearly the same colour."""
    return bool(np.mean(np.abs(pixels - np.median(pixels, axis=0)).max(axis=1) < 16) > 0.995)


def _grey(rgb: np.ndarray) -> np.ndarray:
    """Project colours, uint8 (H, W, 3), on the axis of the largest local differences: uint8 (H, W)."""
    shrunk_by = -(-max(rgb.shape[:2]) // 128)
    width, height = (-(-side // shrunk_by) for side in rgb.shape[1::-1])
    few = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    local = (few - cv2.blur(few, (19, 19))).reshape(-1, 3)
    # Weighted by the root of their size, so that a few strong edges (a desk's, a thumb's) do not outvote the ink.
    spread = local.T @ (local / np.sqrt(np.linalg.norm(local, axis=1, keepdims=True) + 1)) / len(local)
    spread += 0.05  # where colours tell nothing, all three count alike
    axis = np.linalg.eigh(spread)[1][:, -1]
    axis = axis if axis.sum() > 0 else -axis
    weights = axis / np.abs(axis).sum()
    offset = -255 * weights[weights < 0].sum()
    return cv2.transform(rgb, np.append(weights, offset)[None].astype(np.float32))
