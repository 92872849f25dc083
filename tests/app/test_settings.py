"""Settings are read once, checked, and explained in the words of the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings, SettingsError, load_settings


def test_the_environment_is_read_with_a_prefix(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POINT21_PORT", "8123")
    monkeypatch.setenv("POINT21_DATA_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("PORT", "1")
    settings = load_settings()
    assert (settings.port, settings.data_directory) == (8123, tmp_path)
    assert load_settings(port=9000, host=None).port == 9000


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINT21_PORT", "eighty")
    monkeypatch.setenv("POINT21_LOG_LEVEL", "loud")
    monkeypatch.setenv("POINT21_DATA_DIRECTORY", "/no/such/folder")
    monkeypatch.setenv("POINT21_ROOT_PATH", "point21/")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    for words in (
        "POINT21_PORT: Input should be a valid integer",
        "(it is 'eighty')",
        "POINT21_LOG_LEVEL",
        "POINT21_DATA_DIRECTORY: Value error, expected a directory that exists",
        "POINT21_ROOT_PATH: Value error, expected a path such as '/point21'",
    ):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("127.0.0.1", 8000, "http://127.0.0.1:8000/"),
        ("0.0.0.0", 80, "http://127.0.0.1:80/"),
        ("::1", 8000, "http://[::1]:8000/"),
        ("maps.example", 8000, "http://maps.example:8000/"),
    ],
)
def test_the_address_to_open(host: str, port: int, url: str) -> None:
    assert Settings(host=host, port=port).url == url
