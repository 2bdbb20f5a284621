"""A transaction is all or nothing, two writers never meet in the middle, and SQLite keeps its promises."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from storage.database import ArgumentError, Database, make_engine, sqlite_file, wal_is_safe
from storage.tables import Party, Role
from tests.storage.conftest import KEY

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def add(session: Session, name: str) -> None:
    session.add(Party(name=name, created_at=NOW))
    session.flush()


def parties(session: Session) -> list[str]:
    return [party.name for party in session.exec(select(Party))]


def test_an_error_undoes_all_that_the_transaction_had_done(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:  # noqa: PT012
        add(session, "Bokpartiet")
        add(session, "Bokpartiet")
    with database.transaction() as session:
        assert parties(session) == []


def test_an_error_at_the_very_last_moment_undoes_it_too(url: str) -> None:
    def crash(where: str) -> None:
        raise ConnectionAbortedError(where)

    crashing = Database(url, [KEY], probe=crash)
    with pytest.raises(ConnectionAbortedError, match="before commit"), crashing.transaction() as session:
        add(session, "Bokpartiet")
    crashing.close()
    whole = Database(url, [KEY])
    with whole.transaction() as session:
        assert parties(session) == []
    whole.close()


def test_what_was_committed_is_there_for_who_opens_the_file_next(url: str) -> None:
    for names in ([], ["Bokpartiet"]):
        opened = Database(url, [KEY])
        with opened.transaction() as session:
            assert parties(session) == names
            add(session, "Bokpartiet") if not names else None
        opened.close()


def test_a_transaction_that_has_only_read_keeps_other_writers_out(database: Database, file: Path) -> None:
    other = sqlite3.connect(file, timeout=0, isolation_level=None)
    with database.transaction() as session:
        assert parties(session) == []
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_row_that_points_at_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(Role(person_id=999, kind="chief", since=NOW))


@pytest.mark.sqlite
def test_every_connection_flushes_to_the_disk_and_waits_for_its_turn(database: Database) -> None:
    mode = "wal" if wal_is_safe(sqlite3.sqlite_version_info) else "persist"
    wanted = {"synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000, "journal_mode": mode}
    with database.engine.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
    assert found == wanted


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 9), True),
        ((3, 45, 0), False),
        ((3, 45, 3), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_the_write_ahead_log_is_used_only_where_it_cannot_corrupt(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


async def test_work_runs_in_the_databases_own_thread_one_piece_after_the_other(database: Database) -> None:
    def name(_: Session) -> str:
        return threading.current_thread().name

    found = {await database.run(name) for _ in range(3)}
    assert len(found) == 1 and found != {threading.current_thread().name}


async def test_work_gets_its_arguments_and_its_error_comes_back(database: Database) -> None:
    await database.run(add, "Bokpartiet")
    with pytest.raises(IntegrityError):
        await database.run(add, "Bokpartiet")
    assert await database.run(parties) == ["Bokpartiet"]


@pytest.mark.parametrize("url", ["", "blåbär", "postgresql://bot@hemligt:ord", "postgresql://u:hemligt@h:ord/d"])
def test_a_url_that_is_none_is_one_kind_of_error_and_does_not_quote_a_password(url: str) -> None:
    with pytest.raises(ArgumentError) as found:
        make_engine(url)
    assert "hemligt" not in str(found.value) and "ord" not in str(found.value)


def test_the_file_behind_a_url_is_known_only_where_there_is_one() -> None:
    assert sqlite_file("sqlite:///bot.db") == Path("bot.db")
    assert sqlite_file("sqlite:////var/lib/bot.db") == Path("/var/lib/bot.db")
    assert sqlite_file("sqlite://") is None
    assert sqlite_file("sqlite:///:memory:") is None
    assert sqlite_file("postgresql://host/db") is None
