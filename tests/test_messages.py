"""The page's messages: complete and alike in every language."""

import json
import re

import pytest

from pad import MESSAGES, WEB
from pad.errors import CODES
from tests.helpers import ROOT

FILES = sorted((WEB / "messages").glob("*.json"))
LANGUAGES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FILES}
ENGLISH = LANGUAGES["en"]
#: Errors that the page itself finds, where the server does not answer, or the browser reads.
OWN_CODES = ["lost", "lost_photo", "no_answer", "not_kept", "undecodable", "no_webassembly"]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_every_language_file_is_offered_to_browsers():
    assert MESSAGES == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_have_the_same_keys_in_every_language(language):
    assert list(LANGUAGES[language]) == list(ENGLISH)


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_have_the_same_placeholders_in_every_language(language):
    for key, text in LANGUAGES[language].items():
        assert placeholders(text) == placeholders(ENGLISH[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_are_not_empty_and_have_no_markup(language):
    for key, text in LANGUAGES[language].items():
        assert text.strip() == text != "", key
        assert not set(text) & set("<>`$\\"), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_code_has_a_message(language):
    assert set(CODES) | set(OWN_CODES) <= set(LANGUAGES[language])


def test_every_message_is_used():
    paths = [*WEB.rglob("*.js"), *WEB.glob("*.html"), ROOT / "pad" / "site.py"]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    used = set(re.findall(r'"(\w+)"', sources))
    used |= set(re.findall(r'data-(?:text|label)="(\w+)"', sources))
    used |= set(re.findall(r"^  (\w+):", (WEB / "examples.js").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(ENGLISH) <= used | set(CODES)


def test_every_message_in_the_templates_exists():
    for path in WEB.glob("*.html"):
        for key in re.findall(r'data-(?:text|label)="(\w+)"', path.read_text(encoding="utf-8")):
            assert key in ENGLISH, path.name
