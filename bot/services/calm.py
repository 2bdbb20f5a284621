""" "Allt lugnt?": one tap that a party's contact is asked for after a month of silence, and left in peace about after.

An ask is a deadline: it waits for a week, is called off by the answer, and is over when none came. Its step is the
outbox row of the question, whose buttons go away when it is answered.
"""

from __future__ import annotations

from datetime import date

from bot.commands import RoleKind
from bot.events import Kind
from bot.messages import Message
from bot.services import attention, menu, people, rounds, seen, sending, silent, standing, talks
from bot.services.doing import Already, on_number
from bot.services.hours import is_working_day
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage import deadlines
from storage.tables import Account, Deadline, Person

ROUND, ASKED = "calm_round", rounds.CALM_ASKED
ANSWER_WITHIN = rounds.ANSWER_WITHIN


def keep(work: Work) -> None:
    """Let the next working day's round wait."""
    standing.keep(work, ROUND, _slots(work))


def round_due(work: Work, step: str) -> None:
    """Ask those who may be asked today, and let the next round wait."""
    if rounds.in_time(work.house.zone, work.now, date.fromisoformat(step)):
        for person, account in _to_ask(work):
            _ask(work, person, account)
    standing.follow(work, ROUND, _slots(work))


def _slots(work: Work) -> standing.Slots:
    return rounds.slots(work.house.zone, work.now, rounds.CALM_AT, is_working_day)


def _to_ask(work: Work) -> list[tuple[Person, Account]]:
    """Each party's contacts, or its deputies where there is no contact; each person once."""
    found: dict[int, tuple[Person, Account]] = {}
    for party in people.parties(work.session):
        contacts = people.people_with(work.session, (RoleKind.CONTACT,), party.id)
        for person in contacts or people.people_with(work.session, (RoleKind.DEPUTY,), party.id):
            if (account := _may_be_asked(work, person)) is not None:
                found[account.person_id] = person, account
    return list(found.values())


def _may_be_asked(work: Work, person: Person) -> Account | None:
    """The account to ask on; None for who is heard of, waits for us, was asked lately or did not answer then."""
    accounts = people.accounts_of(work.session, person)
    if not accounts or not _is_silent(work, accounts[0].person_id) or _waits_for_us(work, accounts[0]):
        return None
    return accounts[0]


def _is_silent(work: Work, person: int) -> bool:
    zone, ask, heard = work.house.zone, silent.last_ask(work.session, person), seen.last(work.session, person)
    if heard is None or not rounds.is_silent(zone, heard, work.now):
        return False
    if ask is not None and ask.state != "void" and heard < silent.asked_at(ask):
        return False  # nobody is nagged: the coverage table says it, and the chief calls
    if not rounds.may_ask(zone, work.now, silent.asked_at(ask) if ask is not None else None):
        return False
    return attention.spare(work, [person])[person] > 0  # what comes anyway will do


def _waits_for_us(work: Work, account: Account) -> bool:
    """Whether the person has something open with the unit: then there are better words than these."""
    own = people.own_open(work.session, account.person_id, withdrawn=True)
    return bool(own or people.passed_open(work.session, people.actor(work.session, account)))


def _ask(work: Work, person: Person, account: Account) -> None:
    deadlines.promise(work.session, ASKED, account.person_id, "new", work.now + ANSWER_WITHIN)
    work.session.flush()
    ask = work.session.exec(silent.asks(account.person_id).where(Deadline.step == "new")).one()
    voice, number = work.voice(person), ask.id or 0
    buttons = (
        voice.button("calm.yes", str(Act("calm", number))),
        voice.button("calm.no", str(Act("not_calm", number))),
    )
    row = sending.to_account(work, account, voice.say("calm.ask", *buttons), "info")
    work.session.flush()
    ask.step = str(row.id) if row is not None else f"held {number}"  # it comes when the person's quiet hours end


@on_number("calm", Right.LINKED)
def calm(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Allt är lugnt"."""
    _answered(work, actor, number, "calm.answered")


@on_number("not_calm", Right.LINKED)
def not_calm(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Något är på gång": on to the questions of a flag."""
    _answered(work, actor, number, "calm.flags")
    talks.start(work, actor, "flag", menu.reporter(work, actor))


def _answered(work: Work, actor: Actor, number: int, key: str) -> None:
    """Note it once, also when it is late. Raises NotFound for another's question, Already."""
    ask = work.session.get(Deadline, number, with_for_update=True)
    if ask is None or ask.kind != ASKED or ask.subject != actor.id:
        raise NotFound
    if ask.state == "void":
        raise Already("engine.already")
    ask.state, ask.done_at = "void", work.now
    voice = work.voice(actor.person)
    said = voice.say(key, time=voice.when(work.now))
    if not ask.step.isdecimal():
        sending.replace_pressed(work, actor.account, said)
        return
    sending.edit_row(work, int(ask.step), said)
    if work.event is not None and work.event.kind is Kind.TEXT and key == "calm.answered":
        sending.to_account(work, actor.account, Message(said.parts), "answer")  # the question may be far above
