"""How the tests find their browser, and what they do without one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import chromium


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """What was found before does not count."""
    chromium.find.cache_clear()
    yield
    chromium.find.cache_clear()


def nowhere(monkeypatch: pytest.MonkeyPatch, gave_up: Path) -> list[list[str]]:
    """A machine without Chromium where no command helps; returns the commands that were tried."""
    tried: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        tried.append(command)
        return subprocess.CompletedProcess(command, 0, stdout="", stderr="")

    monkeypatch.delenv(chromium.SETTING, raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(chromium, "GAVE_UP", gave_up)
    return tried


def test_the_setting_says_which_browser_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.touch()
    monkeypatch.setenv(chromium.SETTING, str(browser))
    assert chromium.find() == str(browser)
    chromium.find.cache_clear()
    monkeypatch.setenv(chromium.SETTING, "none")
    assert chromium.find() is None
    assert chromium.install() == chromium.MISSING


def test_where_it_cannot_be_installed_that_is_said_once_and_not_tried_at_every_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = nowhere(monkeypatch, tmp_path / "no-chromium")
    assert chromium.install() == chromium.MISSING
    assert any("install" in command for command in tried)
    assert "installing" in capsys.readouterr().out
    tried.clear()
    chromium.find.cache_clear()
    assert chromium.install().startswith(chromium.MISSING)
    assert not any("install" in command for command in tried)
