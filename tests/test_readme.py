"""What the README says is what the repository does."""

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

from model.evaluation import recipes_table
from tests.drawings import picture

ROOT = pathlib.Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The README's blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def block(language: str, word: str, server) -> str:
    """The only block of code with this word in it, asking the test's server."""
    (text,) = (text for text in blocks(language) if word in text)
    return text.replace("http://127.0.0.1:7860", server.url)


def test_a_space_reads_its_settings():
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


def test_curl(server, photo):
    if not shutil.which("curl"):
        pytest.skip("needs curl")
    command = shlex.split(block("sh", "curl", server))
    answer = json.loads(subprocess.run([*command, "--silent"], capture_output=True, check=True).stdout)
    assert answer["digit"] == 4
    assert answer["reason"] is None
    photo.write_text("four")
    answer = json.loads(subprocess.run([*command, "--silent"], capture_output=True, check=True).stdout)
    assert answer["code"] == "unreadable"


def test_gradio_client(server, photo):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(block("python", "gradio_client", server), {})
    assert re.search(r"^4 \[.*\] None$", printed.getvalue(), re.MULTILINE)


def test_mcp(server, photo):
    url = json.loads(block("json", "mcpServers", server))["mcpServers"]["digit-pad"]["url"]
    image = "data:image/jpeg;base64," + base64.b64encode(photo.read_bytes()).decode()

    async def ask():
        async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            (tool,) = (await session.list_tools()).tools
            return tool, await session.call_tool(tool.name, {"image": image})

    tool, answer = asyncio.run(ask())
    assert tool.name == "predict"
    assert tool.description.startswith("Read the digit in a picture")
    assert "data URL" in tool.inputSchema["properties"]["image"]["description"]
    assert "'digit': 4" in answer.content[0].text


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


def test_the_image_is_built_from_the_pins_that_serving_needs():
    assert "sed '/^# Only for training/,$d' requirements.txt" in (ROOT / "Dockerfile").read_text()
    serving, training = (ROOT / "requirements.txt").read_text().split("\n# Only for training")
    assert re.findall(r"^(?:tensorflow|keras|scikit-learn|matplotlib)", serving, re.MULTILINE) == []
    assert "gradio[mcp]==" in serving
    assert "tensorflow==" in training
