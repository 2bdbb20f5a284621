"""What is done with the duty list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.prompts import Command


@dataclass(frozen=True)
class SetRota(Command):
    """From this time these people of the unit are on duty in turn, each for so many days."""

    people: tuple[int, ...]
    days: int
    starts_at: datetime | None


@dataclass(frozen=True)
class EndRota(Command):
    """There is no duty list any more, where it is this one."""

    rota: int


@dataclass(frozen=True)
class OfferShift(Command):
    """Ask whether somebody takes what is left of a shift. `to` is a person, 0 for everybody in the unit."""

    shift: int
    to: int


@dataclass(frozen=True)
class BeAway(Command):
    """Somebody of the unit is away, and cannot be on duty."""

    person: int
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class BeBack(Command):
    """An absence is over, or will not be."""

    absence: int


@dataclass(frozen=True)
class AskToTakeOver(Command):
    """Ask a colleague to take over the duty now from whoever has this shift."""

    shift: int
    to: int
