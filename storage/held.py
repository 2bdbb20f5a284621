"""What waits for quiet hours, or for a flood, to end: rows, so that no restart forgets one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from storage import deadlines
from storage.tables import Account, Held, Outbox

Why = Literal["quiet", "flood"]
DEADLINE = "digest"  # of an account; its step says why things wait


def hold(session: Session, rows: Sequence[Held], why: Why) -> None:
    """Let these wait until their time: then their accounts' digests are due."""
    session.add_all(rows)
    session.flush()
    deadlines.promise_many(session, DEADLINE, why, {row.account_id: row.until for row in rows})


def waiting(session: Session, person: int, until: datetime | None = None) -> list[Held]:
    """What waits for this person on whichever account, oldest first; with a time only what is due by then."""
    query = select(Held).join(Account).where(Account.person_id == person, col(Held.settled_at).is_(None))
    if until is not None:
        query = query.where(col(Held.until) <= until)
    return list(session.exec(query.order_by(col(Held.id))))


def put_off(session: Session, rows: Sequence[Held], until: datetime, why: Why) -> None:
    """Let these wait for something else, or longer, or not as long."""
    for row in rows:
        row.until = until
    hold(session, rows, why)


def settle(rows: Sequence[Held], now: datetime, row: Outbox | None = None) -> None:
    """They have come in this row of the outbox; without one there was nothing left to say."""
    for held in rows:
        held.settled_at, held.row_id = now, row.id if row is not None else None


def came_in(session: Session, row: int | None) -> list[Held]:
    """What came in this row of the outbox, oldest first."""
    return list(session.exec(select(Held).where(Held.row_id == row).order_by(col(Held.id)))) if row else []


def came_instead(session: Session, row: int | None, other: int | None) -> None:
    """What came in one row of the outbox comes in another, which carries its message on."""
    for held in came_in(session, row):
        held.row_id = other


def sent(session: Session, rows: Sequence[Held]) -> set[int]:
    """Those that were sent as themselves: their post is on its way or there, or their body went into the outbox."""
    posts = [held.post_id for held in rows if held.post_id is not None]
    there = set(session.exec(select(Outbox.post_id).where(col(Outbox.post_id).in_(posts))))
    return {held.id for held in rows if held.id and (held.post_id in there if held.post_id else not held.body)}
