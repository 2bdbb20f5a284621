"""The outbox: what must be sent, first in first out for each chat, and how each call ended.

In a chat only an emergency overtakes, and never what is on its way already.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnClause, bindparam, literal_column, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.tables import Outbox, Post

# Emergencies before everything; then replies and notices; then what is broadcast; what does not hurry comes last.
PRIORITY = {"emergency": -5, "answer": 0, "question": 0, "notice": 0, "alert": 2, "info": 5}
# Sent once more when nobody can know whether it arrived; other rows are listed instead.
SENT_ONCE_MORE = ("emergency", "answer", "question", "notice", "alert")
NEW = ("send", "file", "call")  # what makes a message; the other acts twice are the same as once
CRASHES = 10  # after so many, sending this row may be what ends the process
# A row that was first tried so long ago has ended: delivered, failed or uncertain. Another may carry the message on.
WITHIN = timedelta(minutes=5)
LASTING = (  # what the record of an ended stretch has from its row
    "created_at", "platform", "team", "chat", "account_id", "act", "purpose", "priority", "post_id", "incident_id",
    "alert_id", "tried_at", "owed_since", "claimed_by", "repeat", "attempts", "not_before",
)  # fmt: skip
# Written into the statement, not bound to it: a partial index serves only a state that the planner can read.
WAITING: ColumnClause[str] = literal_column("'waiting'")
CLAIMED: ColumnClause[str] = literal_column("'claimed'")
UNSETTLED: tuple[ColumnClause[str], ...] = (WAITING, CLAIMED)
NONE_URGENT: ColumnClause[int] = literal_column("0")  # what is below it is urgent


def _no_other(*which: Any) -> Any:
    """Whether the same chat has no other row like this; each kind is one look at an index of its own.

    Not as NOT EXISTS, which PostgreSQL would rather answer for all the rows at once than for the few that are taken.
    """
    other = aliased(Outbox)
    same = (col(other.platform) == col(Outbox.platform), col(other.chat) == col(Outbox.chat))
    found = select(col(other.id)).where(*same, *(condition(other) for condition in which))
    return found.limit(literal_column("1")).scalar_subquery().is_(None)


def _older(other: Any) -> Any:
    return col(other.id) < col(Outbox.id)


def _on_its_way(other: Any) -> Any:
    return col(other.state) == CLAIMED


def _unsettled(other: Any) -> Any:
    return col(other.state).in_(UNSETTLED)


def _emergency(other: Any) -> Any:
    return (col(other.state) == WAITING) & (col(other.priority) < NONE_URGENT)


def _claimable(*which: Any) -> SelectOfScalar[Outbox]:
    """Rows that are due, at most one for each chat: the first of its line.

    They are read in the order in which they are wanted, until there are enough. The platform is written so that no
    index can find it: all rows of a platform, to be sorted, are what a planner without fresh statistics would choose.
    """
    due = (
        col(Outbox.state) == WAITING,
        col(Outbox.platform).concat("").in_(bindparam("platforms", expanding=True)),
        col(Outbox.not_before) <= bindparam("now"),
    )
    ordered = select(Outbox).where(*due, *which).order_by(col(Outbox.priority), col(Outbox.id))
    return ordered.limit(bindparam("most")).with_for_update(of=Outbox, skip_locked=True)


# PostgreSQL, without fresh statistics (as when ten thousand rows have just been written), would sort all that waits.
READ_IN_ORDER = "SET LOCAL enable_sort = off"
# To build them takes ten times as long as to run them.
ANY_URGENT = text("SELECT 1 FROM outbox WHERE state = 'waiting' AND priority < 0 LIMIT 1")
EMERGENCIES = _claimable(col(Outbox.priority) < NONE_URGENT, _no_other(_on_its_way), _no_other(_emergency, _older))
CLAIMABLE = _claimable(
    col(Outbox.priority) >= NONE_URGENT,
    col(Outbox.act) != bindparam("left_out"),
    _no_other(_unsettled, _older),
    _no_other(_on_its_way),
    _no_other(_emergency),
)


def claim(
    session: Session, platforms: Sequence[str], now: datetime, most: int, by: str = "",
    *, urgent: int = 0, files: int | None = None,
) -> list[Outbox]:  # fmt: skip
    """Let the process `by` take up to `most` rows that are due, of emergencies up to `urgent` if that is more.

    At most one for each chat, the first of its line: emergencies, then whatever was written first. Of files no more
    than so many: what is behind those that are left waiting is taken in their place.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql(READ_IN_ORDER)
    bound = {"platforms": platforms, "now": now}
    rows: list[Outbox] = []
    if session.connection().scalar(ANY_URGENT) is not None:  # a bare look, for there hardly ever is one
        rows = list(session.exec(EMERGENCIES, params={**bound, "most": max(most, urgent)}))
        _take(session, rows, now, by)
    if len(rows) < most:
        rows += _take_others(session, bound, most - len(rows), by, most if files is None else files)
    return rows


def _take_others(session: Session, bound: dict[str, Any], most: int, by: str, files: int) -> list[Outbox]:
    first = {**bound, "most": most, "left_out": "" if files > 0 else "file"}
    found = list(session.exec(CLAIMABLE, params=first))
    over = [row for row in found if row.act == "file"][max(files, 0) :]
    rows = [row for row in found if row not in over]
    _take(session, rows, bound["now"], by)
    if over:
        more = list(session.exec(CLAIMABLE, params={**bound, "most": most - len(rows), "left_out": "file"}))
        _take(session, more, bound["now"], by)
        rows += more
    return rows


def _take(session: Session, rows: list[Outbox], now: datetime, by: str) -> None:
    for row in rows:
        row.state, row.claimed_by = "claimed", by
        row.tried_at = row.tried_at or now
    if rows:
        session.flush()


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


def over(row: Outbox, reason: str, now: datetime) -> None:
    """Its time is over: it failed, or nobody can know, when it may have come once already."""
    _settle(row, "uncertain" if row.repeat else "failed", reason, now)


def carry_on(session: Session, row: Outbox, reason: str, now: datetime) -> Outbox:
    """Its time is over and the message is still owed. How it ended is written down in a row of its own.

    The message goes on under the number that it has: its place in the chat's line, the buttons that may have come, and
    whatever edits it or hangs on it hold.
    """
    ended = Outbox(**{name: getattr(row, name) for name in LASTING}, carried_by=row.id)
    over(ended, reason, now)
    session.add(ended)
    row.owed_since = owed_since(row)
    row.tried_at, row.state = None, "waiting"
    return ended


def owed_since(row: Outbox) -> datetime:
    """When the message was first owed, by whichever row."""
    return row.owed_since or row.created_at


def overdue(session: Session, platforms: Sequence[str], now: datetime, most: int = 100) -> list[Outbox]:
    """Rows that wait although they were first tried too long ago."""
    old = (col(Outbox.state) == WAITING, col(Outbox.tried_at).is_not(None), col(Outbox.tried_at) <= now - WITHIN)
    rows = select(Outbox).where(*old, col(Outbox.platform).in_(platforms))
    return list(session.exec(rows.order_by(col(Outbox.tried_at)).limit(most)))


def behind(session: Session, row: Outbox, purposes: Sequence[str], before: datetime) -> list[Outbox]:
    """What was written before this time and waits untried behind a row in the same chat, the oldest first."""
    line = (Outbox.platform == row.platform, Outbox.chat == row.chat, col(Outbox.state) == WAITING)
    untried = (col(Outbox.id) > row.id, col(Outbox.tried_at).is_(None), col(Outbox.created_at) <= before)
    rows = select(Outbox).where(*line, *untried, col(Outbox.purpose).in_(purposes))
    return list(session.exec(rows.order_by(col(Outbox.id))))


def carried_from(session: Session, row: Outbox) -> list[Outbox]:
    """The rows whose message this one carries on, at first hand."""
    return list(session.exec(select(Outbox).where(col(Outbox.carried_by).is_not(None), Outbox.carried_by == row.id)))


def lost() -> tuple[Any, ...]:
    """What is true of a row whose message did not arrive, or may not have, and that no other row carries on."""
    return (col(Outbox.state).in_(("failed", "uncertain")), col(Outbox.carried_by).is_(None))


def _settle(row: Outbox, state: str, reason: str, now: datetime) -> None:
    row.state = state
    row.reason = reason
    row.settled_at = now
    row.body = None


def _claimed() -> SelectOfScalar[Outbox]:
    return select(Outbox).where(col(Outbox.state) == CLAIMED).order_by(col(Outbox.id))


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
