import concurrent.futures
import shutil

import numpy as np
import pytest
from PIL import Image

from model import feedback
from model.feedback import Feedback, FeedbackError, read_feedback

FRAMES = np.random.default_rng(0).integers(0, 255, (30, 28, 28), np.uint8)


def test_what_is_kept_is_read_again(tmp_path):
    kept = Feedback(tmp_path / "new" / "feedback")
    kept.keep(b"a picture", ".jpg", FRAMES[0], read=7, digit=1)
    kept.keep(b"another", ".png", FRAMES[1], read=None, digit=4)
    images, labels = read_feedback(kept.folder)
    assert np.array_equal(images, FRAMES[:2])
    assert labels.tolist() == [1, 4]
    rows = (kept.folder / "corrections.csv").read_text().splitlines()
    assert rows[0] == "name,time,read,digit"
    assert [row.split(",")[2:] for row in rows[1:]] == [["7", "1"], ["none", "4"]]
    name = rows[1].split(",")[0]
    assert (kept.folder / f"{name}.jpg").read_bytes() == b"a picture"
    assert len(list(kept.folder.iterdir())) == 5


def test_many_at_once_are_all_kept(tmp_path):
    kept = Feedback(tmp_path)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda index: kept.keep(b"", ".png", FRAMES[index], 0, index % 10), range(30)))
    images, labels = read_feedback(tmp_path)
    assert {image.tobytes() for image in images} == {frame.tobytes() for frame in FRAMES}
    assert np.bincount(labels).tolist() == [3] * 10


def test_there_is_an_end_to_it(tmp_path, monkeypatch):
    monkeypatch.setattr(feedback, "MAX_KEPT", 2)
    kept = Feedback(tmp_path)
    for _ in range(2):
        kept.keep(b"", ".png", FRAMES[0], 1, 2)
    with pytest.raises(FeedbackError, match="no room"):
        kept.keep(b"", ".png", FRAMES[0], 1, 2)
    with pytest.raises(FeedbackError, match="no room"):
        Feedback(tmp_path / "other").keep(bytes(2_000_000), ".png", FRAMES[0], 1, 2)


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FeedbackError, match="could not be kept"):
        Feedback(tmp_path / "file").keep(b"", ".png", FRAMES[0], 1, 2)


def broken_label(folder, name):
    (folder / "corrections.csv").write_text(f"name,time,read,digit\n{name},2026-01-01,3,x\n")


def missing_frame(folder, name):
    (folder / f"{name}.frame.png").unlink()


def damaged_frame(folder, name):
    (folder / f"{name}.frame.png").write_text("no picture")


def large_frame(folder, name):
    Image.new("L", (30, 28)).save(folder / f"{name}.frame.png")


@pytest.mark.parametrize("spoil", [broken_label, missing_frame, damaged_frame, large_frame], ids=lambda f: f.__name__)
def test_an_unreadable_row_is_refused_by_name(spoil, tmp_path):
    kept = Feedback(tmp_path)
    kept.keep(b"", ".png", FRAMES[0], 1, 2)
    name = (tmp_path / "corrections.csv").read_text().splitlines()[1].split(",")[0]
    spoil(tmp_path, name)
    with pytest.raises(FeedbackError, match="line 2: "):
        read_feedback(tmp_path)


def test_a_table_that_another_program_saved_is_read_and_goes_on(tmp_path):
    kept = Feedback(tmp_path)
    kept.keep(b"", ".png", FRAMES[0], 1, 2)
    table = tmp_path / "corrections.csv"
    table.write_text(table.read_text(), encoding="utf-8-sig")
    kept.keep(b"", ".png", FRAMES[1], 1, 3)
    assert read_feedback(tmp_path).labels.tolist() == [2, 3]


def test_a_table_that_is_no_text_is_said(tmp_path):
    Feedback(tmp_path).keep(b"", ".png", FRAMES[0], 1, 2)
    with (tmp_path / "corrections.csv").open("ab") as table:
        table.write("é".encode("latin-1"))
    with pytest.raises(FeedbackError, match="not a table in CSV and UTF-8"):
        read_feedback(tmp_path)


def test_no_feedback_is_said(tmp_path):
    with pytest.raises(FeedbackError, match="holds no corrections"):
        read_feedback(tmp_path)


def test_folders_of_several_servers_are_read_together(tmp_path):
    for digit in (3, 8):
        Feedback(tmp_path / str(digit)).keep(b"", ".png", FRAMES[digit], 1, digit)
    images, labels = read_feedback(tmp_path)
    assert np.array_equal(images, FRAMES[[3, 8]])
    assert labels.tolist() == [3, 8]


def test_what_is_there_twice_counts_once(tmp_path):
    Feedback(tmp_path / "first").keep(b"", ".png", FRAMES[3], 1, 3)
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    Feedback(tmp_path / "second").keep(b"", ".png", FRAMES[8], 1, 8)
    assert read_feedback(tmp_path).labels.tolist() == [3, 8]
