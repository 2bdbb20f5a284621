"""The orders of support for meetings, as they stand: who may order, who sees which, which nobody has answered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select

from bot.services import meeting_entries, meeting_status, occasions
from bot.services.doing import Already
from bot.services.meeting_entries import NO, ORDER, YES
from bot.services.people import Actor
from bot.services.work import Work
from storage.tables import Meeting, MeetingEntry


@dataclass(frozen=True)
class Order:
    """One order, and what the unit has said to it."""

    entry: MeetingEntry
    answer: MeetingEntry | None = None

    @property
    def number(self) -> int:
        """Its own."""
        return meeting_entries.id_of(self.entry)


def of_meeting(work: Work, meeting: Meeting) -> list[Order]:
    """Those that hold, oldest first: one that was asked anew stands for the one before."""
    rows = meeting_entries.of(work, meeting, ORDER, YES, NO)
    answers = {row.body["asked"]: row for row in rows if row.kind != ORDER}
    renewed = {row.body.get("again") for row in rows}
    return [Order(row, answers.get(row.id)) for row in rows if row.kind == ORDER and row.id not in renewed]


def waiting(work: Work) -> list[Order]:
    """Those of all meetings to come, or under way, that nobody has answered."""
    since = work.now - occasions.UNDER_WAY
    coming = select(MeetingEntry.meeting_id).where(MeetingEntry.kind == ORDER).distinct()
    query = select(Meeting).where(col(Meeting.id).in_(coming), col(Meeting.cancelled_at).is_(None))
    rows = work.session.exec(query.where(col(Meeting.starts_at) > since).order_by(col(Meeting.starts_at)))
    meetings = [row for row in rows if not is_over(work, row)]
    return [order for row in meetings for order in of_meeting(work, row) if order.answer is None]


def is_over(work: Work, meeting: Meeting) -> bool:
    """Whether nobody needs support at it any more."""
    ended = meeting_status.name(meeting_status.present(work, meeting)) == "ended"
    return ended or meeting.starts_at + occasions.UNDER_WAY <= work.now


def may_order(work: Work, actor: Actor, meeting: Meeting) -> bool:
    """The unit, whoever chairs, and the contacts of the parties that see the meeting; as long as it is of use."""
    if meeting.whole_day or not occasions.of_municipality(meeting) or meeting.cancelled_at is not None:
        return False
    asks = occasions.leads(actor, meeting) or (bool(actor.contact_of) and occasions.sees(actor, meeting))
    return asks and not is_over(work, meeting)


def find(work: Work, number: int) -> Order:
    """One as it stands; nobody else answers it until this transaction is over. Raises NotFound, Already."""
    row = meeting_entries.find(work, number, ORDER)
    meeting = work.session.get_one(Meeting, row.meeting_id, with_for_update=True)
    found = next((order for order in of_meeting(work, meeting) if order.number == number), None)
    if found is None:
        raise Already("order.renewed")
    return found


def seen(work: Work, actor: Actor, meeting: Meeting) -> list[Order]:
    """The unit sees all of a meeting's; anybody else their own."""
    return [order for order in of_meeting(work, meeting) if actor.unit or order.entry.author_id == actor.id]


def meeting_of(work: Work, order: Order) -> Meeting:
    """For which meeting."""
    return work.session.get_one(Meeting, order.entry.meeting_id)
