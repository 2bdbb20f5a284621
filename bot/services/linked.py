"""Which incidents are one event: one leads, the others point at it, and nothing points at one that points.

Only the unit knows of it. Whoever flagged has the own incident, its number and its answers, as if it were alone.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from bot.services import people, sending
from bot.services.work import Work
from storage.tables import Deadline, Incident

REMINDERS = ("ask_promise", "promise_soon")


def lead_of(session: Session, incident: Incident) -> Incident:
    """The one that leads: itself where it points at none."""
    return session.get_one(Incident, incident.linked_to) if incident.linked_to is not None else incident


def followers(session: Session, incident: Incident) -> list[Incident]:
    """Those that point at this one, by number."""
    query = select(Incident).where(Incident.linked_to == incident.id)
    return list(session.exec(query.order_by(col(Incident.id))))


def group(session: Session, incident: Incident) -> list[Incident]:
    """All that are one event with it, itself among them, the lead first."""
    lead = lead_of(session, incident)
    return [lead, *followers(session, lead)]


def others(session: Session, incident: Incident) -> list[Incident]:
    """The same without itself."""
    return [one for one in group(session, incident) if one.id != incident.id]


def still_open(rows: list[Incident]) -> list[Incident]:
    """Those that are not closed."""
    return [one for one in rows if one.status != "closed"]


def untaken(session: Session, incident: Incident) -> list[Incident]:
    """Those of the event that nobody has: one press takes them all."""
    return [one for one in still_open(group(session, incident)) if one.taken_by is None]


def held_with(session: Session, incident: Incident) -> list[Incident]:
    """The others that the same officer has."""
    if incident.taken_by is None:
        return []
    return [one for one in still_open(others(session, incident)) if one.taken_by == incident.taken_by]


def promised_with(session: Session, incident: Incident) -> list[Incident]:
    """The others that the officer has said nothing on: a promise on one counts for them too."""
    return [one for one in held_with(session, incident) if one.promised_at is None and one.answered_at is None]


def answerable(session: Session, incident: Incident) -> list[Incident]:
    """Those that somebody here flagged, and that an answer reaches."""
    return [one for one in still_open(group(session, incident)) if people.is_reporter(one, one.reporter_id)]


def reporters(rows: list[Incident]) -> set[int]:
    """Who flagged them, each counted once; of a call that nobody here made there is nobody."""
    return {one.reporter_id for one in rows if people.is_reporter(one, one.reporter_id)}


def settle(work: Work, incident: Incident) -> None:
    """What has just been closed or opened: as long as any of the event is open, one that is open leads it."""
    lead = lead_of(work.session, incident)
    rest = followers(work.session, lead)
    if lead.status != "closed" or not (left := still_open(rest)):
        return
    first = min(left, key=lambda one: (one.status != "open", one.id))
    for one in (lead, *rest):
        one.linked_to = first.id
    first.linked_to = None
    work.session.flush()
    for one in (lead, *rest):
        sending.refresh(work, one.id or 0)


def reminded(session: Session, incident: Incident, row: Deadline) -> bool:
    """Whether the officer is reminded of this by another one of the event, at the same moment."""
    if row.kind not in REMINDERS:
        return False
    before = [one.id for one in held_with(session, incident) if (one.id or 0) < (incident.id or 0)]
    same = (Deadline.kind == row.kind, Deadline.due_at == row.due_at, col(Deadline.state).in_(("waiting", "done")))
    return bool(session.exec(select(Deadline.id).where(*same, col(Deadline.subject).in_(before))).first())
