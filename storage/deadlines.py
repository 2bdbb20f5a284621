"""Promises with a time: rows, so that no restart forgets one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnClause, func, literal_column, update
from sqlmodel import Session, col, select

from storage.tables import Deadline

# Written into the statement, not bound to it: a partial index serves only a state that the planner can read.
WAITING: ColumnClause[str] = literal_column("'waiting'")
NEAREST = select(func.min(Deadline.due_at)).where(col(Deadline.state) == WAITING)


def promise(session: Session, kind: str, subject: int, step: str, due_at: datetime) -> None:
    """Let `kind` happen to `subject` at this time. The same (kind, subject, step) again moves the time."""
    promise_many(session, kind, step, {subject: due_at})


def promise_many(session: Session, kind: str, step: str, due: Mapping[int, datetime]) -> None:
    """The same for many subjects, each at its time, with one look for what is promised already."""
    mine = (Deadline.kind == kind, Deadline.step == step, col(Deadline.subject).in_(due))
    known = {row.subject: row for row in session.exec(select(Deadline).where(*mine))}
    for subject, at in due.items():
        row = known.get(subject) or Deadline(kind=kind, subject=subject, step=step)
        row.due_at, row.state, row.attempts, row.done_at, row.first_due_at = at, "waiting", 0, None, None
        session.add(row)
    earliest = [*due.values(), *([session.info["promised"]] if "promised" in session.info else [])]
    if earliest:
        session.info["promised"] = min(earliest)


def promise_unless_waiting(session: Session, kind: str, subject: int, due_at: datetime) -> None:
    """Let `kind` happen to `subject` at this time, or when it waits to happen already: what comes together is one."""
    waits = select(Deadline.id).where(Deadline.kind == kind, Deadline.subject == subject, Deadline.state == "waiting")
    if session.exec(waits).first() is None:
        promise(session, kind, subject, "", due_at)


def promise_once(session: Session, kind: str, subject: int, step: str, due_at: datetime) -> bool:
    """The same, unless it has happened already: False then, and nothing has changed."""
    happened = (Deadline.kind == kind, Deadline.subject == subject, Deadline.step == step, Deadline.state == "done")
    if session.exec(select(Deadline.id).where(*happened)).first() is not None:
        return False
    promise(session, kind, subject, step, due_at)
    return True


def promised(session: Session) -> datetime | None:
    """The earliest deadline that this transaction set, which may be the nearest now."""
    earliest: datetime | None = session.info.get("promised")
    return earliest


def call_off(session: Session, subject: int, *kinds: str) -> None:
    """These will not happen to the subject any more."""
    session.execute(
        update(Deadline)
        .where(col(Deadline.kind).in_(kinds), col(Deadline.subject) == subject, col(Deadline.state) == "waiting")
        .values(state="void")
    )


def due(session: Session, now: datetime) -> Deadline | None:
    """The earliest deadline whose time has come and that no other process is at; locked until the commit."""
    query = select(Deadline).where(col(Deadline.state) == WAITING, col(Deadline.due_at) <= now)
    earliest = query.order_by(col(Deadline.due_at), col(Deadline.id)).limit(1)
    return session.exec(earliest.with_for_update(skip_locked=True)).first()


def nearest(session: Session) -> datetime | None:
    """When the next deadline is."""
    return session.exec(NEAREST).one()


def done(row: Deadline, now: datetime) -> None:
    """It has happened."""
    row.state, row.done_at = "done", now


def failed(row: Deadline, now: datetime) -> None:
    """It met an unexpected error: try again later, ever more seldom, and never give up."""
    row.attempts += 1
    row.first_due_at = row.first_due_at or row.due_at
    row.due_at = now + timedelta(seconds=min(2**row.attempts, 300))


def late(session: Session, kinds: Collection[str], before: datetime) -> list[Deadline]:
    """What waits still and was first due before this time, however often it has been tried."""
    query = select(Deadline).where(col(Deadline.state) == WAITING, col(Deadline.kind).in_(kinds))
    overdue = query.where(func.coalesce(col(Deadline.first_due_at), col(Deadline.due_at)) < before)
    return list(session.exec(overdue.order_by(col(Deadline.id))))


def note(session: Session, kind: str, subject: int, step: str, since: datetime, now: datetime) -> bool:
    """Remember that this has been done, and nothing more; False when it was done after `since` already."""
    known = select(Deadline).where(Deadline.kind == kind, Deadline.subject == subject, Deadline.step == step)
    row = session.exec(known).first() or Deadline(kind=kind, subject=subject, step=step)
    if row.done_at is not None and row.done_at > since:
        return False
    row.due_at, row.state, row.done_at = since, "done", now
    session.add(row)
    return True
