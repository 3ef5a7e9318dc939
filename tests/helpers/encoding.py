"""Encode pixels as the page does, and decode what it gets."""

import base64
import io

import numpy as np
from PIL import Image


def png(pixels: np.ndarray) -> bytes:
    """Encode pixels, uint8 (H, W) or (H, W, channels), as a PNG file."""
    return _encoded(pixels, "PNG")


def jpeg(pixels: np.ndarray, quality: int) -> bytes:
    """Encode pixels, uint8 (H, W) or (H, W, 3), as a JPEG file of that quality, 0..100."""
    return _encoded(pixels, "JPEG", quality=quality)


def _encoded(pixels: np.ndarray, format_name: str, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format_name, **options)
    return file.getvalue()


def data_url(encoded: bytes) -> str:
    """Return a PNG file as a data URL."""
    return "data:image/png;base64," + base64.b64encode(encoded).decode()


def decode_data_url(url: str) -> np.ndarray:
    """Return the pixels of a picture given as a data URL."""
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image)
