import nbformat
import pytest
from nbclient import NotebookClient

from tests.helpers import ROOT

NOTEBOOK = ROOT / "notebooks" / "walkthrough.ipynb"


def test_notebook_is_stored_with_its_figures_and_without_errors():
    cells = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    pictures = sum("image/png" in output.get("data", {}) for cell in cells for output in cell.outputs)
    assert pictures >= 7
    assert not any(output.output_type == "error" for cell in cells for output in cell.outputs)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # Jupyter's own
def test_notebook_runs_on_a_small_sample(drawn_mnist_file):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    settings = next(cell for cell in notebook.cells if cell.source.startswith("DATA ="))
    settings.source = f"DATA = {str(drawn_mnist_file)!r}\nRECIPE = 'small-5x5'\nEPOCHS = 1\nSAMPLES = 300"
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    answer = next(cell for cell in notebook.cells if "classifier.predict" in cell.source)
    assert answer.outputs[0].text.startswith("digit: ")
