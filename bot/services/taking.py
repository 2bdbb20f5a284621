"""Somebody of the unit has an incident from now on; of several that are one event, all at once."""

from __future__ import annotations

from collections.abc import Container

from bot.services import escalation, notices, sending, timeline
from bot.services.work import Work
from storage.tables import Incident, Person


def take(work: Work, officer: Person, rows: list[Incident], *, answered: Container[int | None] = ()) -> None:
    """Each of these has its own line, and its reporter hears of it; who is `answered` now hears that instead."""
    for one in rows:
        _take(work, officer, one)
        if one.id not in answered:
            escalation.ask_promise(work, one)
            notices.to_reporter(work, one, "taken")


def _take(work: Work, officer: Person, incident: Incident) -> None:
    assert incident.id is not None
    incident.taken_by, incident.taken_at = officer.id, work.now
    incident.promised_at = incident.answered_at = None
    work.session.add(incident)
    escalation.stop(work, incident)
    timeline.add(work, incident, "taken", officer)
    sending.refresh(work, incident.id)
