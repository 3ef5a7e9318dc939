import numpy as np
import pytest

from model import mnist


def test_the_split(mnist_data, mnist_file):
    assert [len(split.labels) for split in mnist_data] == [55_000, 5_000, 10_000]
    assert [split.images.shape[1:] for split in mnist_data] == [(28, 28)] * 3
    with np.load(mnist_file) as file:
        assert np.array_equal(mnist_data.validation.images, file["x_train"][55_000:])
        assert np.array_equal(mnist_data.test.labels, file["y_test"])


def test_other_splits(mnist_file):
    assert [len(split.labels) for split in mnist.load(mnist_file, held_out=6_000)] == [54_000, 6_000, 10_000]
    published = mnist.load(mnist_file, held_out=None)
    assert len(published.train.labels) == 60_000
    assert published.validation is published.test


def test_files_that_are_not_mnist_are_said(tmp_path):
    with pytest.raises(mnist.DataError, match="no file"):
        mnist.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(mnist.DataError, match="layout"):
        mnist.load(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(mnist.DataError, match="layout"):
        mnist.load(tmp_path / "other.npz")
    np.savez(tmp_path / "small.npz", **dict.fromkeys(("x_train", "y_train", "x_test", "y_test"), np.zeros((3, 28, 28))))
    with pytest.raises(mnist.DataError, match="60,000"):
        mnist.load(tmp_path / "small.npz")


def test_a_damaged_file_is_said(tmp_path):
    path = tmp_path / "mnist.npz"
    images = np.random.default_rng(0).integers(0, 255, (60, 28, 28), np.uint8)
    np.savez_compressed(path, **dict.fromkeys(("x_train", "y_train", "x_test", "y_test"), images))
    whole = path.read_bytes()
    for at in range(0, len(whole) - 8, len(whole) // 200):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 255] * 8) + whole[at + 8 :])
        with pytest.raises(mnist.DataError):
            mnist.load(path)


def test_no_network_and_no_file_says_what_to_do(monkeypatch):
    from model.quiet_keras import keras

    def without_network():
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", without_network)
    with pytest.raises(mnist.DataError, match=r"python train\.py --data mnist\.npz"):
        mnist.load()
