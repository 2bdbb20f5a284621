"""The database: one thread that owns the connection, one transaction for each piece of work."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlmodel import Session, create_engine

from storage.deadlines import promised
from storage.types import keyring

R = TypeVar("R")
Probe = Callable[[str], None]

POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
# What another transaction's being quicker looks like, and how often the work is tried: a serialization failure, a
# deadlock, the same row twice (which may also be what it says). Each try waits longer, all of them two seconds at most.
OVERTAKEN = {"40001": 9, "40P01": 9, "23505": 2}
# Unless the URL says otherwise. Times in seconds, but for tcp_user_timeout, which is in milliseconds. The server lets
# go of what a frozen process holds; a dead machine is noticed by the connection itself.
CONNECTION = {
    "application_name": "tryggvag",
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "options": "-c timezone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=10s",
}


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
        self.promised: Callable[[datetime], None] = lambda _: None  # hears in the event loop of a deadline that was set
        self._probe = probe
        self.engine = make_engine(url)
        self.shared = self.engine.dialect.name != "sqlite"  # several processes may run on it
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._side = ThreadPoolExecutor(1, thread_name_prefix="database-side")

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
        result, earliest = await loop.run_in_executor(self._thread, self._one, work, arguments)
        if earliest is not None:
            self.promised(earliest)
        return result

    async def aside(self, work: Callable[..., R], *arguments: Any) -> R:
        """The same in a thread of its own, for what must not wait behind the others. Never for SQLite: it would."""
        loop = asyncio.get_running_loop()
        return (await loop.run_in_executor(self._side, self._one, work, arguments))[0]

    def _one(self, work: Callable[..., R], arguments: tuple[Any, ...]) -> tuple[R, datetime | None]:
        """Work that another process was quicker than has changed nothing, and is done anew on what is there now."""
        tried = 0
        while True:
            try:
                return self._try(work, arguments)
            except DBAPIError as error:
                tried += 1
                if not self.shared or tried >= OVERTAKEN.get(getattr(error.orig, "sqlstate", ""), 0):
                    raise
            time.sleep(random.uniform(0, 0.004 * 2**tried))  # noqa: S311 -- so that two do not meet again

    def _hold(self, session: Session) -> None:
        """Keep what is read until the end: the session alone would let go of it, and read the same row again."""
        held: list[object] = []
        event.listen(session, "loaded_as_persistent", lambda _, row: held.append(row))
        event.listen(session, "pending_to_persistent", lambda _, row: held.append(row))

    def _try(self, work: Callable[..., R], arguments: tuple[Any, ...]) -> tuple[R, datetime | None]:
        with self.transaction() as session:
            self._hold(session)
            return work(session, *arguments), promised(session)

    def close(self) -> None:
        """Finish what is under way and let the file go."""
        self._thread.shutdown()
        self._side.shutdown()
        self.engine.dispose()


def make_engine(url: str) -> Engine:
    """An engine with our promises switched on. Raises ArgumentError for a URL that is none."""
    parsed = _parsed(url)
    if parsed.drivername in POSTGRESQL:
        return _postgresql(parsed)
    engine = create_engine(parsed, hide_parameters=True)  # an error's text goes to the log
    if engine.dialect.name != "sqlite":
        raise ArgumentError("the database URL begins with neither sqlite: nor postgresql:")
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ValueError:  # its words would quote the URL, and there may be a password in it
        raise ArgumentError("the database URL cannot be read") from None


def _postgresql(url: URL) -> Engine:
    # Serializable is what BEGIN IMMEDIATE is on SQLite: whatever several processes do at once has the effect of one
    # after the other, or is done anew (see `Database._one`); no service has to think of it.
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        isolation_level="SERIALIZABLE",
        connect_args={name: value for name, value in CONNECTION.items() if name not in url.query},
        pool_size=2,  # the database's thread, and the one beside it
        max_overflow=3,
        pool_timeout=10,
        pool_pre_ping=True,  # a connection that died while it rested is replaced before it is used
    )


def connection_arguments(engine: Engine) -> dict[str, Any]:
    """What a connection of its own to the engine's PostgreSQL is made with."""
    _, given = engine.dialect.create_connect_args(engine.url)
    return {**CONNECTION, **given}


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # A lost acknowledged commit is a lost call for help: FULL. BEGIN is ours, because the driver's own is
    # deferred, and a deferred transaction that turns to writing can fail at once.
    connection.isolation_level = None
    mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "PERSIST"
    for pragma in (f"journal_mode={mode}", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite URL; None for another database or one in memory. Raises ArgumentError."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


__all__ = ["ArgumentError", "Database", "Probe", "make_engine", "sqlite_file", "wal_is_safe"]
