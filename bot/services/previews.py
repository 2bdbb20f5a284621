"""The messages that show a broadcast before it is sent: put up, drawn anew, and replaced by newer ones."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from bot.services import alerts, people, reach, sending
from bot.services.people import Actor
from bot.services.work import Work
from storage.tables import Account, Alert, Post

VIEW = "preview"
MESSAGE, CONTROL, APPROVE = "message", "control", "approve"  # as its readers get it; whom it reaches; a second opinion
CHANGED = "changed"  # whom it reaches, which is not what it was when it was to be sent
ELSEWHERE = "as_"  # and a platform: what is shown there, for an author who has no account there


def show(work: Work, actor: Actor, alert: Alert, reason: str = CONTROL) -> None:
    """On each of its author's platforms as its readers get it, then whom it reaches, with the buttons.

    A colleague sees it in one message, which nobody takes for the real thing.
    """
    work.session.flush()
    fold(work, alert, Post.person_id == actor.id)
    if alert.author_id == actor.id:
        _as_read(work, actor, alert)
    put(work, actor.account, alert, reason)


def _as_read(work: Work, actor: Actor, alert: Alert) -> None:
    mine = _one_each(work, actor)
    for account in mine.values():
        put(work, account, alert, MESSAGE)
    for platform in reach.of(work, alert).platforms:
        if platform not in mine:
            put(work, actor.account, alert, ELSEWHERE + platform)


def put(work: Work, account: Account, alert: Alert, reason: str, purpose: str = "question") -> None:
    """One message about a draft to one account."""
    sending.post_of_alert(work, account, alerts.id_of(alert), VIEW, purpose, reason)


def _one_each(work: Work, actor: Actor) -> dict[str, Account]:
    """An account of the person on each platform; where they are now before another one."""
    found = {actor.account.platform: actor.account}
    for account in people.accounts_of(work.session, actor.person):
        found.setdefault(account.platform, account)
    return found


def fold(work: Work, alert: Alert, *which: Any) -> None:
    """Earlier ones say that there is a newer one, and lose their buttons."""
    query = select(Post).where(Post.alert_id == alert.id, Post.view == VIEW, col(Post.folded).is_(False), *which)
    for post in work.session.exec(query.order_by(col(Post.id))).all():
        post.folded = True
        sending.refresh_post(work, post)


def redraw(work: Work, alert: Alert) -> None:
    """What has become of it, in every one."""
    sending.refresh_alert(work, alerts.id_of(alert), Post.view == VIEW)
