import json
import shutil

import numpy as np
import pytest
from PIL import Image

from model.data.corrections import CorrectionsError, load_corrections
from model.feedback import Feedback
from tests.helpers.encoding import data_url, png

FRAMES = np.random.default_rng(0).integers(0, 255, (10, 28, 28), np.uint8)


def keep(folder, digit):
    return Feedback(folder, 100).keep(data_url(b"a picture"), data_url(png(FRAMES[digit])), 1, digit)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"digit": 11}, r"\w+\.json: '11' is not a digit"),
        ({"frame": data_url(b"no picture")}, r"\w+\.json: its frame cannot be read"),
        ({"frame": data_url(png(np.zeros((30, 28), np.uint8)))}, r"\w+\.json: its frame is not 28×28"),
        ({"frame": "data:image/png;base64,é"}, r"\w+\.json is not a correction"),
        ({"frame": None}, r"\w+\.json is not a correction"),
    ],
)
def test_load_corrections_names_the_file_that_is_invalid(change, message, tmp_path):
    path = tmp_path / f"{keep(tmp_path, 2)}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CorrectionsError, match=message):
        load_corrections(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"null", b"{}", b"\xff", b"[" * 100_000])
def test_load_corrections_names_what_is_not_a_correction(content, tmp_path):
    (tmp_path / "other.json").write_bytes(content)
    with pytest.raises(CorrectionsError, match=r"other\.json is not a correction\.$"):
        load_corrections(tmp_path)


def test_load_corrections_raises_for_an_empty_folder(tmp_path):
    with pytest.raises(CorrectionsError, match="holds no corrections"):
        load_corrections(tmp_path)


def test_load_corrections_joins_the_folders_of_several_servers(tmp_path):
    for digit in (3, 8):
        keep(tmp_path / str(digit), digit)
    images, labels = load_corrections(tmp_path)
    assert np.array_equal(images, FRAMES[[3, 8]])
    assert labels.tolist() == [3, 8]


def test_load_corrections_counts_a_copied_correction_once(tmp_path):
    keep(tmp_path / "first", 3)
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    keep(tmp_path / "second", 8)
    assert sorted(load_corrections(tmp_path).labels) == [3, 8]


@pytest.fixture
def table(tmp_path):
    """The table of a folder that an earlier version of the page wrote, with one row."""
    folder = tmp_path / "feedback"
    folder.mkdir()
    Image.fromarray(FRAMES[2]).save(folder / "a.frame.png")
    (folder / "corrections.csv").write_text("name,time,read,digit\na,2026-01-01,none,2\n")
    return folder / "corrections.csv"


def test_load_corrections_loads_the_folders_of_earlier_versions(table):
    keep(table.parent, 3)
    images, labels = load_corrections(table.parent)
    assert labels.tolist() == [3, 2]
    assert np.array_equal(images, FRAMES[[3, 2]])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,2026-01-01,3,x", "line 2: 'x' is not a digit"),
        ("b,2026-01-01,3,2", r"line 2: b\.frame\.png cannot be read"),
        ("text,2026-01-01,3,2", r"line 2: text\.frame\.png cannot be read"),
        ("large,2026-01-01,3,2", r"line 2: large\.frame\.png is not 28×28"),
        ("../out,2026-01-01,3,2", r"line 2: '\.\./out\.frame\.png' is not a file in "),
        ("/out,2026-01-01,3,2", r"line 2: '/out\.frame\.png' is not a file in "),
        ("link,2026-01-01,3,2", r"line 2: 'link\.frame\.png' is not a file in "),
    ],
)
def test_load_corrections_names_the_line_that_is_invalid(row, message, table, tmp_path):
    (table.parent / "text.frame.png").write_text("no picture")
    Image.new("L", (30, 28)).save(table.parent / "large.frame.png")
    Image.fromarray(FRAMES[2]).save(tmp_path / "out.frame.png")
    (table.parent / "link.frame.png").symlink_to(tmp_path / "out.frame.png")
    table.write_text(f"name,time,read,digit\n{row}\n")
    with pytest.raises(CorrectionsError, match=message):
        load_corrections(table.parent)


def test_load_corrections_raises_for_a_table_that_is_not_utf8(table):
    table.write_bytes(table.read_bytes() + "é".encode("latin-1"))
    with pytest.raises(CorrectionsError, match="not a CSV file in UTF-8"):
        load_corrections(table.parent)
