"""Opening evidence: who may, into whose own chat it comes, and that it was done."""

from __future__ import annotations

from bot.services import evidence_views, rights, sending, timeline
from bot.services.doing import Already, on_incident
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from storage import evidence as stored
from storage.tables import Evidence, Incident


@on_incident("evidence", Right.SEE)
def listing(work: Work, actor: Actor, incident: Incident, start: str) -> None:
    """ "Visa underlag": what there is, and what opening it means."""
    _not_here(work, actor)
    if not evidence_views.shown(work, actor, incident):
        raise Already("evidence.nothing", number=incident.id)
    message = evidence_views.listed(work, actor, incident, int(start) if start.isdecimal() else 0)
    sending.to_account(work, actor.account, message, "answer", incident.id)
    _say_where(work, actor)


@on_incident("open", Right.SEE)
def open_one(work: Work, actor: Actor, incident: Incident, which: str) -> None:
    """ "Öppna 1": it comes in the person's own chat, and the timeline says who opened it."""
    _not_here(work, actor)
    row = _one(work, actor, incident, which)
    if row.state == "waiting":
        raise Already("evidence.still_waiting")
    if row.state != "kept":
        raise Already(f"evidence.why.{row.reason}")
    timeline.add(work, incident, "opened", actor.person, item=row.facts["number"], medium=row.medium, unit=True)
    message = evidence_views.opened(work, actor, incident, row)
    if stored.is_file(row):
        assert row.id is not None
        assert incident.id is not None
        sending.file_to_account(work, actor.account, message, row.id, incident.id)
    else:
        sending.to_account(work, actor.account, message, "answer", incident.id)
    work.toast = work.voice(actor.person).word("evidence.coming")
    _say_where(work, actor)


def _not_here(work: Work, actor: Actor) -> None:
    """Raises Already where only notices pass: it is not even noted as opened."""
    if work.terse(actor.account):
        raise Already("terse.no_files")


def _one(work: Work, actor: Actor, incident: Incident, which: str) -> Evidence:
    """Raises NotFound for another incident's, or what only the unit opens."""
    row = work.session.get(Evidence, int(which)) if which.isdecimal() and int(which) < 2**31 else None
    if row is None or row.incident_id != incident.id or not rights.opens(actor, incident, row):
        raise NotFound
    return row


def _say_where(work: Work, actor: Actor) -> None:
    if work.event is not None and not work.event.chat.private:
        work.toast = work.voice(actor.person).word("toast.in_dm")
