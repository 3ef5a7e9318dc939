"""What the README says is what the repository does."""

import json
import pathlib
import re

import yaml

from model.evaluation import recipes_table

ROOT = pathlib.Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_front_matter_names_what_the_requirements_pin():
    front_matter = yaml.safe_load(README.split("---")[1])
    assert front_matter["sdk"] == "gradio"
    assert f"gradio=={front_matter['sdk_version']}" in (ROOT / "requirements.txt").read_text()
    assert (ROOT / front_matter["app_file"]).is_file()


def test_figures_are_those_of_the_shipped_network():
    report = json.loads((ROOT / "model" / "trained" / "metrics.json").read_text())
    assert f"{report['parameters']:,} parameters" in README
    assert f"{report['test']['accuracy']:.2%}".replace("%", " %") in README


def test_linked_files_exist():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("http") or (ROOT / link).is_file()


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_table_of_recipes_is_that_of_the_runs():
    for row in recipes_table(ROOT / "runs", real=None).splitlines():
        assert row.removesuffix(" |") in README
