"""What is done on the day of a meeting, and after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.prompts import Command


@dataclass(frozen=True)
class OrderSupport(Command):
    """Ask the unit for support to a meeting. `why` are the asker's own words, for the unit alone."""

    meeting: int
    what: str
    why: str


@dataclass(frozen=True)
class DeclineOrder(Command):
    """What was ordered is not possible; `why` is for whoever asked."""

    order: int
    why: str


@dataclass(frozen=True)
class DecideCheck(Command):
    """The chair's decision on a security check, who writes it down or lets it be written.

    `grounds` are the dangers that are feared.
    """

    meeting: int
    police_at: datetime
    grounds: tuple[str, ...]
    yes: bool
    by_chair: bool


@dataclass(frozen=True)
class LookBack(Command):
    """What went well, what went less well, what is to change."""

    meeting: int
    well: str
    badly: str
    change: str
