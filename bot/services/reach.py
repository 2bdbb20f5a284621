"""Whom a broadcast that is not sent yet would reach now: how many, where, and who not and why."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot.commands import Level
from bot.services import alerts, people, resting
from bot.services.audience import Reader
from bot.services.work import Work
from storage.tables import Alert, Person


@dataclass(frozen=True)
class Reach:
    """Everybody whom it is for, as it is at this moment."""

    readers: tuple[Reader, ...]

    @property
    def reached(self) -> tuple[Reader, ...]:
        """Who would get it."""
        return tuple(reader for reader in self.readers if reader.account is not None)

    @property
    def missed(self) -> tuple[Reader, ...]:
        """Who would not."""
        return tuple(reader for reader in self.readers if reader.account is None)

    @property
    def platforms(self) -> dict[str, int]:
        """How many would get it on each platform."""
        return dict(sorted(Counter(r.account.platform for r in self.readers if r.account is not None).items()))

    @property
    def digest(self) -> str:
        """The same as long as the same people get it in the same place."""
        told = [(reader.person, reader.account.id if reader.account else 0) for reader in self.readers]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:8]


def of(work: Work, alert: Alert) -> Reach:
    """Counted anew, from who has which role and account now."""
    return Reach(tuple(alerts.readers(work, alert)))


def stamp(alert: Alert, found: Reach) -> str:
    """What a press sends: these words to these people. It differs as soon as either has changed."""
    return f"{alert.revision}-{found.digest}"


def by_party(work: Work, found: Reach) -> list[tuple[str, int]]:
    """How many of each party would get it, by name; a party that is gone meanwhile has none."""
    names = {party.id: party.name for party in people.parties(work.session)}
    counted = Counter(names[reader.party] for reader in found.reached if reader.party in names)
    return sorted(counted.items())


def names(work: Work, readers: tuple[Reader, ...], most: int | None = None) -> list[tuple[str, str]]:
    """The names of who cannot be reached, with why; only the first of them where there is a limit."""
    some = readers[:most]
    query = select(Person).where(col(Person.id).in_([reader.person for reader in some]))
    known = {person.id: person.name for person in work.session.exec(query)}
    return [(known[reader.person], reader.unreached) for reader in some]


def quiet(work: Work, alert: Alert, found: Reach) -> list[tuple[str, datetime]]:
    """Who would get it only when their quiet hours end, and when that is, by name."""
    query = select(Person).where(
        col(Person.quiet) != "", col(Person.id).in_([reader.person for reader in found.reached])
    )
    persons = {person.id: person for person in work.session.exec(query)}
    level = Level.EMERGENCY if alerts.purpose_of(work, alert) == "emergency" else alert.level
    until = resting.waiting_for(work, persons.values(), level)
    return sorted((persons[number].name, at) for number, at in until.items())
