"""Whose telephone number, and which: so that somebody who does not answer here can be called."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import SetNumber
from bot.prompts import Flow, Option, PhoneNumber, Pick


@dataclass(frozen=True)
class PhoneBook:
    """The parties' contacts by name, those without a number first."""

    people: tuple[tuple[int, str], ...] = ()


def number(book: PhoneBook) -> Flow:
    """A contact's number, which the chief has asked for."""
    person = yield from Pick("whose_number", among=tuple(Option(str(number), name) for number, name in book.people))
    phone = yield from PhoneNumber("their_number")
    return SetNumber(int(person), phone)
