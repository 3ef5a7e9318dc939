import numpy as np
from PIL import Image

from model.data.mnist import Split
from model.evaluation.figures import mistakes, save_figures
from model.evaluation.metrics import details

LABELS = np.arange(10).repeat(10)
PROBABILITIES = np.random.default_rng(0).dirichlet(np.ones(10), 100)
TEST = Split(np.zeros((100, 28, 28), np.uint8), LABELS)


def test_save_figures_writes_every_figure(tmp_path):
    history = {name: [0.5, 0.2] for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
    save_figures(tmp_path, details(PROBABILITIES, LABELS) | {"history": history}, PROBABILITIES, TEST)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["calibration.png", "confusion.png", "mistakes.png", "training.png"]
    for name in names:
        with Image.open(tmp_path / name) as figure:
            assert len(figure.convert("L").getcolors()) > 10


def test_save_figures_without_history_writes_no_training_curves(tmp_path):
    save_figures(tmp_path, details(PROBABILITIES, LABELS), PROBABILITIES, TEST)
    assert not (tmp_path / "training.png").exists()


def test_mistakes_are_sorted_by_confidence():
    titles = [axes.get_title() for axes in mistakes(PROBABILITIES, TEST).axes if axes.get_title()]
    confidences = [float(title.split("\n")[1].rstrip("%")) for title in titles]
    assert confidences == sorted(confidences, reverse=True)
    assert len(titles) == 24


def test_mistakes_of_a_perfect_network_are_empty():
    assert not any(axes.get_title() for axes in mistakes(np.eye(10)[LABELS], TEST).axes)
