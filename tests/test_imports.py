"""Imports point one way, and load no more than what is needed; every module says what it is for."""

import ast
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter

import pytest

import model
from model.classifier import SHIPPED
from tests.helpers import ROOT
from tests.helpers.drawings import picture
from tests.helpers.encoding import png

PACKAGES = ("model", "pad", "benchmarks")
#: Each module may import modules of its own layer and of those before it.
LAYERS = (
    ("model.errors",),
    ("model.preparation",),
    ("model.network",),
    (
        "model.data",
        "model.arguments",
        "model.classifier",
        "model.display",
        "model.explanation",
        "model.feedback",
        "model",
    ),
    ("model.evaluation",),
    ("model.training",),
    ("pad", "app", "train", "benchmarks"),
)


def module_name(path: pathlib.Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


#: The syntax tree of each module by its name.
MODULES = {
    module_name(path): ast.parse(path.read_text(encoding="utf-8"))
    for path in [
        *(ROOT / name for name in ("app.py", "train.py")),
        *(path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))),
    ]
}


def imported(tree: ast.AST, type_checking: bool = True) -> Iterator[str]:
    """Yield the names of the modules that a module imports anywhere, in functions too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not type_checking:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in MODULES else node.module
        else:
            yield from imported(node, type_checking)


#: The modules of this repository that each of them imports.
IMPORTS = {name: set(imported(tree)) & MODULES.keys() for name, tree in MODULES.items()}


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def layer(name: str) -> int:
    """Return the index of a module's layer: that of the longest of its packages among the LAYERS."""
    indices = {package: index for index, packages in enumerate(LAYERS) for package in packages}
    return indices[max((package for package in indices if is_in(name, package)), key=len)]


@pytest.mark.parametrize("name", MODULES)
def test_module_imports_only_its_own_layer_and_those_before(name):
    assert {other for other in IMPORTS[name] if layer(other) > layer(name)} == set()


def test_imports_have_no_cycles():
    order = list(TopologicalSorter(IMPORTS).static_order())  # raises CycleError
    assert sorted(order) == sorted(MODULES)


def test_networks_import_only_their_inputs_of_the_preparation():
    network = {name for name in MODULES if is_in(name, "model.network")}
    others = set().union(*(IMPORTS[name] for name in network)) - network
    assert others == {"model.errors", "model.preparation.frame", "model.preparation.ink"}


def test_serving_imports_neither_evaluation_nor_training():
    needed, found = ["app"], set()
    while needed:
        name = needed.pop()
        found.add(name)
        needed += IMPORTS[name] - found
    assert {name for name in found if is_in(name, "model.evaluation") or is_in(name, "model.training")} == set()


@pytest.mark.parametrize("library", ["gradio", "starlette", "pad", "app", "train"])
def test_model_never_imports_the_page(library):
    importers = {name for name, tree in MODULES.items() if any(is_in(other, library) for other in imported(tree))}
    assert {name for name in importers if is_in(name, "model")} == set()


def test_only_one_module_of_the_model_imports_keras():
    importers = {
        name
        for name, tree in MODULES.items()
        if is_in(name, "model") and any(is_in(other, "keras") for other in imported(tree, type_checking=False))
    }
    assert importers == {"model.network.keras_network"}


@pytest.mark.parametrize("name", MODULES)
def test_module_has_a_docstring_whose_first_line_is_a_sentence(name):
    first_line = (ast.get_docstring(MODULES[name]) or "").partition("\n")[0]
    # A command may end it: "…: python -m benchmarks.load".
    assert re.fullmatch(r"[A-Z].*(\.|: python -m .*)", first_line)


@pytest.mark.parametrize("path", sorted(ROOT.glob("tests/**/*.py")), ids=lambda path: path.stem)
def test_tests_import_helpers_but_no_other_test_module(path):
    names = set(imported(ast.parse(path.read_text(encoding="utf-8"))))
    assert {name for name in names if name.startswith("tests.test_")} == set()


def test_public_names_of_the_model_exist():
    assert model.__all__ == sorted(model.__all__)
    assert all(hasattr(model, name) for name in model.__all__)


def run(script: str, folder: pathlib.Path = ROOT) -> str:
    """Return what a script prints in a process of its own."""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=folder)
    assert result.stderr == ""
    return result.stdout


def loaded(script: str, *libraries: str) -> str:
    """Return those of the libraries that a script has loaded."""
    return run(f"import sys\n{script}\nprint(*(set({libraries!r}) & set(sys.modules)))").strip()


def test_importing_model_loads_neither_page_nor_network_nor_figures():
    assert loaded("import model", "gradio", "tensorflow", "keras", "matplotlib") == ""


def test_serving_loads_neither_tensorflow_nor_training(tmp_path):
    (tmp_path / "four.png").write_bytes(png(picture(4)))
    script = f"import app\nassert app.model.load_classifier().predict({str(tmp_path / 'four.png')!r}).digit == 4"
    assert loaded(script, "tensorflow", "keras", "sklearn", "matplotlib") == ""


@pytest.mark.skipif(os.name == "nt", reason="links are a privilege on Windows")
def test_shipped_network_needs_no_tensorflow_where_the_package_is_a_link(tmp_path):
    (tmp_path / "model").symlink_to(SHIPPED.parent.parent)
    script = "import sys, model; model.load_classifier(); print(model.__file__, 'tensorflow' in sys.modules)"
    assert run(script, tmp_path) == f"{tmp_path / 'model' / '__init__.py'} False\n"
