import os
import threading
import time
import types

import pytest

from pad import uploads
from pad.uploads import delete_uploads


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
            if not upload.exists():
                break
            time.sleep(0.1)
        assert not upload.exists()
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
