import os
import threading
import time
import types

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pad import uploads
from pad.uploads import OVERHEAD, UploadRoom, delete_uploads


@pytest.fixture
def clock(monkeypatch):
    """The clock of pad.uploads: ``clock.ahead`` is by how many seconds it is ahead of the system's."""
    clock = types.SimpleNamespace(ahead=0, time=lambda: time.time() + clock.ahead)
    monkeypatch.setattr(uploads, "time", clock)
    return clock


def test_delete_uploads_deletes_old_uploads_and_keeps_files_from_before_the_start(tmp_path, clock):
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "icon.jpg").write_bytes(b"icon")
    upload = tmp_path / "visitor" / "photo.jpg"
    stopping = threading.Event()
    thread = threading.Thread(
        target=delete_uploads, args=(tmp_path, stopping), kwargs={"interval": 0.01, "max_age": 600}
    )
    thread.start()
    try:
        time.sleep(0.1)
        upload.parent.mkdir()
        upload.write_bytes(b"photo")
        time.sleep(0.1)
        assert upload.exists()
        clock.ahead = 700
        for _ in range(100):
            if not upload.parent.exists():
                break
            time.sleep(0.1)
        assert not upload.parent.exists()
        assert tmp_path.exists()
        assert (tmp_path / "page" / "icon.jpg").exists()
    finally:
        stopping.set()
        thread.join(5)


def test_delete_uploads_deletes_folders_of_killed_servers_only(tmp_path):
    hour_ago = time.time() - 3600
    ours, killed, running = (f"digit-pad-{digits}" for digits in ("0a1b", "0a1c", "0a1d"))
    others = ["digit-pad-main", "digit-pad-main2", "somebody-else"]
    for name in (ours, killed, running, *others):
        (tmp_path / name).mkdir()
        (tmp_path / name / "photo.jpg").write_bytes(b"photo")
        if name != running:
            os.utime(tmp_path / name, (hour_ago, hour_ago))
    stopping = threading.Event()
    stopping.set()
    delete_uploads(tmp_path / ours, stopping)
    assert {path.name for path in tmp_path.iterdir()} == {ours, running, *others}
    assert time.time() - (tmp_path / ours).stat().st_mtime < 60


@pytest.fixture
def upload(tmp_path):
    """Return a function that uploads a file through UploadRoom to an app that stores it as Gradio does."""
    (tmp_path / "icon.jpg").write_bytes(bytes(100_000))
    numbers = iter(range(1000))

    async def store(request):
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        (folder / "photo.jpg").write_bytes(await request.body())
        return PlainTextResponse("stored")

    route = Route("/{path:path}", store, methods=["POST"])
    app = Starlette(routes=[route], middleware=[Middleware(UploadRoom, tmp_path, max_bytes=10 * (10_000 + OVERHEAD))])
    with TestClient(app) as client:
        yield lambda size, path="/gradio_api/upload": client.post(path, content=bytes(size))


def stored_sizes(folder) -> list[int]:
    return [path.stat().st_size for path in sorted(folder.rglob("photo.jpg"), key=lambda path: int(path.parent.name))]


def test_oldest_uploads_are_deleted_when_the_room_is_full(upload, tmp_path):
    for number in range(100):
        assert upload(10_000 + number).status_code == 200
        sizes = stored_sizes(tmp_path)
        assert sum(sizes) + OVERHEAD * len(sizes) <= 10 * (10_200 + OVERHEAD)
        assert sizes[-5:] == [10_000 + each for each in range(number + 1)][-5:], "the newest are kept"
    assert (tmp_path / "icon.jpg").exists()
    assert len(list(tmp_path.iterdir())) == 1 + len(sizes), "empty folders are deleted, too"


def test_many_small_uploads_count_with_their_folders(upload, tmp_path):
    for _ in range(100):
        upload(1)
    assert len(stored_sizes(tmp_path)) <= 10 * (10_000 + OVERHEAD) / OVERHEAD


def test_what_is_not_stored_takes_no_room(upload, tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "delete_oldest", None)
    for _ in range(20):
        assert upload(10_000, "/read").status_code == 200
