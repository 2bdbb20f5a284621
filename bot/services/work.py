"""What a service works with: one transaction, one moment, and the house it works in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.advice.library import Library
from bot.catalogue import Catalogue, Voice
from bot.events import Event, Platform
from bot.messages import Message, Phone
from bot.plans.plans import Plans
from bot.risk.shelf import Guides
from bot.services.elections import Day, Election, days, load
from bot.services.escalation_plan import Plan
from bot.services.hours import StaffedHours, is_staffed
from storage.tables import Account, Municipality, Person


class NoMunicipality(Exception):
    """`tryggvag init` has not been run on this database."""


@dataclass
class House:
    """The municipality's own facts, the texts, and the rules of time."""

    name: str
    zone: ZoneInfo
    languages: tuple[str, ...]
    public_number: Phone
    night_number: Phone | None
    hours: StaffedHours
    catalogue: Catalogue
    plan: Plan
    library: Library = field(default_factory=Library)
    telegram_name: str = ""  # the bot's own name, for deep links; known once Telegram has answered
    platforms: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()  # beside the platforms: sms, and voice where it can ring too
    two_person: bool = False  # an emergency to everybody waits for a second officer's press
    elections: tuple[Election, ...] = field(default_factory=load)
    days: tuple[Day, ...] = field(default_factory=days)
    plans: Plans = field(default_factory=Plans)
    guides: Guides = field(default_factory=Guides)
    notices_only: bool = False  # on Telegram nothing that somebody wrote comes in or goes out
    open_advice: bool = False  # whoever is on the platforms may read advice, without an invitation

    def staffed(self, at: datetime) -> bool:
        """Whether somebody at the unit is on duty."""
        return is_staffed(self.hours, self.zone, at)

    def number_at(self, at: datetime) -> Phone:
        """Whom to call: the public number, or outside staffed hours the night number where there is one."""
        return self.public_number if self.staffed(at) or not self.night_number else self.night_number

    def voice(self, language: str, now: datetime) -> Voice:
        """The texts in a language that the municipality offers."""
        offered = language if language in self.languages else self.languages[0]
        return Voice(self.catalogue, offered, self.zone, now)


def try_keys(session: Session) -> None:
    """Raises WrongKey when the keys do not open what is stored: before anything is written with them."""
    for order in (col(Person.id), col(Person.id).desc()):
        session.exec(select(Person).order_by(order).limit(1)).first()


def read_house(session: Session, catalogue: Catalogue, plan: Plan, library: Library | None = None) -> House:
    """The one municipality. Raises NoMunicipality, and WrongKey."""
    try_keys(session)
    row = session.exec(select(Municipality).order_by(col(Municipality.id))).first()
    if row is None:
        raise NoMunicipality
    return House(
        name=row.name,
        zone=ZoneInfo(row.timezone),
        languages=tuple(row.languages),
        public_number=Phone(row.public_number),
        night_number=Phone(row.night_number) if row.night_number else None,
        hours=StaffedHours.parse(row.staffed),
        catalogue=catalogue,
        plan=plan,
        library=library or Library(),
    )


@dataclass
class Work:
    """One event's transaction.

    `event` is None for what the clock started. `toast` is what the press is answered with; `direct` is shown where
    it was asked, to the asker alone or `aloud` to all. `refreshed` keeps each post to one row. `once` holds what is
    read or drawn once for many.
    """

    session: Session
    now: datetime
    house: House
    event: Event | None = None
    toast: str = ""
    direct: Message | None = None
    aloud: bool = False
    refreshed: set[int] = field(default_factory=set)
    once: dict[Any, Any] = field(default_factory=dict)

    def terse(self, account: Account) -> bool:
        """Whether only presses and notices pass on this account."""
        return self.house.notices_only and account.platform == Platform.TELEGRAM

    def voice(self, person: Person) -> Voice:
        """The texts in this person's language, now."""
        return self.house.voice(person.language, self.now)
