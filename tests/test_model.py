"""The public names of the package, as README promises them."""

import subprocess
import sys

import model


def test_public_names():
    assert set(model.__all__) == {
        "Classifier",
        "NetworkError",
        "PictureError",
        "Prediction",
        "display_prediction",
        "load_classifier",
        "predict_digit",
    }
    assert all(hasattr(model, name) for name in model.__all__)


def test_import_loads_neither_page_nor_network_nor_figures():
    code = "import model, sys; print({'gradio', 'tensorflow', 'keras', 'matplotlib'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
