import numpy as np
import pytest

from model.data import mnist
from model.data.mnist import Split


def sizes(data: mnist.Mnist) -> list[int]:
    return [len(split.labels) for split in data]


def test_load_holds_out_the_last_training_images_for_validation(mnist_data, mnist_file):
    assert sizes(mnist_data) == [55_000, 5_000, 10_000]
    assert [split.images.shape[1:] for split in mnist_data] == [(28, 28)] * 3
    with np.load(mnist_file) as file:
        assert np.array_equal(mnist_data.validation.images, file["x_train"][55_000:])
        assert np.array_equal(mnist_data.test.labels, file["y_test"])


def test_load_holds_out_as_many_as_told(drawn_mnist_file):
    assert sizes(mnist.load(drawn_mnist_file, validation_size=6_000)) == [54_000, 6_000, 10_000]


def test_load_validates_on_the_test_split_when_none_are_held_out(drawn_mnist_file):
    data = mnist.load(drawn_mnist_file, validation_size=None)
    assert sizes(data) == [60_000, 10_000, 10_000]
    assert data.validation is data.test


def test_concatenate_joins_images_and_labels():
    one = Split(np.zeros((2, 28, 28), np.uint8), np.array([1, 2], np.uint8))
    other = Split(np.ones((1, 28, 28), np.uint8), np.array([3], np.uint8))
    images, labels = mnist.concatenate(one, other)
    assert images.mean(axis=(1, 2)).tolist() == [0, 0, 1]
    assert labels.tolist() == [1, 2, 3]


def test_load_rejects_files_that_are_not_mnist(tmp_path):
    with pytest.raises(mnist.DataError, match="no file"):
        mnist.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(mnist.DataError, match="layout"):
        mnist.load(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(mnist.DataError, match="layout"):
        mnist.load(tmp_path / "other.npz")
    np.savez(tmp_path / "small.npz", **dict.fromkeys(mnist.ARRAYS, np.zeros((3, 28, 28))))
    with pytest.raises(mnist.DataError, match="60,000"):
        mnist.load(tmp_path / "small.npz")


def test_load_rejects_damaged_files(tmp_path):
    path = tmp_path / "mnist.npz"
    images = np.random.default_rng(0).integers(0, 255, (60, 28, 28), np.uint8)
    np.savez_compressed(path, **dict.fromkeys(mnist.ARRAYS, images))
    whole = path.read_bytes()
    for at in range(0, len(whole) - 8, len(whole) // 200):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 255] * 8) + whole[at + 8 :])
        with pytest.raises(mnist.DataError):
            mnist.load(path)


def test_failed_download_raises_data_error_with_the_command_for_a_local_file(monkeypatch):
    from model.network.keras_network import keras

    def without_network():
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", without_network)
    with pytest.raises(mnist.DataError, match=r"python train\.py --data mnist\.npz"):
        mnist.load()
