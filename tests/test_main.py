"""python -m model: as a process, and its functions."""

import json
import os
import pathlib
import subprocess
import sys

import pytest
from PIL import Image

from model.__main__ import find_pictures, format_answer
from tests.helpers.drawings import number_picture, picture


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


def test_prints_one_line_per_picture(folder):
    result = run(folder / "a.png", folder / "deep")
    assert result.returncode == 0
    assert result.stderr == ""
    lines = [line.removeprefix(str(folder)).replace(os.sep, "/") for line in result.stdout.splitlines()]
    assert lines[0].startswith("/a.png: 3  (")
    assert lines[1:] == ["/deep/c.png: nothing drawn", lines[2]]
    assert lines[2].startswith("/deep/er/b.jpg: 8  (")


@pytest.mark.parametrize(("number", "text"), [("42", "42"), ("2026", "2026"), ("007", "007"), ("42\n07", "42 / 07")])
def test_prints_numbers_on_one_line(tmp_path, number, text):
    Image.fromarray(number_picture(number)).save(tmp_path / "a.png")
    (line,) = run(tmp_path / "a.png").stdout.splitlines()
    assert line.startswith(f"{tmp_path / 'a.png'}: {text}  (")


def test_json_prints_the_path_and_the_number_and_its_digits(tmp_path):
    Image.fromarray(number_picture("42\n07")).save(tmp_path / "a.png")
    answer = json.loads(run("--json", tmp_path / "a.png").stdout)
    assert list(answer) == ["path", "number", "digit", "reason", "probabilities", "digits", "rejected"]
    assert (answer["number"], answer["digit"], answer["reason"]) == ("42\n07", None, "several digits")
    assert [digit["digit"] for digit in answer["digits"]] == [4, 2, 0, 7]


def test_json_prints_every_answer_and_exits_with_1_if_one_failed(folder):
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
    assert answers["/bad.png"]["code"] == "unreadable"
    assert "not a picture" in answers["/bad.png"]["error"]
    assert answers["/none.png"]["code"] == "unopened"
    assert "No such file" in answers["/none.png"]["error"]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_file_name_that_the_terminal_cannot_encode_is_escaped(options, folder):
    (folder / "a.png").rename(folder / "数.png")
    result = run(*options, folder / "数.png", folder / "deep", PYTHONIOENCODING="cp1252")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    assert "\\u6570.png" in lines[0]
    if options:
        assert json.loads(lines[0])["path"] == str(folder / "数.png")


def test_missing_network_exits_with_2_and_one_sentence(folder):
    result = run("--network", folder / "none.tflite", folder)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("python -m model: none.tflite is missing")


def test_find_pictures_yields_files_as_they_are_and_pictures_in_folders_sorted(folder):
    found = list(find_pictures([folder / "notes.txt", folder, pathlib.Path("none.png")]))
    assert found == [
        folder / "notes.txt",
        folder / "a.png",
        folder / "deep" / "c.png",
        folder / "deep" / "er" / "b.jpg",
        pathlib.Path("none.png"),
    ]


def test_find_pictures_accepts_suffixes_in_capitals(folder):
    (folder / "a.png").rename(folder / "A.PNG")
    assert folder / "A.PNG" in find_pictures([folder])


def answer_of(number: str, reason: str | None, *probabilities: float) -> dict:
    return {"number": number, "reason": reason, "digits": [{"probability": each} for each in probabilities]}


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (answer_of("3", None, 0.987), "a.png: 3  (98.7%)"),
        (answer_of("07", "several digits", 0.987, 0.991), "a.png: 07  (98.7%)"),
        (answer_of("0\n7", "several digits", 0.991, 0.987), "a.png: 0 / 7  (98.7%)"),
        (answer_of("", "blank"), "a.png: nothing drawn"),
        (answer_of("", "not a digit"), "a.png: not a digit"),
        ({"error": "It is damaged.", "code": "unreadable"}, "a.png: It is damaged."),
    ],
)
def test_format_answer_returns_one_line(answer, line):
    assert format_answer({"path": "a.png"} | answer) == line
