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
