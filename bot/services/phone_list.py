"""Numbers to call, and whose they are."""

from __future__ import annotations

from bot.catalogue import Voice
from bot.messages import Fields, Line, Phone
from bot.services import people
from bot.services.people import Actor
from bot.services.work import Work
from storage.tables import Incident, Person

MOST = 20  # in a message that stays current, which must never split


def of_incident(work: Work, actor: Actor, incident: Incident) -> Fields:
    """Who flagged it, and everybody else of the unit."""
    voice = work.voice(actor.person)
    flagged = people.is_reporter(incident, incident.reporter_id)
    rows = [reporter_row(work, voice, incident)] if flagged else []
    unit = [person for person in people.unit_people(work.session) if person.id not in (actor.id, incident.reporter_id)]
    rows += [(person.name, number(voice, person.phone)) for person in unit[:MOST]]
    return Fields(tuple(rows))


def reporter_row(work: Work, voice: Voice, incident: Incident) -> tuple[str, Line]:
    """Who flagged it, and the number given for this incident, else the person's own."""
    reporter = work.session.get_one(Person, incident.reporter_id)
    given = incident.details.get("number") or reporter.phone
    return voice.word("phones.flagged", who=reporter.name), number(voice, given)


def number(voice: Voice, given: str | None) -> Line:
    """The number to press, or that there is none."""
    return (Phone(given),) if given else voice.line("phones.none")
