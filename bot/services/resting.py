"""What may wait, and until when: for the person's quiet hours to end, or for a flood of messages to ebb.

What somebody asked for or waits for never does, nor an emergency, nor anything about an incident that is happening now
or that is the reader's own. A notice that is about no incident tells of something that the bot cannot do, and neither
waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot import quiet
from bot.commands import Level
from bot.services import duty, people
from bot.services.work import Work
from storage.held import Why
from storage.tables import Account, Alert, Held, Incident, Outbox, Person

MAY_WAIT = ("notice", "alert", "info")
UNASKED = ("notice", "alert", "board")  # views that come by themselves; a card is what somebody wanted to see
FLOOD = timedelta(seconds=60)
MOST = 6  # messages within that time; what more comes is held as long

Wait = tuple[datetime, Why]


def quiet_until(work: Work, person: Person, level: str) -> datetime | None:
    """When somebody whose quiet hours it is now gets a broadcast of this level; None when at once.

    What follows an emergency hurries as much as it, whatever its own level: ask with the emergency's.
    """
    return None if level == Level.EMERGENCY else _rest(work, person)


def waiting_for(work: Work, persons: Iterable[Person], level: str) -> dict[int, datetime]:
    """The same for many, by the person's id: those who get it later. It asks the database nothing."""
    ends = {hours: quiet.until(hours, work.now, work.house.zone) for hours in {person.quiet for person in persons}}
    later = ((person.id, ends[person.quiet]) for person in persons if level != Level.EMERGENCY)
    return {number: end for number, end in later if number is not None and end is not None}


def wait_for(
    work: Work, account: Account, purpose: str, *, incident: int | None = None, alert: int | None = None,
    view: str = "notice",
) -> Wait | None:  # fmt: skip
    """Until when a new message to this account waits, and why; None when it goes at once."""
    if purpose not in MAY_WAIT or view not in UNASKED or _asked_for(work, account):
        return None
    about = work.session.get(Incident, incident) if incident is not None else None
    board = work.session.get(Alert, alert) if alert is not None and view == "board" else None
    if _presses(account, purpose, about, board):
        return None
    person = work.session.get_one(Person, account.person_id)
    wait = _quiet(work, person, of_the_unit=bool(about or board)) or _flooded(work, account)
    return None if wait and about is not None and _own(work, about, person) else wait


def _presses(account: Account, purpose: str, about: Incident | None, board: Alert | None) -> bool:
    """Whether it is something that nobody could wish to hear of later."""
    if board is not None:
        return board.level == Level.EMERGENCY or board.author_id == account.person_id
    return about.imminence == "now" if about is not None else purpose == "notice"


def _quiet(work: Work, person: Person, *, of_the_unit: bool) -> Wait | None:
    """Who is on duty has no quiet towards what the unit works with."""
    end = off_duty_until(work, person) if of_the_unit else _rest(work, person)
    return (end, "quiet") if end is not None else None


def off_duty_until(work: Work, person: Person) -> datetime | None:
    """When somebody who has no duty now and whose quiet hours it is can be told of other people's incidents."""
    end = _rest(work, person)
    return None if end is not None and _on_duty(work, person) else end


def _rest(work: Work, person: Person) -> datetime | None:
    return quiet.until(person.quiet, work.now, work.house.zone)


def _on_duty(work: Work, person: Person) -> bool:
    on_duty = duty.on_duty(work)
    return on_duty is not None and on_duty.id == person.id


def _asked_for(work: Work, account: Account) -> bool:
    """Whether it comes of what the person just did here."""
    sender = work.event.sender if work.event is not None else None
    return sender is not None and (sender.platform, sender.team, sender.user) == (
        account.platform, account.team, account.user,
    )  # fmt: skip


def _own(work: Work, incident: Incident, person: Person) -> bool:
    mine = (incident.reporter_id, incident.taken_by, people.holder(work.session, incident))
    return person.id in mine


def _flooded(work: Work, account: Account) -> Wait | None:
    """When the flood that there is on this account ends; None when there is none. One query."""
    values = {"account": account.id, "now": work.now, "soon": work.now + FLOOD}
    held: datetime | None
    recent: datetime | None
    held, recent = work.session.execute(FLOODED, values).one()
    if held is not None:  # what comes after something that waits goes with it
        return held, "flood"
    return (work.now + FLOOD, "flood") if recent is not None and recent > work.now - FLOOD else None


def _recent() -> tuple[object, ...]:
    """The rows that are new messages which nobody asked for; a post's later rows are edits of it."""
    older = aliased(Outbox)
    drawn_before = exists().where(col(older.post_id) == col(Outbox.post_id), col(older.id) < col(Outbox.id))
    return (
        col(Outbox.account_id) == bindparam("account"),
        col(Outbox.act) == "send",
        col(Outbox.purpose).in_(MAY_WAIT),
        or_(col(Incident.id).is_(None), col(Incident.imminence) != "now"),
        ~drawn_before,
    )


FLOODED = select(
    select(func.max(Held.until))
    .where(
        col(Held.account_id) == bindparam("account"),
        col(Held.settled_at).is_(None),
        col(Held.until) > bindparam("now"),
        col(Held.until) <= bindparam("soon"),
    )
    .scalar_subquery(),
    select(Outbox.created_at)
    .outerjoin(Incident, col(Incident.id) == col(Outbox.incident_id))
    .where(*_recent())  # type: ignore[arg-type]
    .order_by(col(Outbox.id).desc())
    .limit(1)
    .offset(MOST - 1)
    .scalar_subquery(),
)  # to build it takes longer than to run it
