"""Files of many formats that show a digit, and files that cannot be read."""

import io
import zipfile

import numpy as np
import pillow_heif
from PIL import Image, ImageOps

from tests.helpers.drawings import mask, picture

DIGIT = 7
GREY = picture(DIGIT, size=(200, 160))
INK = mask(DIGIT, size=(200, 160)) > 0.5
ROTATED = {
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_90],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_270],
}


def saved(image: Image.Image, format: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    image.encoderconfig = ()  # which Pillow keeps, and would apply to the next format
    return file.getvalue()


def stored_by_camera(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(GREY)
    for turn in ROTATED.get(orientation, []):
        image = image.transpose(turn)
    return saved(image, "JPEG", exif=exif)


def on_transparent(ink: tuple[int, int, int]) -> Image.Image:
    rgba = np.zeros((*INK.shape, 4), np.uint8)
    rgba[INK] = (*ink, 255)
    return Image.fromarray(rgba)


def pictures() -> dict[str, bytes]:
    """Return names and contents of files that show DIGIT."""
    grey = Image.fromarray(GREY)
    colour = ImageOps.colorize(grey, "navy", "beige")
    other = Image.fromarray(picture(2, size=(200, 160)))
    heif = pillow_heif.from_pillow(colour)
    sixteen = Image.fromarray(GREY.astype(np.uint16) * 257)
    return {
        "grey.jpg": saved(grey, "JPEG"),
        "colour.jpeg": saved(colour, "JPEG"),
        "poor.jpg": saved(colour, "JPEG", quality=10),
        "progressive.jpg": saved(colour, "JPEG", progressive=True),
        "cmyk.jpg": saved(colour.convert("CMYK"), "JPEG"),
        "cut short.jpg": saved(colour, "JPEG")[:-400],
        "cut short progressive.jpg": saved(colour, "JPEG", progressive=True)[:-400],
        "two at once.jpg": saved(colour, "MPO", save_all=True, append_images=[other.copy()]),
        **{f"orientation {number}.jpg": stored_by_camera(number) for number in range(1, 9)},
        "1 bit.png": saved(grey.convert("1"), "PNG"),
        "2 bit.png": saved(grey.quantize(4), "PNG", bits=2),
        "grey.png": saved(grey, "PNG"),
        "16 bit.png": saved(sixteen, "PNG"),
        "colour.png": saved(colour, "PNG"),
        "palette.png": saved(colour.quantize(16), "PNG"),
        "black on transparent.png": saved(on_transparent((0, 0, 0)), "PNG"),
        "white on transparent.png": saved(on_transparent((255, 255, 255)), "PNG"),
        "grey on transparent.png": saved(on_transparent((60, 60, 60)).convert("LA"), "PNG"),
        "transparent palette.png": saved(on_transparent((200, 0, 0)).convert("P"), "PNG"),
        "opaque.png": saved(colour.convert("RGBA"), "PNG"),
        "animated.png": saved(grey, "PNG", save_all=True, append_images=[other]),
        "lossy.webp": saved(colour, "WEBP"),
        "lossless.webp": saved(colour, "WEBP", lossless=True),
        "transparent.webp": saved(on_transparent((0, 0, 0)), "WEBP"),
        "animated.webp": saved(colour, "WEBP", save_all=True, append_images=[other.convert("RGB")]),
        "1 bit.bmp": saved(grey.convert("1"), "BMP"),
        "grey.bmp": saved(grey, "BMP"),
        "colour.bmp": saved(colour, "BMP"),
        "plain.gif": saved(colour, "GIF"),
        "transparent.gif": saved(on_transparent((0, 0, 0)), "GIF"),
        "animated.gif": saved(grey, "GIF", save_all=True, append_images=[other]),
        "fax.tif": saved(grey.convert("1"), "TIFF", compression="group4"),
        "grey.tiff": saved(grey, "TIFF", compression="tiff_lzw"),
        "16 bit.tif": saved(sixteen, "TIFF"),
        "16 bit, 12 megapixels.png": saved(sixteen.resize((3100, 3875)), "PNG"),
        "32 bit.tif": saved(Image.fromarray(GREY.astype(np.int32) * 8), "TIFF"),
        "float.tif": saved(Image.fromarray(GREY.astype(np.float32) / 255), "TIFF"),
        "float to 4000.tif": saved(Image.fromarray(GREY.astype(np.float32) * 16), "TIFF"),
        "cmyk.tif": saved(colour.convert("CMYK"), "TIFF"),
        "pages.tif": saved(grey, "TIFF", save_all=True, append_images=[other]),
        "small.avif": saved(colour, "AVIF"),
        "transparent.avif": saved(on_transparent((0, 0, 0)), "AVIF"),
        "phone.heic": saved(colour, "HEIF"),
        "phone.heif": saved(heif.to_pillow(), "HEIF", quality=90),
        "transparent.heic": saved(on_transparent((0, 0, 0)), "HEIF"),
        "is a png.jpg": saved(colour, "PNG"),
        "is a heic.jpg": saved(colour, "HEIF"),
        "IS A JPEG.PNG": saved(colour, "JPEG"),
    }


def unreadable_files() -> dict[str, tuple[bytes, str]]:
    """Return names and contents of files that cannot be read, each with the code of its error."""
    png = saved(Image.fromarray(GREY), "PNG")
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("seven.png", png)
    not_finite = np.where(INK, np.nan, 1).astype(np.float32)
    return {
        "drawing.svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0H9L4 9"/></svg>', "unreadable"),
        "paper.pdf": (saved(Image.fromarray(GREY), "PDF"), "unreadable"),
        "print.eps": (saved(Image.fromarray(GREY), "EPS"), "unreadable"),
        "text.png": (b"seven", "unreadable"),
        "page.jpg": (b"<!doctype html><title>Not found</title>", "unreadable"),
        "grey.pgm": (saved(Image.fromarray(GREY), "PPM"), "unreadable"),
        "scan.jp2": (saved(Image.fromarray(GREY), "JPEG2000"), "unreadable"),
        "icon.ico": (saved(Image.fromarray(GREY), "ICO", sizes=[(128, 160)]), "unreadable"),
        "empty.png": (b"", "unreadable"),
        "data url.png": (b"data:image/png;base64,AAAA", "unreadable"),
        "archive.png": (zipped.getvalue(), "unreadable"),
        "cut short.png": (png[: len(png) // 2], "unreadable"),
        "only a beginning.gif": (b"GIF89a\x01\x00", "unreadable"),
        "only a beginning.jpg": (b"\xff\xd8\xff\xe0", "unreadable"),
        "no numbers.tif": (saved(Image.fromarray(not_finite), "TIFF"), "no_pixels"),
        "100 megapixels.png": (saved(Image.new("1", (10_000, 10_000)), "PNG"), "too_large"),
        "400 megapixels.png": (saved(Image.new("1", (20_000, 20_000)), "PNG"), "too_large"),
        "50 MB.bmp": (saved(Image.new("L", (9, 9)), "BMP") + bytes(50_000_000), "too_large"),
    }
