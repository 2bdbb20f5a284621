"""What is done with meetings and with what prepares for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.commands.words import Audience
from bot.prompts import Command


@dataclass(frozen=True)
class CallMeeting(Command):
    """A meeting that people can be told of. `kind` chooses what prepares for it."""

    title: str
    at: datetime
    audience: Audience
    kind: str = "other"
    place: str = ""


@dataclass(frozen=True)
class AddEvent(Command):
    """A party's own event: stall, square or doors. `support` asks the unit to be there."""

    kind: str
    party: int
    at: datetime
    place: str
    support: bool


@dataclass(frozen=True)
class MoveMeeting(Command):
    """It begins at another time; who was briefed hears it."""

    meeting: int
    at: datetime


@dataclass(frozen=True)
class SetAgenda(Command):
    """The cases of a meeting, one a line, in place of those that it had."""

    meeting: int
    text: str


@dataclass(frozen=True)
class MoveBriefing(Command):
    """It goes out at this time."""

    briefing: int
    at: datetime


@dataclass(frozen=True)
class RewordBriefing(Command):
    """Other words for this once."""

    briefing: int
    title: str
    text: str
