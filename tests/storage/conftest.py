"""A database in a file, as it is in production, or on PostgreSQL, with the newest tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage.database import Database, sqlite_file
from tests.conftest import Fresh

KEY = Fernet.generate_key().decode()


@pytest.fixture
def url(tmp_path: Path, fresh: Fresh) -> str:
    return fresh(tmp_path)


@pytest.fixture
def file(url: str) -> Path:
    """The SQLite file; tests that look into it are left out on PostgreSQL."""
    found = sqlite_file(url)
    assert found is not None
    return found


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url, [KEY])
    yield opened
    opened.close()
