"""What has happened with a meeting, line by line: statuses, orders of support, decisions, what was said afterwards."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from bot.services import occasions
from bot.services.rights import NotFound
from bot.services.work import Work
from storage.tables import Meeting, MeetingEntry, Person

STATUS, ORDER, YES, NO, DECISION, LOOK_BACK = "status", "order", "order_yes", "order_no", "decision", "look_back"


def add(work: Work, meeting: Meeting, kind: str, author: int | None, **body: Any) -> MeetingEntry:
    """Write down one thing more."""
    row = MeetingEntry(meeting_id=occasions.id_of(meeting), at=work.now, kind=kind, author_id=author, body=body)
    work.session.add(row)
    work.session.flush()
    return row


def of(work: Work, meeting: Meeting, *kinds: str) -> list[MeetingEntry]:
    """What there is of these kinds, oldest first."""
    query = select(MeetingEntry).where(MeetingEntry.meeting_id == meeting.id, col(MeetingEntry.kind).in_(kinds))
    return list(work.session.exec(query.order_by(col(MeetingEntry.id))))


def find(work: Work, number: int, kind: str) -> MeetingEntry:
    """One of this kind. Raises NotFound."""
    row = work.session.get(MeetingEntry, number)
    if row is None or row.kind != kind:
        raise NotFound
    return row


def statuses(work: Work, meeting: Meeting) -> list[MeetingEntry]:
    """How it has stood, oldest first: nothing of a day that it was moved away from."""
    found: list[MeetingEntry] = []
    for row in of(work, meeting, STATUS):
        found = [*found, row] if row.body["status"] else []
    return found


def who(work: Work, row: MeetingEntry) -> str:
    """The name of whose line it is."""
    person = work.session.get(Person, row.author_id) if row.author_id is not None else None
    return person.name if person is not None else ""


def id_of(row: MeetingEntry) -> int:
    """Its number."""
    assert row.id is not None
    return row.id
