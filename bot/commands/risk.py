"""What is done with the risk guide, the watch list, and what people promise to do about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.prompts import Command


@dataclass(frozen=True)
class AddCases(Command):
    """Cases that belong to no meeting, one a line."""

    text: str


@dataclass(frozen=True)
class KeepAnswers(Command):
    """What somebody answered in step 2 or 3 of an assessment of a case: each statement's key with the answer.

    `roles` are who took part. `later`: there is more to answer, at another time.
    """

    case: int
    assessment: int
    step: int
    answers: tuple[tuple[str, str], ...]
    roles: tuple[str, ...] = ()
    later: bool = False


@dataclass(frozen=True)
class MakeMeasure(Command):
    """Somebody is to do this by then, about a `kind` (case, watch, meeting) of that number."""

    kind: str
    subject: int
    text: str
    owner: int
    at: datetime


@dataclass(frozen=True)
class MoveMeasure(Command):
    """It is to be done by then instead."""

    measure: int
    at: datetime


@dataclass(frozen=True)
class AddWatch(Command):
    """An issue to look at again then. `faces`: one, several or unknown. `case` is what it comes from, 0 for none."""

    title: str
    level: str
    faces: str
    owner: int
    at: datetime
    case: int = 0


@dataclass(frozen=True)
class LookAgain(Command):
    """Somebody has looked: the level now, and when next."""

    watch: int
    level: str
    at: datetime


@dataclass(frozen=True)
class Retitle(Command):
    """Call a `kind` (case or watch) of that number by other words."""

    kind: str
    subject: int
    title: str


@dataclass(frozen=True)
class Hand(Command):
    """Let somebody else have a `kind` (measure or watch) of that number."""

    kind: str
    subject: int
    owner: int
