"""What is done with broadcasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.commands.words import Ask, Audience, Level
from bot.prompts import Command


@dataclass(frozen=True)
class Compose(Command):
    """A broadcast in the unit's own words: kept and shown, not sent. `incident` is what it comes from, 0 for none."""

    level: Level
    headline: str
    text: str
    audience: Audience
    ask: Ask
    minutes: int
    exercise: bool
    incident: int = 0


@dataclass(frozen=True)
class ChangeDraft(Command):
    """Other words, readers or answers for a broadcast that is not sent yet; what is None stays."""

    alert: int
    level: Level | None = None
    headline: str | None = None
    text: str | None = None
    audience: Audience | None = None
    ask: Ask | None = None
    minutes: int | None = None
    exercise: bool | None = None


@dataclass(frozen=True)
class PlanDraft(Command):
    """Send it at this time."""

    alert: int
    at: datetime


@dataclass(frozen=True)
class FollowAlert(Command):
    """Add to a broadcast: an update, a correction or the all clear. Its readers get it once it has been looked at."""

    alert: int
    change: str
    text: str


@dataclass(frozen=True)
class ReplyToAlert(Command):
    """A reader of a broadcast writes to the unit."""

    alert: int
    text: str


@dataclass(frozen=True)
class AnswerReply(Command):
    """The unit answers what a reader wrote: a line of the broadcast's history."""

    alert: int
    entry: int
    text: str
