"""An incident's timeline: what happened, in order, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.messages import Line, Message, Paragraph, Part, Phone, Quote, Words
from bot.services.work import Work
from storage.tables import Entry, Incident, Person

SAID = ("words", "answer", "close")  # what one side wrote to the other
LINKS = ("linked", "unlinked", "to_all")  # which incidents are one event: nobody else learns of the others
UNITS_OWN = ("help_asked", "help_yes", "help_no", *LINKS)  # only the unit reads whom it asked for help, and how


def add(work: Work, incident: Incident, kind: str, author: Person | None = None, **body: Any) -> Entry:
    """Write one line more."""
    assert incident.id is not None
    author_id = author.id if author else None
    entry = Entry(incident_id=incident.id, at=work.now, kind=kind, author_id=author_id, body=body)
    work.session.add(entry)
    work.session.flush()
    return entry


def of(work: Work, incident: Incident, *kinds: str) -> list[Entry]:
    """The lines, oldest first; of these kinds only where some are named."""
    query = select(Entry).where(Entry.incident_id == incident.id).order_by(col(Entry.id))
    return list(work.session.exec(query.where(col(Entry.kind).in_(kinds)) if kinds else query))


def drawn(work: Work, voice: Voice, entry: Entry) -> list[Part]:
    """One line as people read it: when, who, what; and what was written as a quote."""
    author = work.session.get(Person, entry.author_id) if entry.author_id else None
    values = {name: value for name, value in entry.body.items() if name != "text"}
    if "at" in values:
        values["at"] = voice.time(_aware(values["at"]))
    if "medium" in values:
        values["what"] = voice.word(f"evidence.{values['medium']}").lower()
    if entry.kind == "evidence_lost":
        values["why"] = voice.word(f"evidence.why.{values['why']}")
    if entry.kind == "detail":
        values["field"] = voice.word(f"field.{values['name']}")
        values["value"] = detail_line(voice, values["name"], values["value"])
    head = Paragraph(
        voice.line(f"entry.{entry.kind}", time=voice.clock(entry.at), who=author.name if author else "", **values)
    )
    text = entry.body.get("text")
    return [head, Quote(text)] if text else [head]


def whole(work: Work, voice: Voice, incident: Incident, *, unit: bool) -> Message:
    """Everything, for who asks to read it all; what only the unit is to know, such as who opened what, for the unit."""
    entries = [entry for entry in of(work, incident) if unit or not (entry.kind in UNITS_OWN or entry.body.get("unit"))]
    parts = [part for entry in entries for part in drawn(work, voice, entry)]
    return Message((voice.title("card.whole", number=incident.id), *parts))


def detail_line(voice: Voice, name: str, value: str) -> Line:
    """The value of a detail in the reader's language; a number can be pressed."""
    match name:
        case "category" | "called_112" if voice.catalogue.has(f"{name}.{value}"):  # else it was taken out since
            return voice.line(f"{name}.{value}")
        case "when":
            return (voice.time(_aware(value)),)
        case "number":
            return (Phone(value),)
    return (Words(value),)


def _aware(text: str) -> datetime:
    return datetime.fromisoformat(text)
