"""The plain words that commands are made of: how near, how urgent, who, to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.prompts import Command


class Imminence(StrEnum):
    """How near the danger is; decides how fast somebody must answer."""

    NOW = "now"
    BREWING = "brewing"
    RUMOUR = "rumour"
    PAST = "past"


class RoleKind(StrEnum):
    """What a person is to the municipality's security."""

    CHIEF = "chief"
    OFFICER = "officer"
    CONTACT = "contact"
    DEPUTY = "deputy"
    OFFICIAL = "official"
    HELPER = "helper"


class Task(StrEnum):
    """What a helper helps with."""

    CHAIR = "chair"
    SECRETARY = "secretary"
    COMMUNICATOR = "communicator"
    HR = "hr"
    LAWYER = "lawyer"
    GUARD = "guard"
    ELECTION = "election"


class Level(StrEnum):
    """How urgent a broadcast is. An emergency breaks quiet hours and overtakes everything that waits."""

    INFORMATION = "information"
    WARNING = "warning"
    EMERGENCY = "emergency"
    ALLCLEAR = "allclear"


class Ask(StrEnum):
    """What a broadcast wants back."""

    NOTHING = "nothing"
    READ = "read"
    SAFE = "safe"


@dataclass(frozen=True)
class Audience:
    """Whom a broadcast is for: these roles, of these parties (none: of all), or those of a meeting (0: none).

    A party without a contact who can be reached is told through its deputies. Of the helpers only those with one of
    these tasks, where some are named.
    """

    roles: tuple[str, ...] = (RoleKind.CONTACT,)
    parties: tuple[int, ...] = ()
    meeting: int = 0
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Details:
    """What is told of something that is not happening this minute. `affected` is a role, never a name.

    `category` is a key of `config/content/categories.toml`.
    """

    category: str
    what: str
    where: str
    when: datetime | None
    affected: str


@dataclass(frozen=True)
class Nothing(Command):
    """A conversation that ends without an effect; `said` names the text that says so."""

    said: str
    kept: str = field(default="")
