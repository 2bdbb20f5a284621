"""A database in a file, as it is in production, with the newest tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage import migrate
from storage.database import Database

KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest revision: made once, copied for each test."""
    file = tmp_path_factory.mktemp("template") / "bot.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def file(tmp_path: Path, template: Path) -> Path:
    copy = tmp_path / "bot.db"
    copy.write_bytes(template.read_bytes())
    return copy


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url, [KEY])
    yield opened
    opened.close()
