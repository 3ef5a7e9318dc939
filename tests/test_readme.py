"""The README's commands, figures and settings are those of the repository."""

import asyncio
import base64
import contextlib
import io
import json
import re
import shlex
import shutil
import subprocess

import pytest
from huggingface_hub import SpaceCard
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

import train
from model.__main__ import format_answer
from model.evaluation.report import recipes_table
from pad.errors import CODES
from pad.settings import PREFIX, Settings
from tests.helpers import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the README's code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def block(language: str, word: str, server) -> str:
    """Return the only code block that contains a word, with the test server's address."""
    (text,) = (text for text in blocks(language) if word in text)
    return text.replace("http://127.0.0.1:7860", server.url)


def pins(name: str) -> set[str]:
    """Return the pinned requirements of a requirements file."""
    return {line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-r"))}


def test_front_matter_is_valid_for_a_space():
    settings = SpaceCard.load(ROOT / "README.md").data
    assert settings.sdk == "gradio"
    assert re.search(rf"^gradio\S*=={settings.sdk_version}$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert (ROOT / settings.app_file).is_file()
    assert settings.python_version == "3.11"
    assert settings.license == "mit"
    assert len(settings.short_description) <= 60  # more is refused
    assert {settings.colorFrom, settings.colorTo} <= {
        *("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"),
    }


def test_table_of_settings_is_complete():
    rows = re.findall(r"^\| `(DIGITS_\w+)` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    fields = Settings.model_fields.items()
    assert rows == [(f"{PREFIX}{name.upper()}", str(field.default), field.description) for name, field in fields]


@pytest.mark.parametrize(("name", "number"), [("digit", "5"), ("number", "2026"), ("squared", "7")])
def test_examples_are_read_correctly(classifier, name, number):
    assert classifier.predict(ROOT / "examples" / f"{name}.jpg").number == number


def test_line_of_the_command_is_what_it_prints(classifier):
    path, shown = re.search(r"^A line is `(\S+): (.*?)`", README, re.MULTILINE).groups()
    assert format_answer({"path": path, **classifier.predict(ROOT / path).as_dict()}) == f"{path}: {shown}"


def test_curl_commands_return_the_number(server, monkeypatch):
    if not shutil.which("curl"):
        pytest.skip("needs curl")
    monkeypatch.chdir(ROOT)
    commands = [shlex.split(line) for line in block("sh", "curl", server).splitlines()]
    assert len(commands) == 2
    for command in commands:
        run = subprocess.run([*command, "--silent"], capture_output=True, check=True)
        assert json.loads(run.stdout)["number"] == "2026"


def test_gradio_client_example_prints_the_number(server, monkeypatch):
    monkeypatch.chdir(ROOT)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(block("python", "gradio_client", server), {})
    assert re.search(r"^2026 \[.*\] several digits$", printed.getvalue(), re.MULTILINE)


def test_mcp_tool_returns_the_digit(server):
    url = json.loads(block("json", "mcpServers", server))["mcpServers"]["digit-pad"]["url"]
    image = "data:image/jpeg;base64," + base64.b64encode((ROOT / "examples" / "digit.jpg").read_bytes()).decode()

    async def ask():
        async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            (tool,) = (await session.list_tools()).tools
            return tool, await session.call_tool(tool.name, {"image": image})

    tool, answer = asyncio.run(ask())
    assert tool.name == "predict"
    assert tool.description.startswith("Read the digits in a picture")
    assert "data URL" in tool.inputSchema["properties"]["image"]["description"]
    assert "'number': '5', 'digit': 5" in answer.content[0].text


def test_figures_match_the_shipped_network():
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


def test_table_of_recipes_matches_the_reports():
    rows = {row.split(" |")[0]: row.removesuffix(" |") for row in recipes_table(ROOT / "runs").splitlines()[2:]}
    table = README.partition("<!-- recipes:")[2]
    listed = re.findall(r"^\| `[\w-]+` \| .*$", table, re.MULTILINE)
    assert len(listed) >= 6
    for line in listed:
        assert line.startswith(rows[line.split(" |")[0]])


def test_error_codes_are_those_of_the_responses():
    documented = set(re.findall(r"^\| `(\w+)` \| [45]\d\d(?: \||, )", README, re.MULTILINE))
    # The page alone has a route that stores corrections; Gradio opens the files that it was given.
    assert documented == set(CODES) - {"not_kept", "unopened"}


def test_options_of_train_exist():
    for line in re.findall(r"^python train\.py (--.*?)(?:  |$)", README, re.MULTILINE):
        arguments = [ROOT / "README.md" if "." in word or "/" in word else word for word in line.split()]
        assert train.parse_arguments([str(argument) for argument in arguments])


def test_image_has_the_requirements_of_serving_with_hashes():
    lock = (ROOT / "requirements-image.txt").read_text()
    locked = re.findall(r"^(\S+?)==(\S+) \\((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)$", lock, re.MULTILINE)
    assert len(locked) == len(re.findall(r"^\w", lock, re.MULTILINE)), "each has hashes"
    versions = {name: version for name, version, _ in locked}
    for pin in pins("requirements-serve.txt"):
        name, version = re.fullmatch(r"([\w-]+)(?:\[\w+\])?==(\S+)", pin).groups()
        assert versions[name.replace("_", "-")] == version
    assert "://" not in lock


def test_requirements_include_those_of_serving():
    assert pins("requirements-serve.txt") < pins("requirements.txt")
    training = {re.split("[=;]", pin)[0] for pin in pins("requirements.txt") - pins("requirements-serve.txt")}
    assert {"tensorflow", "keras"} <= training
