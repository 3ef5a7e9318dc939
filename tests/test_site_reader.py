"""The readers of the server and of the static site give the same answers.

By default on a sample of the pictures; with ALL_TESTS=true on all of them.
"""

import os
import sys
import zlib
from collections.abc import Iterator

import numpy as np
import pytest

from model.data.shapes import make_alphabet
from model.data.styles import drawn_digits
from model.data.synthetic_photos import NUMBER_KINDS, PHOTO_KINDS, PhotoKind, synthetic_photo
from model.data.tables import read_table
from model.evaluation.labelled import LabelledError
from model.preparation.frame import from_uint8
from tests.helpers.encoding import decode_data_url, jpeg, png
from tests.helpers.sites import read_in_browser

pytestmark = pytest.mark.slow

ALL = os.environ.get("ALL_TESTS") == "true"
#: Every so many of MNIST's test digits and of the real pictures are read, and so many synthetic photos of each kind.
MNIST_STEP, REAL_STEP, PHOTOS = (1, 1, 20) if ALL else (100, 20, 3)
#: Heights and widths of synthetic photos of one digit and of a number; how many drawn digits they are made of; a seed.
PHOTO_SIZE, NUMBER_SIZE, DRAWN, SEED = (360, 480), (240, 640), 500, 3
#: Height and width of photos from a phone, and their quality as JPEG.
PHONE_SIZE, PHONE_QUALITY = (2532, 1170), 80
#: Of the numbers that are read, and of the frames, so many are the same, frames within FRAME_TOLERANCE.
MIN_EQUAL_NUMBERS, MIN_EQUAL_FRAMES, FRAME_TOLERANCE = 0.995, 0.99, 0.02
#: Pictures that the browser is given at a time.
BATCH_SIZE = 50


@pytest.fixture(scope="module")
def page(browser, site):
    page = browser.new_page()
    page.goto(site.url)
    yield page
    page.close()


@pytest.fixture
def compare(page, classifier, capsys):
    """Compare the answers about pictures, names with files."""

    def compare(pictures: Iterator[tuple[str, bytes]]) -> None:
        pictures = list(pictures)
        same, frames = [], []
        for start in range(0, len(pictures), BATCH_SIZE):
            batch = pictures[start : start + BATCH_SIZE]
            answers = read_in_browser(page, [file for _, file in batch])
            for (name, file), answer in zip(batch, answers, strict=True):
                prediction = classifier.predict(file)
                expected, found = (prediction.number, prediction.reason), (answer["number"], answer["reason"])
                same.append(found == expected)
                if found != expected:
                    differences = [f"{expected} here, {found} in the browser"]
                else:
                    shown = [prediction.frame, *(digit.frame for digit in prediction.digits)]
                    urls = [answer["frame"], *(digit["frame"] for digit in answer["digits"])]
                    distances = [frame_distance(*pair) for pair in zip(shown, urls, strict=True)]
                    frames += [distance <= FRAME_TOLERANCE for distance in distances]
                    differences = [f"a frame by {each:.3f}" for each in distances if each > FRAME_TOLERANCE]
                with capsys.disabled():
                    for difference in differences:  # pytest-xdist shows only what is written there
                        print(f"{name} differs: {difference}", file=sys.stderr)
        assert np.mean(same) >= MIN_EQUAL_NUMBERS
        assert np.mean(frames) >= MIN_EQUAL_FRAMES

    return compare


def frame_distance(frame: np.ndarray | None, url: str | None) -> float:
    """Return the largest difference of a frame and one in a data URL."""
    if frame is None or url is None:
        return float(frame is not url)
    return float(np.abs(from_uint8(decode_data_url(url)[..., 0]) - frame).max())


def test_mnists_digits(compare, mnist_data):
    images = mnist_data.test.images[::MNIST_STEP]
    compare((f"MNIST's test image {MNIST_STEP * place}", png(image)) for place, image in enumerate(images))


@pytest.fixture(scope="module")
def photo():
    """Make a synthetic photo: its pixels."""
    rng = np.random.default_rng(SEED)
    alphabet = make_alphabet(drawn_digits(DRAWN, rng), rng)

    def photo(size: tuple[int, int], name: str, kind: PhotoKind, index: int) -> np.ndarray:
        rng = np.random.default_rng([SEED, zlib.crc32(name.encode()), index])
        return synthetic_photo(alphabet, size, rng, kind).pixels

    return photo


def test_synthetic_photos(compare, photo):
    compare(
        (f"{name} {index}", png(photo(size, name, kind, index)))
        for kinds, size in ((PHOTO_KINDS, PHOTO_SIZE), (NUMBER_KINDS, NUMBER_SIZE))
        for name, kind in kinds.items()
        for index in range(PHOTOS)
    )


def test_large_jpegs(compare, photo):
    kind = PHOTO_KINDS["ruled"]
    pictures = (photo(PHONE_SIZE, "large", kind, index) for index in range(PHOTOS))
    compare((f"large JPEG {index}", jpeg(pixels, PHONE_QUALITY)) for index, pixels in enumerate(pictures))


def test_real_pictures(compare, real_folders, subtests):
    for folder in real_folders:
        names = [row["file"] for _, row in read_table(folder / "labels.csv", LabelledError)][::REAL_STEP]
        with subtests.test(folder=folder.name):
            compare((name, (folder / name).read_bytes()) for name in names)
