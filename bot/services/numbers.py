"""The contacts' telephone numbers, which the chief writes in: a contact's own flag brings one too."""

from __future__ import annotations

from bot.commands import SetNumber
from bot.flows.number import PhoneBook
from bot.messages import Phone
from bot.services import people, register, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from storage.tables import Person


def phone_book(work: Work, actor: Actor) -> PhoneBook:
    """The contacts and deputies of every party."""
    persons = people.people_with(work.session, people.PARTY_CONTACTS)
    with_number = {person.id: bool(person.phone) for person in persons}
    named = [(number, name) for number, name in register.everything(work, actor).people if number in with_number]
    return PhoneBook(tuple(sorted(named, key=lambda one: with_number[one[0]])))


@on_number("number", Right.CHIEF)
def number(work: Work, actor: Actor, _: int, __: str) -> None:
    """A contact's number. Raises Already where there are no contacts."""
    book = phone_book(work, actor)
    if not book.people:
        raise Already("already.nobody_to_call")
    talks.start(work, actor, "number", book)


@performs(SetNumber, Right.CHIEF)
def set_number(work: Work, actor: Actor, command: SetNumber) -> None:
    """Keep it."""
    person = work.session.get(Person, command.person)
    if person is None:
        raise NotFound
    person.phone = command.phone
    work.session.add(person)
    said = work.voice(actor.person).say("number.kept", name=person.name, phone=Phone(command.phone))
    sending.to_account(work, actor.account, said, "answer")
