"""Pictures are decoded within limits of time and memory, and drawings without waiting for them."""

import concurrent.futures
import io
import os
import signal
import sys
import time

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from benchmarks.hostile_files import FILES
from model.preparation.picture import CostlyPictureError, PictureError, TooLargeError, load_pixels
from pad import decoding
from pad.decoding import Decoder, is_small
from pad.errors import ServerBusyError
from pad.settings import Settings
from tests.helpers import ROOT
from tests.helpers.drawings import picture
from tests.helpers.encoding import png
from tests.helpers.files import saved
from tests.helpers.servers import running_app

PHOTO = (ROOT / "pad" / "web" / "shadow.jpg").read_bytes()
DRAWING = png(picture(3))
COSTLY = FILES["JPEG of many scans"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def decoder():
    decoder = Decoder(Settings(decoding_timeout=1))
    yield decoder
    decoder.close()


def test_pixels_are_those_that_the_library_decodes(decoder):
    for file in (PHOTO, DRAWING, saved(Image.fromarray(picture(2)), "WEBP")):
        assert np.array_equal(decoder.decode(file), load_pixels(file))


def test_errors_are_those_of_the_library(decoder):
    large = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(large, "PNG")
    pictures = ((b"no picture", PictureError), (large.getvalue(), TooLargeError), (b"", PictureError))
    for file, error in pictures:
        with pytest.raises(error) as expected:
            load_pixels(file)
        with pytest.raises(error) as raised:
            decoder.decode(file)
        assert (type(raised.value), str(raised.value)) == (type(expected.value), str(expected.value))


def test_only_small_png_files_are_decoded_in_the_server():
    assert is_small(DRAWING)
    assert not is_small(saved(Image.new("L", (1100, 1000)), "PNG"))
    assert not is_small(DRAWING + bytes(200_000))
    assert not is_small(DRAWING[:33] + DRAWING[8:33] + DRAWING[33:]), "the size is given twice"
    assert not is_small(saved(Image.fromarray(picture(3)), "JPEG"))
    assert not any(is_small(DRAWING[:length]) for length in range(24))


def test_picture_that_takes_too_long_is_refused_and_the_next_one_decoded(decoder):
    started = time.monotonic()
    with pytest.raises(CostlyPictureError):
        decoder.decode(COSTLY())
    assert time.monotonic() - started < 10
    assert decoder.decode(PHOTO).shape == load_pixels(PHOTO).shape


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is limited on Linux only")
def test_picture_that_takes_too_much_memory_is_refused_and_the_next_one_decoded():
    decoder = Decoder(Settings(decoding_memory=100_000_000))
    try:
        for _ in range(2):
            with pytest.raises(CostlyPictureError):
                decoder.decode(saved(Image.new("RGB", (8000, 8000)), "PNG", compress_level=1))
            assert decoder.decode(PHOTO).shape == load_pixels(PHOTO).shape
    finally:
        decoder.close()


def test_photos_wait_for_each_other_but_not_for_costly_pictures(decoder, monkeypatch):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        photos = [pool.submit(decoder.decode, PHOTO) for _ in range(8)]
        assert [photo.result().shape for photo in photos] == [load_pixels(PHOTO).shape] * 8
        monkeypatch.setattr(decoding, "MAX_WAIT", 0.2)
        costly = [pool.submit(decoder.decode, COSTLY()) for _ in range(3)]
        errors = {type(each.exception()) for each in costly}
    assert errors == {CostlyPictureError, ServerBusyError}


def test_worker_that_is_killed_is_replaced(decoder):
    decoder.decode(PHOTO)
    for worker in workers_of(psutil.Process()):
        worker.kill()
    for _ in range(20):  # one of them may be lost with the worker
        try:
            decoder.decode(PHOTO)
            break
        except (ServerBusyError, CostlyPictureError):
            time.sleep(0.2)
    else:
        pytest.fail("no new worker")


def test_decoder_is_closed_by_several_threads_at_once():
    others = workers_of(psutil.Process())
    for _ in range(5):
        decoder = Decoder(Settings(decoding_timeout=20))
        decoder.decode(PHOTO)
        with concurrent.futures.ThreadPoolExecutor(9) as pool:
            picture = pool.submit(decoder.decode, COSTLY())
            closing = [pool.submit(decoder.close) for _ in range(8)]
        assert [each.exception() for each in closing] == [None] * 8
        assert isinstance(picture.exception(), ServerBusyError)
        assert workers_of(psutil.Process()) == others
        with pytest.raises(ServerBusyError):
            decoder.decode(PHOTO)


def test_drawings_are_answered_while_costly_pictures_are_decoded(tmp_path):
    with running_app(tmp_path) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            attacks = [pool.submit(client.post, "/read", content=COSTLY()) for _ in range(6)]
            answered = 0
            while not all(attack.done() for attack in attacks):
                assert client.post("/read", content=DRAWING).json()["digit"] == 3
                assert client.get("/readyz").status_code == 200
                answered += 1
        outcomes = {(attack.result().status_code, attack.result().json()["code"]) for attack in attacks}
        assert outcomes <= {(422, "too_large"), (503, "busy")}
        assert (422, "too_large") in outcomes
        assert answered > 10


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_worker_ends_with_the_server(tmp_path, number):
    with running_app(tmp_path, DIGITS_DECODING_TIMEOUT="20") as server:
        assert httpx.post(f"{server.url}/read", content=PHOTO).json()["digit"] == 5
        workers = workers_of(psutil.Process(server.process.pid))
        assert workers
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            attacks = [pool.submit(httpx.post, f"{server.url}/read", content=COSTLY(), timeout=20) for _ in range(3)]
            time.sleep(1)
            server.process.send_signal(number)
            assert server.process.wait(8) == (0 if number == signal.SIGTERM else -number)
            if number == signal.SIGTERM:
                assert [attack.result().status_code for attack in attacks] == [503] * 3
                assert "traceback" not in server.log()
            else:
                assert all(attack.exception() for attack in attacks)
        assert psutil.wait_procs(workers, timeout=8)[1] == []
        if number == signal.SIGKILL:  # the next server deletes what this one has left
            for path in (tmp_path / "temporary").rglob("*"):
                if path.is_file():
                    path.unlink()


def workers_of(server: psutil.Process) -> list[psutil.Process]:
    return [child for child in server.children(recursive=True) if "spawn_main" in " ".join(child.cmdline())]
