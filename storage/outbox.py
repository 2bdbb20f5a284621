"""The outbox: what must be sent, first in first out for each chat, and how each call ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnClause, bindparam, exists, literal_column
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.tables import Outbox, Post

# Replies and notices first; what does not hurry waits until they are sent.
PRIORITY = {"emergency": -5, "answer": 0, "question": 0, "notice": 0, "alert": 2, "info": 5}
# Sent once more when nobody can know whether it arrived; other rows are listed instead.
SENT_ONCE_MORE = ("emergency", "answer", "question", "notice", "alert")
NEW = ("send", "file", "call")  # what makes a message; the other acts twice are the same as once
CRASHES = 10  # after so many, sending this row may be what ends the process
# Written into the statement, not bound to it: a partial index serves only a state that the planner can read.
WAITING: ColumnClause[str] = literal_column("'waiting'")
UNSETTLED: tuple[ColumnClause[str], ...] = (WAITING, literal_column("'claimed'"))


def _claimable() -> SelectOfScalar[Outbox]:
    """Rows that are due, at most one for each chat, the oldest of that chat."""
    older = aliased(Outbox)
    before = exists().where(
        col(older.platform) == col(Outbox.platform),
        col(older.chat) == col(Outbox.chat),
        col(older.state).in_(UNSETTLED),
        col(older.id) < col(Outbox.id),
    )
    return (
        select(Outbox)
        .where(
            col(Outbox.state) == WAITING,
            col(Outbox.platform).in_(bindparam("platforms", expanding=True)),
            col(Outbox.not_before) <= bindparam("now"),
            ~before,
        )
        .order_by(col(Outbox.priority), col(Outbox.id))
        .limit(bindparam("most"))
        .with_for_update(of=Outbox, skip_locked=True)
    )


CLAIMABLE = _claimable()  # to build it takes ten times as long as to run it


def claim(session: Session, platforms: Sequence[str], now: datetime, most: int, by: str = "") -> list[Outbox]:
    """Let the process `by` take up to `most` rows that are due, at most one for each chat, the oldest of that chat."""
    rows = list(session.exec(CLAIMABLE, params={"platforms": platforms, "now": now, "most": most}))
    for row in rows:
        row.state, row.claimed_by = "claimed", by
    session.flush()
    return rows


def delivered(row: Outbox, ref: str, now: datetime) -> None:
    """The platform has it, and calls it `ref`."""
    row.ref = ref
    _settle(row, "delivered", "", now)


def failed(row: Outbox, reason: str, now: datetime) -> None:
    """It will never arrive this way."""
    _settle(row, "failed", reason, now)


def unsure(row: Outbox, reason: str, now: datetime) -> None:
    """Nobody can know whether it arrived: what matters is sent once more and says so, the rest is listed."""
    if row.act in NEW and row.purpose in SENT_ONCE_MORE and not row.repeat:
        row.repeat = True
        row.attempts += 1
        again(row, now)
    elif row.act not in NEW and row.attempts < 5:
        row.attempts += 1  # an edit or a pin twice is the same as once
        again(row, now + timedelta(seconds=2**row.attempts))
    else:
        _settle(row, "uncertain", reason, now)


def again(row: Outbox, at: datetime) -> None:
    """Send it at or after this time."""
    row.state = "waiting"
    row.not_before = at


def _settle(row: Outbox, state: str, reason: str, now: datetime) -> None:
    row.state = state
    row.reason = reason
    row.settled_at = now
    row.body = None


def _claimed() -> SelectOfScalar[Outbox]:
    claimed = select(Outbox).where(col(Outbox.state).in_(UNSETTLED), col(Outbox.state) == "claimed")
    return claimed.order_by(col(Outbox.id))


def give_back(session: Session, by: str, but_not: Collection[int], now: datetime) -> None:
    """What `by` has claimed and never heard of, for the commit's answer was lost, waits again: it was not sent."""
    for row in session.exec(_claimed().where(Outbox.claimed_by == by, col(Outbox.id).not_in(but_not))):
        again(row, now)


def left_claimed(
    session: Session, now: datetime, platforms: Sequence[str], living: Collection[str] = ()
) -> list[Outbox]:
    """What a process that is gone had claimed and never settled may or may not have been sent. Returns those rows.

    What matters is sent again after every crash, and not only once: two in a row must not lose it.
    """
    left = _claimed().where(col(Outbox.platform).in_(platforms), col(Outbox.claimed_by).not_in(living))
    rows = session.exec(left).all()
    for row in rows:
        if row.attempts < CRASHES and (row.act not in NEW or row.purpose in SENT_ONCE_MORE):
            row.repeat = row.act in NEW
            row.attempts += 1
            again(row, now)
        else:
            unsure(row, "the process ended between sending and settling", now)
    return list(rows)


def arrived(session: Session, row_id: int, now: datetime, ref: str) -> None:
    """A press carried this row's token: it did arrive, whatever we believed."""
    row = session.get(Outbox, row_id)
    if row is None or row.act != "send" or row.state not in ("uncertain", "waiting") or not row.attempts:
        return
    post = session.get(Post, row.post_id) if row.post_id is not None else None
    if post is not None and post.ref is None:
        post.ref = ref
    if post is None or row.state == "uncertain":
        delivered(row, ref, now)
    else:
        row.repeat = False  # what waits becomes an edit of that message, and shows what is true now


def by_ref(session: Session, platform: str, ref: str) -> Outbox | None:
    """The row whose message the platform calls `ref`."""
    query = select(Outbox).where(Outbox.platform == platform, Outbox.ref == ref, col(Outbox.act).in_(NEW))
    return session.exec(query.order_by(col(Outbox.id).desc())).first()
