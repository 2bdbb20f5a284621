"""Where the bot of the proof keeps its records, and how one looks into them from outside while it lives."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg

from tests import postgres

UNSETTLED = "SELECT id FROM outbox WHERE state IN ('waiting', 'claimed') LIMIT 1"
CLAIMED = "SELECT id FROM outbox WHERE state = 'claimed'"
LAST_COMMIT = 0.1  # seconds until what a killed process had sent to the server has happened or not


class Store(Protocol):
    """A database as the proof sees it."""

    url: str

    def settled(self) -> bool:
        """Whether nothing waits to be sent. False too while that cannot be told."""

    def claimed(self, by: str = "") -> list[int]:
        """The rows of the outbox whose sending was under way when the process `by`, or the only one, was killed."""


class SqliteFile:
    """One file in a folder."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "prove.db"
        self.url = f"sqlite:///{self.file}"

    def settled(self) -> bool:
        """False while the file is locked, or was left torn by a kill."""
        try:
            with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=0)) as connection:
                return connection.execute(UNSETTLED).fetchone() is None
        except sqlite3.OperationalError:
            return False

    def claimed(self, by: str = "") -> list[int]:
        """Read from a copy, so that the next life finds the file as the kill left it."""
        folder = self.file.parent / "copy"
        folder.mkdir(exist_ok=True)
        for left in folder.iterdir():
            left.unlink()
        for path in self.file.parent.glob(self.file.name + "*"):
            shutil.copy(path, folder)
        with closing(sqlite3.connect(folder / self.file.name)) as connection:
            return [row for (row,) in connection.execute(CLAIMED)]


class PostgresqlDatabase:
    """One database on the server of the tests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = psycopg.connect(url, autocommit=True)

    def settled(self) -> bool:
        return not self.look(UNSETTLED)

    def claimed(self, by: str = "") -> list[int]:
        time.sleep(LAST_COMMIT)
        rows = self.look(f"{CLAIMED} AND claimed_by = %s", by) if by else self.look(CLAIMED)
        return [row for (row,) in rows]

    def holder(self, lease: str) -> str:
        """The process that holds the lease now; empty when nobody does."""
        rows = self.look("SELECT holder FROM lease WHERE name = %s AND until > timezone('utc', now())", lease)
        return str(rows[0][0]) if rows else ""

    def look(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read."""
        return self._connection.execute(query.encode(), values).fetchall()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@contextmanager
def sqlite_store(folder: Path) -> Iterator[SqliteFile]:
    """A new file in this folder."""
    yield SqliteFile(folder)


@contextmanager
def postgresql_store() -> Iterator[PostgresqlDatabase]:
    """A new database on a server of our own, or on the one that runs already."""
    with postgres.server(), postgres.database() as url, closing(PostgresqlDatabase(url)) as store:
        yield store
