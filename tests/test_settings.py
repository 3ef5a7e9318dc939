"""The settings that the environment changes."""

import pytest
from limits import RateLimitItemPerMinute

from pad.settings import SettingsError, load_settings


def test_settings_come_from_the_environment(monkeypatch):
    assert load_settings().max_body == 31_000_000
    monkeypatch.setenv("DIGITS_MAX_BODY", "5000")
    monkeypatch.setenv("DIGITS_RATE_LIMIT", "5 per minute")
    assert load_settings().max_body == 5000
    assert load_settings().rate_limit == RateLimitItemPerMinute(5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIGITS_MAX_BODY", "many"),
        ("DIGITS_MAX_BODY", "0"),
        ("DIGITS_RATE_LIMIT", "5 at once"),
        ("DIGITS_LIMITS_STORAGE", "nosuch://host"),
    ],
)
def test_invalid_values_are_refused_by_their_names(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"The environment variable {name} is invalid: [^.]*\\.$"):
        load_settings()
