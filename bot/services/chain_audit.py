"""Looks for chains and promises that should have moved and did not: says so, once, and sets missing steps going again.

It is no deadline itself, for it must notice when the deadlines stand still.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.messages import Button, Fields, Message
from bot.services import chains, escalation, people, phone_list, sending
from bot.services.work import Work
from bot.tokens import Act
from storage import deadlines
from storage.tables import Deadline, Incident, Person, Rota

LATE = timedelta(minutes=2)
What = Literal["late", "missing", "rota"]
ROTA = "rota"


@dataclass(frozen=True)
class Finding:
    """What should have moved: the deadline's kind, subject and step, and since when."""

    what: What
    kind: str
    subject: int
    step: str
    at: datetime

    @property
    def of_incident(self) -> bool:
        """Whether its subject is an incident."""
        return self.kind in (escalation.CHAIN, *escalation.PROMISES)


def find(work: Work) -> list[Finding]:
    """All that stands still now. Nothing is changed."""
    return [
        *_late(work),
        *(finding for sort in chains.SORTS.values() for finding in _missing(work, sort)),
        *_rotas(work),
    ]


def _late(work: Work) -> Iterator[Finding]:
    """A deadline that nothing lets happen, or that meets an error again and again."""
    for row in deadlines.late(work.session, (*chains.SORTS, *escalation.PROMISES), work.now - LATE):
        yield Finding("late", row.kind, row.subject, row.step, row.first_due_at or row.due_at)


def _missing(work: Work, sort: chains.Sort) -> Iterator[Finding]:
    """A step that neither ran nor waits, of a chain that still waits."""
    numbers = list(sort.subjects(work))
    query = select(Deadline).where(Deadline.kind == sort.kind, col(Deadline.subject).in_(numbers))
    there = {(row.subject, row.step) for row in work.session.exec(query) if row.state != "void"}
    for number in numbers:
        for place, step in enumerate(sort.frozen(work, number)):
            if (number, str(place)) not in there:
                yield Finding("missing", sort.kind, number, str(place), chains.due_at(step) or work.now)


def _rotas(work: Work) -> Iterator[Finding]:
    """A duty list in force of people who have left the unit, or whom the bot does not reach."""
    there = {p.id for p in people.unit_people(work.session) if people.accounts_of(work.session, p)}
    for rota in work.session.exec(select(Rota).where(col(Rota.ended_at).is_(None)).order_by(col(Rota.id))):
        if there.isdisjoint(rota.people):
            yield Finding("rota", ROTA, rota.id or 0, "", rota.created_at)


def tell(work: Work, finding: Finding) -> bool:
    """Mend what can be mended, and tell the chiefs. False when it is no longer so, or was told already."""
    if not any(replace(other, at=finding.at) == finding for other in find(work)):
        return False
    if finding.what == "missing":
        at = max(finding.at, work.now)
        deadlines.promise(work.session, finding.kind, finding.subject, finding.step, at)
    step = f"{finding.what}/{finding.step}"
    if not deadlines.note(work.session, f"{finding.kind}_said", finding.subject, step, finding.at, work.now):
        return False
    for person in people.chiefs(work.session) or people.unit_people(work.session):
        number = finding.subject if finding.of_incident else None
        sending.to_person(work, person, _message(work, person, finding), "notice", number)
    return True


def _message(work: Work, reader: Person, finding: Finding) -> Message:
    """What to do now, and what became of the step."""
    voice = work.voice(reader)
    if finding.what == "rota":
        return voice.say("audit.rota")
    incident = work.session.get(Incident, finding.subject) if finding.of_incident else None
    about = "incident" if incident is not None else "alert"
    key = "audit.promise" if finding.kind in escalation.PROMISES else f"audit.{about}.{finding.what}"
    said = voice.say(key, *_buttons(voice, incident), number=finding.subject, at=voice.when(finding.at))
    if incident is None or not people.is_reporter(incident, incident.reporter_id):
        return said
    row = phone_list.reporter_row(work, voice, incident)
    return Message((*said.parts, Fields((row,))), said.buttons, said.notice)


def _buttons(voice: Voice, incident: Incident | None) -> list[Button]:
    if incident is None or incident.id is None:
        return []
    take = [voice.button("button.take", str(Act("take", incident.id)))] if escalation.waits(incident) else []
    return [*take, voice.button("button.show", str(Act("show", incident.id)))]
