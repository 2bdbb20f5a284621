"""What becomes of a message that does not get through: another account, another row, or nobody left to send to.

A row ends within five minutes of its first try. Nothing is lost by that: what matters goes to the person's other
account, and what has none is carried on, until a day after it was first owed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot.services import alerts, ended_accounts, escalation, people, sending
from bot.services.work import Work
from storage import outbox
from storage.tables import Account, Alert, Outbox, Person, Post

MATTERS = ("emergency", "alert", "notice")  # what goes another way when it does not get through
OWED = timedelta(hours=24)
BEHIND = "what is before it in the chat does not get through"
LATE = "not sent within five minutes"


def later(work: Work, row: Outbox, reason: str, at: datetime) -> None:
    """Try it again at this time, unless its own time is over by then."""
    if at < (row.tried_at or work.now) + outbox.WITHIN:
        outbox.again(row, at)
    else:
        too_late(work, row, reason, at)
    _let_past(work, row)


def sweep(work: Work, platforms: list[str]) -> bool:
    """End what nobody got round to trying again in time. Whether there was any."""
    rows = outbox.overdue(work.session, platforms, work.now)
    for row in rows:
        too_late(work, row, LATE, row.not_before)
        work.session.flush()
    return bool(rows)


def too_late(work: Work, row: Outbox, reason: str, at: datetime) -> None:
    """Its five minutes are over: another account, or another stretch of them from `at`, or it is lost."""
    if work.now - outbox.owed_since(row) >= OWED:
        outbox.over(row, reason, work.now)
        _lost(work, row)
    elif (other := _other_way(work, row, row.body, again=True)) is not None:
        outbox.over(row, reason, work.now)
        row.carried_by = other.id
    else:
        outbox.carry_on(work.session, row, reason, work.now)
        outbox.again(row, max(at, work.now))


def platform_down(work: Work, row: Outbox, reason: str) -> None:
    """Somebody must mend it: what matters goes to an account elsewhere at once, the rest waits for it."""
    if (other := _other_way(work, row, row.body)) is not None:
        outbox.over(row, reason, work.now)
        row.carried_by = other.id
    else:
        later(work, row, reason, work.now + timedelta(seconds=60))


def ended(work: Work, row: Outbox, body: dict[str, Any] | None) -> None:
    """The row failed for good, or nobody can know: what matters goes another way. `body` is what it said."""
    if (other := _other_way(work, row, body)) is not None:
        row.carried_by = other.id
    else:
        _lost(work, row)


def account_ended(work: Work, row: Outbox) -> None:
    """The person cannot be reached there any more."""
    account = work.session.get(Account, row.account_id) if row.account_id else None
    if account is not None:
        ended_accounts.block(work, account)


def _lost(work: Work, row: Outbox) -> None:
    """No way is left. Who must know of it is told."""
    if row.purpose == "notice":
        escalation.notice_failed(work, row)
    post = work.session.get(Post, row.post_id) if row.post_id is not None else None
    if post is None or post.person_id is None or post.view != "alert" or post.ref is not None:
        return
    alert, person = work.session.get_one(Alert, post.alert_id), work.session.get_one(Person, post.person_id)
    why = "failed" if people.accounts_of(work.session, person) else "blocked"
    alerts.out_of_reach(work, alert, post.person_id, why)


def _let_past(work: Work, row: Outbox) -> None:
    """What matters does not wait for long behind a row of the chat that does not get through, if there is a way."""
    for waiting in outbox.behind(work.session, row, MATTERS, work.now - outbox.WITHIN):
        if (other := _other_way(work, waiting, waiting.body)) is not None:
            outbox.failed(waiting, BEHIND, work.now)
            waiting.carried_by = other.id


def _other_way(work: Work, row: Outbox, body: dict[str, Any] | None, *, again: bool = False) -> Outbox | None:
    """The row that takes the message to another account of the person, or took it there already.

    With `again` also to one where it did not get through: whichever platform comes back first.
    """
    if row.account_id is None or row.act != "send" or row.purpose not in MATTERS:
        return None
    account = work.session.get_one(Account, row.account_id)
    person = work.session.get_one(Person, account.person_id)
    others = [one for one in people.accounts_of(work.session, person) if one.id != account.id]
    post = work.session.get(Post, row.post_id) if row.post_id is not None else None
    if not others or (post is not None and post.ref is not None) or (post is None and body is None):
        return None
    copies = _copies(work, row, post)
    if there := [copy for copy in copies if copy.state in ("waiting", "claimed", "delivered")]:
        return there[-1]
    tried = {copy.account_id for copy in copies}
    left = [one for one in others if one.id not in tried]
    if left or again:
        return sending.send_on(work, row, post, (left or others)[0], body)
    return None


def _copies(work: Work, row: Outbox, post: Post | None) -> list[Outbox]:
    """The rows that have the same for the person on other accounts: since it was owed, or before this one."""
    if post is None:
        return _before(work, row)
    same = (
        col(Post.incident_id) == post.incident_id,
        col(Post.alert_id) == post.alert_id,
        col(Post.call_id) == post.call_id,
        col(Post.person_id) == post.person_id,
        col(Post.view) == post.view,
        col(Post.reason) == post.reason,
    )
    since = (col(Outbox.created_at) >= outbox.owed_since(row), col(Outbox.account_id) != row.account_id)
    rows = select(Outbox).join(Post, col(Post.id) == col(Outbox.post_id)).where(*same, *since)
    return list(work.session.exec(rows.order_by(col(Outbox.id))))


def _before(work: Work, row: Outbox) -> list[Outbox]:
    found: list[Outbox] = []
    front = [row]
    while front:
        front = [one for later in front for one in outbox.carried_from(work.session, later) if one not in found]
        found += front
    return [one for one in found if one.account_id != row.account_id]
