import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from model.errors import DigitPadError
from model.preparation.picture import (
    WORKING_SIDE,
    InvalidPixelsError,
    PictureError,
    TooLargeError,
    UnopenedError,
    load_grey,
)
from tests.helpers.drawings import mask, picture
from tests.helpers.files import ROTATED, saved, unreadable_files

INK = mask(2, size=(60, 40)) > 0.5


def ink_and_paper(grey: np.ndarray) -> tuple[float, float]:
    return float(np.median(grey[INK])), float(np.median(grey[~INK]))


def test_load_grey_accepts_paths_bytes_images_and_arrays(tmp_path):
    drawn = picture(3, size=(60, 40))
    (tmp_path / "3.png").write_bytes(saved(Image.fromarray(drawn)))
    sources = [
        tmp_path / "3.png",
        str(tmp_path / "3.png"),
        (tmp_path / "3.png").read_bytes(),
        bytearray((tmp_path / "3.png").read_bytes()),
        memoryview((tmp_path / "3.png").read_bytes()),
        io.BytesIO((tmp_path / "3.png").read_bytes()),
        Image.fromarray(drawn),
        drawn,
        drawn[..., None],
        np.stack([drawn] * 3, axis=-1),
        np.stack([drawn] * 3 + [np.full_like(drawn, 255)], axis=-1),
        np.asfortranarray(drawn),
        np.repeat(drawn, 2, axis=1)[:, ::2],
        drawn.astype(np.float32) / 255,
        drawn / 254.0 - 0.002,
        drawn.astype(np.int64),
        drawn.astype(np.uint16) * 257,
    ]
    for source in sources:
        grey = load_grey(source)
        assert grey.dtype == np.uint8
        assert grey.shape == (60, 40)
        assert np.abs(grey.astype(int) - drawn).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_load_grey_applies_exif_orientation(orientation):
    upright = Image.fromarray(picture(4, size=(60, 40)))
    stored = upright
    for turn in ROTATED.get(orientation, []):
        stored = stored.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(load_grey(saved(stored, exif=exif)), np.asarray(upright))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (250, 230, 40), (20, 60, 250)])
def test_transparent_background_contrasts_with_any_ink(mode, ink):
    rgba = np.zeros((60, 40, 4), np.uint8)
    rgba[INK] = (*ink, 255)
    image = Image.fromarray(rgba).convert(mode)
    seen, paper = ink_and_paper(load_grey(saved(image)))
    assert abs(seen - paper) > 150


def test_ink_of_one_colour_contrasts_with_a_small_transparent_background():
    rgba = np.zeros((60, 20, 4), np.uint8)
    rgba[4:, :15] = (20, 60, 250, 255)
    grey = load_grey(rgba)
    assert abs(int(grey[30, 5]) - int(grey[30, 18])) > 150


def test_transparent_margin_gets_the_colour_of_the_paper():
    rgba = np.zeros((80, 80, 4), np.uint8)
    rgba[6:-6, 6:-6] = (230, 220, 200, 255)
    rgba[30:50, 38:42, :3] = 10
    grey = load_grey(rgba)
    assert abs(int(grey[0, 0]) - int(grey[20, 20])) < 3
    assert abs(int(grey[0, 0]) - int(grey[40, 40])) > 150


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((255, 255, 0), (255, 255, 255)),
        ((0, 0, 255), (0, 0, 0)),
        ((200, 0, 0), (0, 102, 0)),
        ((0, 160, 220), (240, 120, 0)),
    ],
)
def test_colours_of_equal_brightness_keep_their_contrast(ink, paper):
    rgb = np.where(INK[..., None], ink, paper).astype(np.uint8)
    seen, ground = ink_and_paper(load_grey(rgb))
    assert abs(seen - ground) > 90


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(~INK),
        Image.fromarray(np.where(INK, 0, 65535).astype(np.uint16)),
        Image.fromarray(np.where(INK, 0, 65535).astype(np.int32)),
        Image.fromarray(np.where(INK, 0, 1).astype(np.float32)),
        Image.fromarray(np.where(INK, -4.5, 900).astype(np.float32)),
        Image.fromarray(np.where(INK, 0, 255).astype(np.uint8)).convert("CMYK"),
        Image.fromarray(np.where(INK, 0, 255).astype(np.uint8)).convert("P"),
    ],
    ids=["1 bit", "16 bit", "32 bit", "float 0..1", "float", "CMYK", "palette"],
)
def test_load_grey_decodes_every_bit_depth_and_colour_space(image):
    seen, paper = ink_and_paper(load_grey(saved(image, "TIFF") if image.mode != "P" else saved(image)))
    assert seen < 20
    assert paper > 235


@pytest.mark.parametrize("kind", [np.uint16, np.int64, np.float32])
@pytest.mark.parametrize("maximum", [255, 300, 1023, 4095, 65535])
def test_arrays_of_any_range_fill_the_full_range(kind, maximum):
    seen, paper = ink_and_paper(load_grey(np.where(INK, 0, maximum).astype(kind)))
    assert seen < 20
    assert paper > 60


@pytest.mark.parametrize("maximum", [1.0, 1.6, 2.0, 10.0])
def test_float_arrays_of_small_ranges_fill_the_full_range(maximum):
    seen, paper = ink_and_paper(load_grey(np.where(INK, 0, maximum)))
    assert seen < 20
    assert paper > 235


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_large_pictures_are_shrunk_to_the_working_side(format):
    large = Image.fromarray(picture(5, size=(2400, 3200)))
    grey = load_grey(saved(large, format))
    assert grey.shape == (750, WORKING_SIDE)
    assert np.abs(grey.astype(int) - picture(5, size=(750, 1000))).mean() < 2


@pytest.mark.parametrize(("content", "code"), unreadable_files().values(), ids=unreadable_files())
def test_unreadable_files_raise_picture_error_with_a_code(content, code):
    errors = {
        "unreadable": (PictureError, "not a picture that can be read, or it is damaged"),
        "too_large": (TooLargeError, "is too large: the limit is 64 megapixels and 30 MB"),
        "no_pixels": (InvalidPixelsError, "not finite numbers"),
    }
    kind, message = errors[code]
    with pytest.raises(kind, match=message) as error:
        load_grey(content)
    assert error.value.as_dict() == {"error": str(error.value), "code": code}
    assert error.value.status == 422


def test_picture_errors_are_value_errors_of_this_package():
    assert issubclass(PictureError, ValueError)
    assert issubclass(PictureError, DigitPadError)


def test_truncated_pil_image_raises_picture_error():
    opened = Image.open(io.BytesIO(saved(Image.fromarray(picture(6)))[:500]))
    with pytest.raises(PictureError, match="damaged"):
        load_grey(opened)


@pytest.mark.parametrize(("name", "message"), [("none.png", "No such file"), ("a\0b.png", "null byte")])
def test_missing_file_or_invalid_name_raises_unopened_error(tmp_path, name, message):
    with pytest.raises(UnopenedError, match=message):
        load_grey(tmp_path / name)


@pytest.mark.parametrize("shape", [(0, 5), (4,), (5, 5, 2), (5, 5, 5), (2, 5, 5, 3)])
def test_arrays_of_invalid_shape_raise_invalid_pixels_error(shape):
    with pytest.raises(InvalidPixelsError, match="not a picture"):
        load_grey(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    "array",
    [
        np.full((5, 5), np.nan),
        np.full((5, 5), "x"),
        np.full((5, 5), 1j),
        np.full((5, 5), None),
        np.zeros((5, 5), "datetime64[s]"),
        np.zeros((5, 5), "timedelta64[s]"),
        np.zeros((5, 5), [("red", "u1")]),
    ],
    ids=lambda array: str(array.dtype),
)
def test_arrays_of_invalid_values_raise_invalid_pixels_error(array):
    with pytest.raises(InvalidPixelsError):
        load_grey(array)


@given(st.binary(max_size=300))
def test_random_bytes_raise_picture_error(content):
    with pytest.raises(PictureError):
        load_grey(content)


def test_file_object_is_read_no_further_than_the_limit():
    file = io.BytesIO(bytes(31_000_000))
    with pytest.raises(TooLargeError):
        load_grey(file)
    assert file.tell() == 30_000_001


@pytest.mark.parametrize("value", [None, 7, ["3.png"], {}])
def test_what_is_no_picture_at_all_raises_picture_error(value):
    with pytest.raises(PictureError, match=rf"^A value of type {type(value).__name__} is not a picture\.$"):
        load_grey(value)


def test_files_that_cannot_be_read_raise_unopened_error(tmp_path):
    closed = io.BytesIO()
    closed.close()
    for file, message in ((closed, "closed file"), (io.StringIO("3"), "binary mode")):
        with pytest.raises(UnopenedError, match=rf"{message}\.$"):
            load_grey(file)
