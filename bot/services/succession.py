"""When a party's contact leaves: the open matters that the party sees go to who is left, or to who comes next.

Nothing of the incident changes but one line of its timeline. `reporter_id` stays, for it is true and the reporter
keeps the own thread until it is closed; every contact of the party reads it and may write on it already; the line
names who is told from now on (`people.successor`).
"""

from __future__ import annotations

from sqlmodel import col, select

from bot.commands import RoleKind
from bot.services import notices, people, sending, timeline
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Incident, Person


def left(work: Work, person: Person, party: int) -> None:
    """The person is no longer a contact of the party: who is left takes over, else the chief hears of it."""
    assert person.id is not None
    heir = next((p for p in _contacts(work, party) if p.id != person.id), None)
    for incident in _shared(work, party):
        if people.holder(work.session, incident) != person.id:
            continue
        if heir is not None:
            _pass_on(work, incident, person, heir)
        else:
            _tell_chiefs(work, incident, party)


def came(work: Work, person: Person) -> None:
    """The first contact that a party has again gets what was left, and hears of what others of it have open."""
    assert person.id is not None
    for party in sorted({r.party_id or 0 for r in people.roles_of(work.session, person.id) if _of_party(r.kind)}):
        if [p for p in _contacts(work, party) if p.id != person.id]:
            continue
        for incident in _shared(work, party):
            holder = people.holder(work.session, incident)
            if not any(role.party_id == party for role in people.roles_of(work.session, holder)):
                _pass_on(work, incident, work.session.get_one(Person, holder), person)
            elif holder != person.id:
                notices.to_person(work, incident, person.id, "shared")


def _of_party(kind: str) -> bool:
    return kind in people.PARTY_CONTACTS


def _contacts(work: Work, party: int) -> list[Person]:
    """Who can take over: contacts before deputies, the oldest role first; only who can be reached."""
    kinds = (RoleKind.CONTACT, RoleKind.DEPUTY)
    everybody = [person for kind in kinds for person in people.people_with(work.session, (kind,), party)]
    return [person for person in everybody if people.accounts_of(work.session, person)]


def _shared(work: Work, party: int) -> list[Incident]:
    query = select(Incident).where(
        Incident.party_id == party, col(Incident.party_sees).is_(True), Incident.status != "closed"
    )
    return list(work.session.exec(query.order_by(col(Incident.id))))


def _pass_on(work: Work, incident: Incident, before: Person, heir: Person) -> None:
    timeline.add(work, incident, "passed", heir, before=before.name)
    notices.to_person(work, incident, heir.id, "passed")


def _tell_chiefs(work: Work, incident: Incident, party: int) -> None:
    for chief in people.chiefs(work.session):
        voice = work.voice(chief)
        show = voice.button("button.show", str(Act("show", incident.id or 0)))
        name = people.party_name(work.session, party)
        sending.to_person(
            work, chief, voice.say("passed.nobody", show, number=incident.id, party=name), "notice", incident.id
        )
