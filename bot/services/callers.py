"""Who calls instead of writing: an officer writes the flag down, and whoever called has it as an own one."""

from __future__ import annotations

from bot.commands import RecordCall
from bot.flows.called import Switchboard
from bot.services import escalation, incidents, notices, people, sending, talks, timeline
from bot.services.doing import on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from storage.tables import Incident, Party


def switchboard(work: Work) -> Switchboard:
    """The parties and whoever may call for them, as it is now."""
    parties = tuple((party.id or 0, party.name) for party in people.parties(work.session))
    contacts = [
        (person.id or 0, number, person.name)
        for number, _ in parties
        for person in people.people_with(work.session, people.PARTY_CONTACTS, number)
    ]
    return Switchboard(parties, tuple(contacts))


@on_number("called", Right.UNIT)
def called(work: Work, actor: Actor, _: int, __: str) -> None:
    """Somebody is on the phone."""
    talks.start(work, actor, "called", switchboard(work))


@performs(RecordCall, Right.UNIT)
def record_call(work: Work, actor: Actor, command: RecordCall) -> None:
    """Store it, tell the rest of the unit and whoever called; the officer can take it at once."""
    if command.party and work.session.get(Party, command.party) is None:
        raise NotFound
    caller = _caller(work, command)
    incident = Incident(
        imminence=command.imminence,
        reporter_id=caller or actor.id,
        recorded_by=actor.id,
        party_id=command.party or None,
        details={"what": command.text},
        raised_at=work.now,
        sent_at=work.event.sent_at if work.event else work.now,
    )
    work.session.add(incident)
    work.session.flush()
    timeline.add(work, incident, "recorded", actor.person, text=command.text)
    escalation.start(work, incident, command.imminence)
    notices.to_unit(work, incident, "raised", besides=actor.id)
    sending.post_to_account(work, actor.account, incidents.number_of(incident), "notice", "recorded")
    notices.to_person(work, incident, caller or None, "recorded")


def _caller(work: Work, command: RecordCall) -> int:
    """The contact who called; 0 for somebody else, or for one who is no longer a contact when it is sent."""
    contacts = people.people_with(work.session, people.PARTY_CONTACTS, command.party) if command.party else []
    return command.caller if command.caller in {person.id for person in contacts} else 0
