"""Who is running is known by the beats, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage import processes
from storage.database import Database
from storage.tables import Process

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.engine) as opened:
        yield opened


def test_who_beats_lives_until_it_is_silent_for_too_long(session: Session) -> None:
    processes.beat(session, "a", NOW)
    processes.beat(session, "b", NOW + 20 * SECOND)
    assert processes.alive(session, NOW + 25 * SECOND) == {"a", "b"}
    assert processes.alive(session, NOW + 35 * SECOND) == {"b"}
    assert processes.alive(session, NOW + 25 * SECOND, within=10 * SECOND) == {"b"}
    processes.beat(session, "a", NOW + 40 * SECOND)
    assert processes.alive(session, NOW + 40 * SECOND) == {"a", "b"}
    assert len(session.exec(select(Process)).all()) == 2


def test_who_stops_is_dead_at_once_and_was_here_until_then(session: Session) -> None:
    processes.beat(session, "a", NOW)
    processes.stopped(session, "a", NOW + 5 * SECOND)
    processes.stopped(session, "never beat", NOW + 9 * SECOND)
    assert processes.alive(session, NOW + 6 * SECOND) == set()
    assert processes.last_seen(session) == NOW + 5 * SECOND


def test_nobody_was_here_before_the_first_and_the_own_beat_can_be_left_out(session: Session) -> None:
    assert processes.last_seen(session) is None
    processes.beat(session, "a", NOW)
    assert processes.last_seen(session, but_not="a") is None
    processes.beat(session, "b", NOW + SECOND)
    assert processes.last_seen(session, but_not="a") == processes.last_seen(session) == NOW + SECOND


def test_only_those_that_ended_long_ago_are_forgotten(session: Session) -> None:
    processes.beat(session, "old", NOW - timedelta(days=31))
    processes.beat(session, "new", NOW - timedelta(days=29))
    processes.forget(session, NOW)
    assert [row.name for row in session.exec(select(Process))] == ["new"]
