"""Encode pixels as the page does, and decode what it gets."""

import base64
import io

import numpy as np
from PIL import Image


def png(pixels: np.ndarray) -> bytes:
    """Encode pixels, uint8 (H, W) or (H, W, channels), as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def data_url(encoded: bytes) -> str:
    """Return a PNG file as a data URL."""
    return "data:image/png;base64," + base64.b64encode(encoded).decode()


def decode_data_url(url: str) -> np.ndarray:
    """Return the pixels of a picture given as a data URL."""
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image)
