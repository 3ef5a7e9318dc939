"""Small files that cost a decoder much time or memory, for ``benchmarks.attacks``."""

import functools
import io

from PIL import Image

SIDE = 8000  # pixels: 64 megapixels are accepted
SCANS = 2000
START_OF_SCAN, END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"


@functools.cache
def jpeg_of_many_scans(side: int = SIDE, scans: int = SCANS) -> bytes:
    """Return a progressive JPEG whose last scan is repeated: a decoder goes through the whole picture for each."""
    whole = _blank(side, "JPEG", progressive=True, quality=50)
    start = whole.rindex(START_OF_SCAN)
    scan = whole[start : whole.rindex(END_OF_IMAGE)]
    return whole[:start] + scans * scan + END_OF_IMAGE


@functools.cache
def large_avif(side: int = SIDE) -> bytes:
    """Return an AVIF of one colour, of about a kilobyte."""
    return _blank(side, "AVIF", speed=10)


@functools.cache
def text_ppm(side: int = 2600) -> bytes:
    """Return a PPM whose pixels are written as decimal numbers."""
    return f"P3 {side} {side} 255\n".encode() + b"0 " * (2 * side * side)


def _blank(side: int, kind: str, **options) -> bytes:
    file = io.BytesIO()
    Image.new("L", (side, side), 255).save(file, kind, **options)
    return file.getvalue()


FILES = {
    "JPEG of many scans": jpeg_of_many_scans,
    "AVIF of one colour": large_avif,
    "PPM in text": text_ppm,
}
