import os
import threading
import time

from pad.uploads import delete_uploads


def test_old_uploads_are_deleted_and_what_is_the_page_s_own_is_not(tmp_path):
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "icon.jpg").write_bytes(b"icon")
    stopping = threading.Event()
    cleaning = threading.Thread(target=delete_uploads, args=(tmp_path, stopping), kwargs={"every": 0.01, "age": 2})
    cleaning.start()
    try:
        time.sleep(0.1)
        (tmp_path / "visitor").mkdir()
        (tmp_path / "visitor" / "photo.jpg").write_bytes(b"photo")
        time.sleep(0.1)
        assert (tmp_path / "visitor" / "photo.jpg").exists()
        for _ in range(100):
            if not (tmp_path / "visitor" / "photo.jpg").exists():
                break
            time.sleep(0.1)
        assert not (tmp_path / "visitor" / "photo.jpg").exists()
        assert (tmp_path / "page" / "icon.jpg").exists()
    finally:
        stopping.set()
        cleaning.join(5)


def test_what_a_killed_server_left_is_deleted_and_what_others_use_is_not(tmp_path):
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
