"""When a person last did something here, on any platform."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, select

from storage.tables import Account

EVERY = timedelta(hours=1)  # no nearer: it says whether somebody is here at all, not what they do


def note(account: Account, now: datetime) -> None:
    """The person did something with this account."""
    if account.seen_at is None or now - account.seen_at >= EVERY:
        account.seen_at = now


def last(session: Session, person: int) -> datetime | None:
    """The newest of all the person's accounts; for one that has done nothing, when it was linked."""
    accounts = session.exec(select(Account).where(Account.person_id == person)).all()
    return max((account.seen_at or account.linked_at for account in accounts), default=None)
