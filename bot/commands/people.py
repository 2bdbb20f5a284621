"""What is done with parties, people and their roles."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands.words import RoleKind
from bot.prompts import Command


@dataclass(frozen=True)
class AddParty(Command):
    """A new party."""

    name: str


@dataclass(frozen=True)
class Invite(Command):
    """Make a single-use invitation. `party` is 0 for none; only a helper has a `task`."""

    role: RoleKind
    party: int
    name: str
    task: str = ""


@dataclass(frozen=True)
class GiveRole(Command):
    """One role more for somebody who is here. `party` is 0 for none; only a helper has a `task`."""

    person: int
    role: RoleKind
    party: int
    task: str = ""


@dataclass(frozen=True)
class EndRole(Command):
    """The person no longer has this role."""

    role: int


@dataclass(frozen=True)
class RevokeAccounts(Command):
    """The person's accounts can no longer do anything: a lost phone, a stolen password."""

    person: int


@dataclass(frozen=True)
class SetNumber(Command):
    """Keep a contact's telephone number, E.164."""

    person: int
    phone: str


@dataclass(frozen=True)
class InviteAgain(Command):
    """A new code for somebody whose accounts were shut out or whose invitation ran out."""

    person: int


@dataclass(frozen=True)
class SetAbout(Command):
    """The first contact's text in a language; empty for the one that the program comes with."""

    language: str
    text: str


@dataclass(frozen=True)
class SetLanguage(Command):
    """Speak this language with the person from now on."""

    language: str


@dataclass(frozen=True)
class SetQuiet(Command):
    """Let what may wait not come between these hours of the day, "22:00-07:00"; "" for none."""

    hours: str
