"""The chief's register: parties, roles that end, accounts that are shut out; and a person's language."""

from __future__ import annotations

from collections import Counter

from sqlmodel import col, select

from bot.commands import AddParty, EndRole, GiveRole, Nothing, RevokeAccounts, RoleKind, SetLanguage
from bot.flows.people import Register, Speaker
from bot.services import (
    duty_rota,
    escalation,
    measure_acts,
    menus,
    notices,
    people,
    sending,
    succession,
    watch_list,
)
from bot.services.doing import Already, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from storage import deadlines
from storage.tables import Account, Invitation, Party, Person, Role

OWN_NAME = {"sv": "Svenska", "en": "English"}


def everything(work: Work, actor: Actor) -> Register:
    """What the chief's flows choose from, as it is now."""
    persons = sorted(work.session.exec(select(Person)), key=lambda person: person.name.casefold())
    current = work.session.exec(select(Role).where(col(Role.ended_at).is_(None)).order_by(col(Role.id))).all()
    voice = work.voice(actor.person)
    ends = [
        (
            r.id or 0,
            r.person_id,
            voice.word("people.end", role=people.role_words(work, actor.person, r.kind, r.party_id, r.task)),
        )
        for r in current
    ]
    parties = tuple((party.id or 0, party.name) for party in people.parties(work.session))
    return Register(parties, _told_apart(work, actor, persons), tuple(ends))


def _told_apart(work: Work, actor: Actor, persons: list[Person]) -> tuple[tuple[int, str], ...]:
    """People by name; those who share one also by what they are."""
    shared = {name for name, count in Counter(person.name for person in persons).items() if count > 1}
    words = ((p, people.described(work, actor.person, p) if p.name in shared else p.name) for p in persons)
    return tuple((person.id or 0, label) for person, label in words)


def languages(work: Work) -> Speaker:
    """The languages that the municipality offers."""
    return Speaker(tuple((code, OWN_NAME[code]) for code in work.house.languages))


@performs(AddParty, Right.CHIEF)
def add_party(work: Work, actor: Actor, command: AddParty) -> None:
    """A new party; the same name twice would confuse who sees what."""
    name = " ".join(command.name.split())
    if any(party.name.casefold() == name.casefold() for party in people.parties(work.session)):
        raise Already("already.party", party=name)
    work.session.add(Party(name=name, created_at=work.now))
    sending.to_account(work, actor.account, work.voice(actor.person).say("people.party_added", party=name), "answer")


@performs(GiveRole, Right.CHIEF)
def give_role(work: Work, actor: Actor, command: GiveRole) -> None:
    """The person has one role more from now on."""
    person = work.session.get(Person, command.person)
    if person is None:
        raise NotFound
    people.give_role(work, command.person, command.role, command.party or None, command.task)
    words = people.role_words(work, person, command.role, command.party or None, command.task)
    given = work.voice(person).say("people.your_role_begins", role=words)
    sending.to_person(work, person, given, "info")
    succession.came(work, person)
    menus.set_for_person(work, person)
    _confirm(work, actor, "people.role_given", person)


@performs(EndRole, Right.CHIEF)
def end_role(work: Work, actor: Actor, command: EndRole) -> None:
    """The role ends now; what the person had taken goes back to the unit."""
    role = work.session.get(Role, command.role)
    if role is None or role.ended_at is not None:
        raise NotFound
    if _is_last_chief(work, role):
        raise Already("already.last_chief")
    _confirm(work, actor, "people.role_ended", end(work, role))


def end_due(work: Work, number: int) -> None:
    """A role's last day is over. The last chief stays: nobody else could let anybody in."""
    role = work.session.get(Role, number)
    if role is not None and role.ended_at is None and not _is_last_chief(work, role):
        end(work, role)


def end(work: Work, role: Role) -> Person:
    """Let a role end now: the person is told, what only it gave a right to see goes away, codes for it are void."""
    assert role.id is not None
    role.ended_at = work.now
    deadlines.call_off(work.session, role.id, "role_ends")
    work.session.flush()
    _void_codes(work, role)
    person = work.session.get_one(Person, role.person_id)
    if not any(r.kind in people.UNIT for r in people.roles_of(work.session, role.person_id)):
        _hand_back(work, person)
        duty_rota.left(work, person)
    measure_acts.hand_back(work, person)
    watch_list.hand_back(work, person)
    sending.refresh_person(work, role.person_id)
    words = people.role_words(work, person, role.kind, role.party_id, role.task)
    ended = work.voice(person).say("people.your_role_ended", role=words, phone=work.house.public_number)
    sending.to_person(work, person, ended, "info")
    menus.set_for_person(work, person)
    if role.kind in people.PARTY_CONTACTS and role.party_id is not None:
        kept = people.people_with(work.session, people.PARTY_CONTACTS, role.party_id)
        if person not in kept:
            succession.left(work, person, role.party_id)
    return person


def _is_last_chief(work: Work, role: Role) -> bool:
    return role.kind == RoleKind.CHIEF and len(people.chiefs(work.session)) == 1


def _void_codes(work: Work, role: Role) -> None:
    """An unused code would give the same role anew."""
    same = (Invitation.person_id == role.person_id, Invitation.party_id == role.party_id)
    unused = (col(Invitation.used_at).is_(None), col(Invitation.settled_at).is_(None))
    for code in work.session.exec(select(Invitation).where(*same, *unused)):
        if code.role.partition(".")[0] == role.kind:
            code.settled_at = work.now


@performs(RevokeAccounts, Right.CHIEF)
def revoke_accounts(work: Work, actor: Actor, command: RevokeAccounts) -> None:
    """Every account of the person is shut out now, as after a lost phone."""
    person = work.session.get(Person, command.person)
    if person is None:
        raise NotFound
    if person.id == actor.id:
        raise Already("already.yourself")
    for account in work.session.exec(select(Account).where(Account.person_id == person.id)):
        account.state = "revoked"
        menus.set_for(work, account)
    person.preferred = None
    sending.refresh_person(work, command.person)
    _hand_back(work, person)
    _confirm(work, actor, "people.revoked", person)


def _hand_back(work: Work, person: Person) -> None:
    """Nobody waits for somebody who is gone."""
    assert person.id is not None
    for incident in people.taken_by(work.session, person.id):
        incident.taken_by = incident.taken_at = incident.promised_at = incident.answered_at = None
        escalation.end_promises(work, incident)
        escalation.start(work, incident, incident.imminence)
        notices.to_unit(work, incident, "again")


def _confirm(work: Work, actor: Actor, key: str, person: Person) -> None:
    sending.to_account(work, actor.account, work.voice(actor.person).say(key, name=person.name), "answer")


@performs(SetLanguage, Right.LINKED)
def set_language(work: Work, actor: Actor, command: SetLanguage) -> None:
    """Speak this language from now on."""
    actor.person.language = command.language
    work.session.add(actor.person)
    sending.to_account(work, actor.account, work.voice(actor.person).say("people.language_set"), "answer")
    menus.set_for_person(work, actor.person)


@performs(Nothing, Right.LINKED)
def nothing(work: Work, actor: Actor, command: Nothing) -> None:
    """Say that nothing was done."""
    sending.to_account(work, actor.account, work.voice(actor.person).say(command.said), "answer")
