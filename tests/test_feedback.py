import concurrent.futures
import errno
import json
import multiprocessing
import pathlib

import numpy as np
import pytest

from model.data.corrections import load_corrections
from model.feedback import Feedback, FeedbackError
from tests.helpers.encoding import data_url, png

FRAMES = np.random.default_rng(0).integers(0, 255, (30, 28, 28), np.uint8)
URLS = [data_url(png(frame)) for frame in FRAMES]
PICTURE = data_url(b"a picture")
MANY = 1000


def keep_many(folder: pathlib.Path, number: int) -> None:
    for _ in range(number):
        Feedback(folder, MANY).keep(PICTURE, URLS[0], 7, 1)


def names_in(folder: pathlib.Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_keep_stores_one_file_with_all_of_a_correction(tmp_path):
    store = Feedback(tmp_path / "new" / "feedback", MANY)
    name = store.keep(PICTURE, URLS[0], read=7, digit=1)
    assert names_in(store.folder) == [f"{name}.json"]
    stored = json.loads((store.folder / f"{name}.json").read_text())
    assert stored.pop("time").endswith("+00:00")
    assert stored == {"read": 7, "digit": 1, "picture": PICTURE, "frame": URLS[0]}
    images, labels = load_corrections(store.folder)
    assert np.array_equal(images, FRAMES[:1])
    assert labels.tolist() == [1]


def test_keep_stores_what_is_not_a_digit(tmp_path):
    Feedback(tmp_path, MANY).keep(PICTURE, URLS[0], read=7, digit=None)
    assert load_corrections(tmp_path).labels.tolist() == [10]


def test_withdraw_deletes_one_correction(tmp_path):
    store = Feedback(tmp_path, MANY)
    first, second = (store.keep(PICTURE, URLS[digit], 1, digit) for digit in (3, 8))
    assert store.withdraw(first)
    assert load_corrections(tmp_path).labels.tolist() == [8]
    assert names_in(tmp_path) == [f"{second}.json"]
    assert not store.withdraw(first)


def test_withdraw_of_unknown_names_deletes_nothing(tmp_path):
    store = Feedback(tmp_path / "feedback", MANY)
    assert not store.withdraw("0" * 16)
    store.keep(PICTURE, URLS[0], 1, 2)
    (tmp_path / "name.json").write_text("")
    for name in ("name", "", "../name", "0" * 16, "*"):
        assert not store.withdraw(name)
    assert len(names_in(store.folder)) == 1
    assert (tmp_path / "name.json").exists()


def test_keep_stores_every_correction_of_concurrent_threads(tmp_path):
    store = Feedback(tmp_path, MANY)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda index: store.keep(PICTURE, URLS[index], 0, index % 10), range(30)))
    images, labels = load_corrections(tmp_path)
    assert {image.tobytes() for image in images} == {frame.tobytes() for frame in FRAMES}
    assert np.bincount(labels).tolist() == [3] * 10


@pytest.mark.slow
def test_keep_stores_every_correction_of_two_processes(tmp_path):
    processes = [multiprocessing.get_context("spawn").Process(target=keep_many, args=(tmp_path, 200)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(load_corrections(tmp_path).labels) == 400


def test_keep_raises_when_there_is_no_room(tmp_path):
    store = Feedback(tmp_path, max_corrections=2)
    first, _ = (store.keep(PICTURE, URLS[0], 1, 2) for _ in range(2))
    with pytest.raises(FeedbackError, match="cannot be stored: there is no room") as error:
        store.keep(PICTURE, URLS[0], 1, 2)
    assert (error.value.code, error.value.status) == ("not_kept", 507)
    store.withdraw(first)
    store.keep(PICTURE, URLS[0], 1, 2)
    assert len(names_in(tmp_path)) == 2


def test_keep_raises_when_the_folder_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FeedbackError, match="cannot be stored: ") as error:
        Feedback(tmp_path / "file", MANY).keep(PICTURE, URLS[0], 1, 2)
    assert str(tmp_path) not in str(error.value)


@pytest.mark.parametrize("method", ["write_text", "replace"])
def test_full_disk_leaves_no_file(method, tmp_path, monkeypatch):
    def fail(path, *_, **__):
        path.write_bytes(b"a part")
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(pathlib.Path, method, fail)
    with pytest.raises(FeedbackError, match=r"^This correction cannot be stored: No space left on device\.$"):
        Feedback(tmp_path, MANY).keep(PICTURE, URLS[0], 1, 2)
    assert names_in(tmp_path) == []
