"""The database: one thread that owns the connection, one transaction for each piece of work."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session, create_engine

from storage.deadlines import promised
from storage.types import keyring

R = TypeVar("R")
Probe = Callable[[str], None]


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """False for the SQLite releases whose write-ahead log can corrupt with several connections.

    Source: SQLite's release notes of 3.51.3, back-ported to 3.50.7 and 3.44.6.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


class Database:
    """Opens `url` with `keys` in force. `run` does a piece of work in the database's own thread."""

    def __init__(self, url: str, keys: list[str], probe: Probe = lambda _: None) -> None:
        keyring.use(keys)
        self.url = url
        self.promised: Callable[[], None] = lambda: None  # called in the event loop when a deadline was set
        self._probe = probe
        self.engine = make_engine(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction: all of it, or nothing."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session
            self._probe("before commit")
            session.commit()

    async def run(self, work: Callable[..., R], *arguments: Any) -> R:
        """Do `work(session, *arguments)` in one transaction in the database's thread."""
        loop = asyncio.get_running_loop()
        result, promised = await loop.run_in_executor(self._thread, self._one, work, arguments)
        if promised:
            self.promised()
        return result

    def _one(self, work: Callable[..., R], arguments: tuple[Any, ...]) -> tuple[R, bool]:
        with self.transaction() as session:
            return work(session, *arguments), promised(session)

    def close(self) -> None:
        """Finish what is under way and let the file go."""
        self._thread.shutdown()
        self.engine.dispose()


def make_engine(url: str) -> Engine:
    """An engine with our promises switched on. Raises ArgumentError for a URL that is none."""
    try:
        engine = create_engine(url, hide_parameters=True)  # an error's text goes to the log
    except ValueError:  # its words would quote the URL, and there may be a password in it
        raise ArgumentError("the database URL cannot be read") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # A lost acknowledged commit is a lost call for help: FULL. BEGIN is ours, because the driver's own is
    # deferred, and a deferred transaction that turns to writing can fail at once.
    connection.isolation_level = None
    mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "PERSIST"
    for pragma in (f"journal_mode={mode}", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite URL; None for another database or one in memory. Raises ArgumentError."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


__all__ = ["ArgumentError", "Database", "Probe", "make_engine", "sqlite_file", "wal_is_safe"]
