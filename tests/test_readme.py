"""The README's commands, figures and settings are those of the repository."""

import asyncio
import base64
import contextlib
import io
import json
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest
from huggingface_hub import SpaceCard
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

import train
from model.evaluation.report import recipes_table
from pad.errors import CODES
from tests.helpers import ROOT
from tests.helpers.drawings import picture

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


@pytest.fixture
def photo(tmp_path, monkeypatch) -> pathlib.Path:
    Image.fromarray(picture(4)).save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "photo.jpg"


def test_curl_commands_return_the_digit(server, photo):
    if not shutil.which("curl"):
        pytest.skip("needs curl")
    commands = [shlex.split(line) for line in block("sh", "curl", server).splitlines()]
    assert len(commands) == 2

    def answers() -> list[dict]:
        runs = [subprocess.run([*command, "--silent"], capture_output=True, check=True) for command in commands]
        return [json.loads(run.stdout) for run in runs]

    assert [answer["digit"] for answer in answers()] == [4, 4]
    assert [answer["reason"] for answer in answers()] == [None, None]
    photo.write_text("four")
    assert [answer["code"] for answer in answers()] == ["unreadable"] * 2


def test_gradio_client_example_prints_the_digit(server, photo):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(block("python", "gradio_client", server), {})
    assert re.search(r"^4 \[.*\] None$", printed.getvalue(), re.MULTILINE)


def test_mcp_tool_returns_the_digit(server, photo):
    url = json.loads(block("json", "mcpServers", server))["mcpServers"]["digit-pad"]["url"]
    image = "data:image/jpeg;base64," + base64.b64encode(photo.read_bytes()).decode()

    async def ask():
        async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            (tool,) = (await session.list_tools()).tools
            return tool, await session.call_tool(tool.name, {"image": image})

    tool, answer = asyncio.run(ask())
    assert tool.name == "predict"
    assert tool.description.startswith("Read the digits in a picture")
    assert "data URL" in tool.inputSchema["properties"]["image"]["description"]
    assert "'number': '4', 'digit': 4" in answer.content[0].text


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
    documented = set(re.findall(r"^\| `(\w+)` \| [45]\d\d", README, re.MULTILINE))
    # The page alone has a route that stores corrections; Gradio opens the files that it was given.
    assert documented == set(CODES) - {"not_kept", "unopened"}


def test_options_of_train_exist():
    for line in re.findall(r"^python train\.py (--.*?)(?:  |$)", README, re.MULTILINE):
        arguments = [ROOT / "README.md" if "." in word or "/" in word else word for word in line.split()]
        assert train.parse_arguments([str(argument) for argument in arguments])


def test_requirements_include_those_of_serving():
    assert pins("requirements-serve.txt") < pins("requirements.txt")
    training = {re.split("[=;]", pin)[0] for pin in pins("requirements.txt") - pins("requirements-serve.txt")}
    assert {"tensorflow", "keras"} <= training
