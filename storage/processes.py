"""The running bots, by their beats: who lives, who ended in good order, and when anybody was last here."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from storage.tables import Lease, Process

ALIVE = timedelta(seconds=30)  # three beats: one that is slower than this is taken for dead
REMEMBERED = timedelta(days=30)
ABSENCE = "absence"  # the lease, held by no process, whose `until` is the end of the absence that was last told of


def beat(session: Session, name: str, now: datetime) -> None:
    """The process lives. Its first beat makes it known."""
    row = session.get(Process, name)
    if row is None:
        session.add(Process(name=name, started_at=now, beat_at=now))
    else:
        row.beat_at, row.stopped_at = now, None


def stopped(session: Session, name: str, now: datetime) -> None:
    """The process ends in good order. One that never beat leaves no row."""
    row = session.get(Process, name)
    if row is not None:
        row.beat_at = row.stopped_at = now


def alive(session: Session, now: datetime, within: timedelta = ALIVE) -> set[str]:
    """The names of those that beat lately and have not stopped."""
    query = select(Process.name).where(col(Process.beat_at) > now - within, col(Process.stopped_at).is_(None))
    return set(session.exec(query))


def last_seen(session: Session, but_not: str = "") -> datetime | None:
    """When any process but this one was last here; None if there never was one."""
    return session.exec(select(func.max(Process.beat_at)).where(Process.name != but_not)).one()


def forget(session: Session, now: datetime) -> None:
    """Let go of those that ended long ago."""
    session.execute(delete(Process).where(col(Process.beat_at) < now - REMEMBERED))


def claim_absence(session: Session, since: datetime, until: datetime) -> bool:
    """Whether it falls to this process to say that nobody was here: of several that start together, to one."""
    if session.get(Lease, ABSENCE) is None:
        with suppress(IntegrityError), session.begin_nested():  # another process may be writing it too
            session.add(Lease(name=ABSENCE, holder=ABSENCE, until=since))
            session.flush()
    claimed = session.execute(
        update(Lease)
        .where(col(Lease.name) == ABSENCE, col(Lease.until) <= since)
        .values(until=until)
        .execution_options(synchronize_session=False)
    )
    return bool(cast("CursorResult[object]", claimed).rowcount)
