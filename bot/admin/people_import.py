"""Does what a plan says, in one transaction: people, roles with their ends, an invitation for each new person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.admin.people_plan import Plan, Wanted, role_in_force
from bot.catalogue import Voice
from bot.services import menus, people, sending, succession
from bot.services.invitations import VALID, issue
from bot.services.work import Work
from storage import deadlines
from storage.tables import Party, Person, Role


@dataclass(frozen=True)
class Invited:
    """A new person's way in. The code is nowhere else."""

    name: str
    role: str
    code: str
    until: datetime
    language: str


def carry_out(work: Work, plan: Plan) -> list[Invited]:
    """Everything that the plan says; the new people's invitations."""
    assert not plan.mistakes
    for name in plan.parties:
        work.session.add(Party(name=name, created_at=work.now))
    work.session.flush()
    parties = {party.name.casefold(): party for party in people.parties(work.session)}
    fresh: dict[tuple[str, str], Person] = {}
    invited = []
    for step in plan.steps:
        wanted, party = step.wanted, parties.get(step.wanted.party.casefold())
        if step.outcome == "new":
            fresh[wanted.key] = _added(work, wanted)
        person = fresh.get(wanted.key) or work.session.get_one(Person, step.person)
        if step.outcome != "unchanged":
            _changed(work, wanted, person, party)
        if step.outcome == "new":
            invited.append(_invited(work, wanted, person, party))
    return invited


def _added(work: Work, wanted: Wanted) -> Person:
    person = Person(name=wanted.name, language=work.house.languages[0], created_at=work.now)
    work.session.add(person)
    work.session.flush()
    return person


def _changed(work: Work, wanted: Wanted, person: Person, party: Party | None) -> None:
    person.language, person.phone = wanted.language or person.language, wanted.phone or person.phone
    work.session.add(person)
    assert person.id is not None
    role = role_in_force(work, person.id, wanted, party)
    if role is None:
        role = Role(person_id=person.id, kind=wanted.kind, party_id=party.id if party else None, task=wanted.task,
                    since=work.now)  # fmt: skip
        work.session.add(role)
        work.session.flush()
        menus.set_for_person(work, person)
        told = work.voice(person).say("people.your_role_begins", role=role_words(work, person, wanted))
        sending.to_person(work, person, told, "info")  # nobody is told who has no account yet
        succession.came(work, person)
    if wanted.ends_at is not None:
        role.ends_at = wanted.ends_at
        work.session.flush()
        assert role.id is not None
        deadlines.promise(work.session, "role_ends", role.id, "", wanted.ends_at)
    work.session.flush()


def _invited(work: Work, wanted: Wanted, person: Person, party: Party | None) -> Invited:
    """The role is in force already; the invitation names it too, so that the chief sees whom a code lets in."""
    assert person.id is not None
    role = f"{wanted.kind}.{wanted.task}" if wanted.task else wanted.kind
    code = issue(work.session, work.now, person.id, role=role, party=party.id if party else None)
    return Invited(person.name, role_words(work, person, wanted), code, work.now + VALID, person.language)


def role_words(work: Work, reader: Person, wanted: Wanted) -> str:
    """A line's role as people say it."""
    return in_words(work.voice(reader), wanted)


def in_words(voice: Voice, wanted: Wanted) -> str:
    """The same in another voice."""
    words = voice.word(f"role.{wanted.kind}")
    if wanted.task and voice.catalogue.has(f"helping.{wanted.task}"):
        words = f"{words}: {voice.word(f'helping.{wanted.task}')}"
    return voice.word("role.for_party", role=words, party=wanted.party) if wanted.party else words
