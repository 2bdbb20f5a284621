"""What happens again and again: one row waits for the next day, and what has happened on a day never does so again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlmodel import col, select

from bot.services.work import Work
from storage import deadlines
from storage.tables import Deadline

Slots = Iterator[tuple[date, datetime]]


def keep(work: Work, kind: str, slots: Slots) -> None:
    """Let a row wait for the first of these days, if none waits for an earlier one: at a start, whatever was before."""
    day, at = next(slots)
    waiting = (Deadline.kind == kind, Deadline.subject == 0, Deadline.state == "waiting", Deadline.due_at <= at)
    if work.session.exec(select(Deadline.id).where(*waiting)).first() is not None:
        return
    deadlines.call_off(work.session, 0, kind)  # the days have changed since
    if not deadlines.promise_once(work.session, kind, 0, day.isoformat(), at):
        follow(work, kind, slots)


def follow(work: Work, kind: str, slots: Slots) -> None:
    """The next one: on the first of these days on which it has not happened."""
    while True:
        day, at = next(slots)
        if deadlines.promise_once(work.session, kind, 0, day.isoformat(), at):
            return


def last(work: Work, kind: str) -> date | None:
    """The newest day on which it has happened."""
    query = select(Deadline.step).where(Deadline.kind == kind, Deadline.subject == 0, Deadline.state == "done")
    step = work.session.exec(query.order_by(col(Deadline.step).desc()).limit(1)).first()
    return date.fromisoformat(step) if step else None
