"""What somebody is to do, and what is kept an eye on: measures and the watch list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.commands import AddWatch, Hand, LookAgain, MakeMeasure, MoveMeasure, Retitle
from bot.prompts import Choice, Confirm, Flow, Moment, Option, Pick, Text

OWN = "own"
TITLE, MEASURE = 60, 120  # characters
Named = tuple[tuple[int, str], ...]
Times = tuple[tuple[str, str], ...]  # a time as ISO text, and its words


class Risk(StrEnum):
    """How likely it is to heat up."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Faces(StrEnum):
    """How many are seen to stand for the issue."""

    ONE = "one"
    SEVERAL = "several"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Promising:
    """About what (case, watch or meeting, and its number), what is near at hand, who can do it, and by when."""

    kind: str
    subject: int
    suggestions: tuple[tuple[str, str], ...]
    people: Named
    times: Times


@dataclass(frozen=True)
class Putting:
    """A measure that is to be done at another time."""

    measure: int
    times: Times


@dataclass(frozen=True)
class Watching:
    """An issue to watch: what is known of it from a case, who can look after it, and when to look next."""

    people: Named
    times: Times
    case: int = 0
    title: str = ""
    level: str = ""


@dataclass(frozen=True)
class Looking:
    """A watched issue."""

    watch: int
    times: Times


@dataclass(frozen=True)
class Called:
    """A case or a watched issue, and what it is called now."""

    kind: str
    subject: int
    title: str


@dataclass(frozen=True)
class Handing:
    """A measure or a watched issue, and who may have it instead."""

    kind: str
    subject: int
    people: Named


def measure(me: Promising) -> Flow:
    """What, who and by when."""
    known = tuple(Option(key, words) for key, words in me.suggestions)
    what = (yield from Pick("measure_what", among=(*known, Option(OWN)))) if known else OWN
    if what == OWN:
        text = yield from Text("measure_text", longest=MEASURE)
    else:
        text = dict(me.suggestions)[what]
    owner = yield from Pick("measure_owner", among=_options(me.people))
    at = yield from Moment("measure_when", ahead=True, offers=_times(me.times))
    assert at is not None
    yield from Confirm("measure_sure")
    return MakeMeasure(me.kind, me.subject, text, int(owner), at)


def put_off(me: Putting) -> Flow:
    """By when instead."""
    at = yield from Moment("measure_when", ahead=True, offers=_times(me.times))
    assert at is not None
    return MoveMeasure(me.measure, at)


def watch(me: Watching) -> Flow:
    """What, how likely, who is the face of it, who looks after it, and when to look next."""
    title = me.title
    if not title:
        title = yield from Text("watch_title", longest=TITLE)
    level = me.level
    if not level:
        level = yield from Choice("watch_level", Risk)
    faces = yield from Choice("watch_faces", Faces)
    owner = yield from Pick("watch_owner", among=_options(me.people))
    at = yield from Moment("watch_when", ahead=True, offers=_times(me.times))
    assert at is not None
    yield from Confirm("watch_sure")
    return AddWatch(title, level, faces, int(owner), at, me.case)


def look(me: Looking) -> Flow:
    """How likely it is now, and when to look next."""
    level = yield from Choice("watch_level", Risk)
    at = yield from Moment("watch_when", ahead=True, offers=_times(me.times))
    assert at is not None
    return LookAgain(me.watch, level, at)


def retitle(me: Called) -> Flow:
    """What it is called instead; no names of people."""
    title = yield from Text("new_title", longest=TITLE * 3 if me.kind == "case" else TITLE, quote=me.title)
    return Retitle(me.kind, me.subject, title)


def hand(me: Handing) -> Flow:
    """Who has it instead."""
    owner = yield from Pick("new_owner", among=_options(me.people))
    return Hand(me.kind, me.subject, int(owner))


def _options(named: Named) -> tuple[Option, ...]:
    return tuple(Option(str(number), words) for number, words in named)


def _times(times: Times) -> tuple[tuple[datetime, str], ...]:
    return tuple((datetime.fromisoformat(at), words) for at, words in times)
