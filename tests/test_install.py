"""docs/install.md names every setting and only commands that exist; what deploy/ holds is in good order."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import pytest
import typer
from pydantic import BaseModel

from bot.cli import app
from config.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("tryggvag*") if path.suffix in (".service", ".timer"))
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def settings(model: type[BaseModel] = Settings, prefix: str = PREFIX) -> Iterator[str]:
    """The name of every setting, as it is written in the environment."""
    for name, field in model.model_fields.items():
        kinds = get_args(field.annotation) if isinstance(field.annotation, UnionType) else (field.annotation,)
        parts = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if parts:
            yield from settings(parts[0], f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}"


def commands(group: Any = None, before: str = "") -> Iterator[str]:
    """Every command, with the group that it is in."""
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_the_table_has_every_setting_and_no_other() -> None:
    rows = re.findall(rf"^\| `({PREFIX}\w+)` \|", TEXT, re.M)
    assert len(rows) == len(set(rows))
    assert set(rows) == set(settings())


def test_every_setting_that_is_named_anywhere_exists() -> None:
    for path in (ROOT / "docs" / "install.md", ROOT / "docs" / "dataskydd.md", DEPLOY / "Containerfile"):
        named = set(re.findall(rf"\b{PREFIX}[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8")))
        assert named <= set(settings()), path.name


def test_every_command_that_is_named_exists() -> None:
    known = set(commands())
    documents = TEXT + (ROOT / "docs" / "dataskydd.md").read_text(encoding="utf-8")
    named = set(
        re.findall(r"(?:^|`|sudo |bin/|tryggvag )tryggvag ([a-z][a-z-]*(?: import| check)?)\b", documents, re.M)
    )
    assert {"run", "init", "new-key"} <= named
    assert named <= known, f"not a command: {sorted(named - known)}"


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"\bdeploy/[\w.-]+", TEXT))
    assert named and all((ROOT / name).is_file() for name in named)
    assert set(UNITS) == {"tryggvag.service", "tryggvag-backup.service", "tryggvag-backup.timer"}


def unit(name: str) -> list[tuple[str, str]]:
    """The settings of a unit, in order."""
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    return [(key, value) for key, mark, value in (line.partition("=") for line in lines) if mark and key[:1] != "#"]


@pytest.mark.parametrize("name", ["tryggvag.service", "tryggvag-backup.service"])
def test_a_service_runs_as_its_own_user_with_nothing_to_write_but_its_folder(name: str) -> None:
    said = dict(unit(name))
    assert said["User"] == "tryggvag" and said["ProtectSystem"] == "strict" and said["NoNewPrivileges"] == "yes"
    assert said["CapabilityBoundingSet"] == "" and said["UMask"] == "0077" and said["StateDirectoryMode"] == "0700"
    assert said["EnvironmentFile"] == "/etc/tryggvag/environment"
    assert not [key for key, _ in unit(name) if key in ("Environment", "ReadWritePaths", "WatchdogSec")]


def test_the_bot_comes_back_after_anything_but_a_wrong_setting() -> None:
    said = dict(unit("tryggvag.service"))
    assert (said["Restart"], said["RestartPreventExitStatus"]) == ("always", "2")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_finds_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        # The program is not installed where the unit expects it, nor is there such a user on the test's machine.
        (tmp_path / name).write_text(text.replace("/opt/tryggvag/bin/tryggvag run", sys.executable))
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *(str(tmp_path / u) for u in UNITS)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    ours = [line for line in found.stderr.splitlines() if "tryggvag" in line]
    assert found.returncode == 0 and ours == [], found.stderr


def test_the_script_for_administrators_is_sound_shell() -> None:
    script = DEPLOY / "tryggvag-admin"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["/bin/sh", "-n", str(script)], check=False).returncode == 0


def test_the_container_runs_without_rights_and_is_asked_for_its_health() -> None:
    stages = CONTAINER.split("\nFROM ")
    assert len(stages) == 3, "what builds, and what runs"
    last = stages[2]
    assert re.search(r"^USER 10001:10001$", last, re.M) and "/healthz" in last
    assert last.index("USER ") < last.index("ENTRYPOINT")
    assert "pip uninstall --yes setuptools wheel pip" in last and "COPY bot" not in last


def test_what_the_container_installs_has_hashes() -> None:
    for install in re.findall(r"pip(?: --python \S+)? install ([^\n\\]*)", CONTAINER):
        assert "--require-hashes" in install or "--no-index" in install
    last = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").split("\nsetuptools==", 1)[1]
    assert "--hash=sha256:" in last and "==" not in last, "setuptools is the last one, and alone"


def test_every_path_that_the_container_copies_exists_and_is_let_through() -> None:
    let = {line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.*)$", CONTAINER, re.M):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() and source in let for source in sources)
