import json
import os
import subprocess
import sys

import pytest
from PIL import Image

from tests.drawings import picture


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    Image.fromarray(picture(3)).save(tmp_path / "a.png")
    Image.fromarray(picture(8)).save(tmp_path / "deep" / "er" / "b.jpg")
    Image.new("L", (50, 50), 255).save(tmp_path / "deep" / "c.png")
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


def run(*arguments, **variables: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "model", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | variables)


def test_a_line_for_each_picture(folder):
    result = run(folder / "a.png", folder / "deep")
    assert result.returncode == 0
    assert result.stderr == ""
    lines = [line.removeprefix(str(folder)).replace(os.sep, "/") for line in result.stdout.splitlines()]
    assert lines[0].startswith("/a.png: 3  (")
    assert lines[1:] == ["/deep/c.png: nothing drawn", lines[2]]
    assert lines[2].startswith("/deep/er/b.jpg: 8  (")


def test_json_answers_all_others_before_it_fails(folder):
    (folder / "bad.png").write_text("no picture")
    result = run("--json", folder, folder / "none.png")
    assert result.returncode == 1
    answers = {
        answer["path"].removeprefix(str(folder)).replace(os.sep, "/"): answer
        for answer in map(json.loads, result.stdout.splitlines())
    }
    assert list(answers) == ["/a.png", "/bad.png", "/deep/c.png", "/deep/er/b.jpg", "/none.png"]
    assert answers["/a.png"]["digit"] == 3
    assert sum(answers["/a.png"]["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert answers["/a.png"]["reason"] is None
    assert answers["/deep/c.png"]["digit"] is None
    assert answers["/deep/c.png"]["reason"] == "blank"
    assert "not a picture" in answers["/bad.png"]["error"]
    assert "No such file" in answers["/none.png"]["error"]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_name_that_the_terminal_cannot_show_keeps_no_other_answer_back(options, folder):
    (folder / "a.png").rename(folder / "数.png")
    result = run(*options, folder / "数.png", folder / "deep", PYTHONIOENCODING="cp1252")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    assert "\\u6570.png" in lines[0]
    if options:
        assert json.loads(lines[0])["path"] == str(folder / "数.png")


def test_a_missing_network_is_one_sentence(folder):
    result = run("--network", folder / "none.keras", folder)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "none.keras" in result.stderr
