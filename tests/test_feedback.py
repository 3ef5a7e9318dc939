import concurrent.futures

import numpy as np
import pytest

from model import feedback
from model.data.corrections import load_corrections
from model.feedback import Feedback, FeedbackError

FRAMES = np.random.default_rng(0).integers(0, 255, (30, 28, 28), np.uint8)


def test_keep_stores_picture_frame_and_row(tmp_path):
    store = Feedback(tmp_path / "new" / "feedback")
    store.keep(b"a picture", ".jpg", FRAMES[0], read=7, digit=1)
    store.keep(b"another", ".png", FRAMES[1], read=None, digit=4)
    images, labels = load_corrections(store.folder)
    assert np.array_equal(images, FRAMES[:2])
    assert labels.tolist() == [1, 4]
    rows = (store.folder / "corrections.csv").read_text().splitlines()
    assert rows[0] == "name,time,read,digit"
    assert [row.split(",")[2:] for row in rows[1:]] == [["7", "1"], ["none", "4"]]
    name = rows[1].split(",")[0]
    assert (store.folder / f"{name}.jpg").read_bytes() == b"a picture"
    assert len(list(store.folder.iterdir())) == 5


def test_keep_stores_what_is_not_a_digit(tmp_path):
    Feedback(tmp_path).keep(b"", ".png", FRAMES[0], read=7, digit=None)
    assert load_corrections(tmp_path).labels.tolist() == [10]


def test_withdraw_deletes_the_files_and_the_row_of_one_correction(tmp_path):
    store = Feedback(tmp_path)
    first, second = (store.keep(b"", ".jpg", FRAMES[digit], 1, digit) for digit in (3, 8))
    assert store.withdraw(first)
    assert load_corrections(tmp_path).labels.tolist() == [8]
    assert {path.name for path in tmp_path.iterdir()} == {"corrections.csv", f"{second}.jpg", f"{second}.frame.png"}
    assert not store.withdraw(first)


def test_withdraw_of_unknown_names_deletes_nothing(tmp_path):
    store = Feedback(tmp_path / "feedback")
    assert not store.withdraw("0" * 16)
    store.keep(b"", ".png", FRAMES[0], 1, 2)
    for name in ("name", "", "corrections", "0" * 16, "*"):
        assert not store.withdraw(name)
    assert len(list((tmp_path / "feedback").iterdir())) == 3


def test_keep_stores_every_correction_of_concurrent_threads(tmp_path):
    store = Feedback(tmp_path)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda index: store.keep(b"", ".png", FRAMES[index], 0, index % 10), range(30)))
    images, labels = load_corrections(tmp_path)
    assert {image.tobytes() for image in images} == {frame.tobytes() for frame in FRAMES}
    assert np.bincount(labels).tolist() == [3] * 10


def test_keep_raises_when_there_is_no_room(tmp_path, monkeypatch):
    monkeypatch.setattr(feedback, "MAX_CORRECTIONS", 2)
    store = Feedback(tmp_path)
    for _ in range(2):
        store.keep(b"", ".png", FRAMES[0], 1, 2)
    with pytest.raises(FeedbackError, match="cannot be stored: there is no room") as error:
        store.keep(b"", ".png", FRAMES[0], 1, 2)
    assert (error.value.code, error.value.status) == ("not_kept", 507)


def test_keep_raises_for_a_picture_that_is_too_large(tmp_path):
    with pytest.raises(FeedbackError, match="no room"):
        Feedback(tmp_path).keep(bytes(feedback.MAX_PICTURE + 1), ".png", FRAMES[0], 1, 2)
    assert not list(tmp_path.iterdir())


def test_keep_raises_when_the_folder_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FeedbackError, match="cannot be stored: "):
        Feedback(tmp_path / "file").keep(b"", ".png", FRAMES[0], 1, 2)


def test_keep_appends_to_a_table_that_another_program_saved(tmp_path):
    store = Feedback(tmp_path)
    store.keep(b"", ".png", FRAMES[0], 1, 2)
    table = tmp_path / "corrections.csv"
    table.write_text(table.read_text(), encoding="utf-8-sig")
    store.keep(b"", ".png", FRAMES[1], 1, 3)
    assert load_corrections(tmp_path).labels.tolist() == [2, 3]
