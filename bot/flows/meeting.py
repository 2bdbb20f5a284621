"""What comes into the calendar from chat: a meeting, a party's own event, cases, another time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.commands import AddEvent, CallMeeting, MoveBriefing, MoveMeeting, RewordBriefing, SetAgenda
from bot.flows.broadcast import whom
from bot.prompts import Choice, Confirm, Flow, Moment, Option, Pick, Text

PLACE, TITLE, AGENDA = 120, 60, 3000  # characters


class Sort(StrEnum):
    """What kind of meeting; it chooses what prepares for it."""

    COUNCIL = "council"
    COMMITTEE = "committee"
    DIALOGUE = "dialogue"
    OTHER = "other"


class Happening(StrEnum):
    """What a party does among people."""

    SQUARE = "square"
    STALL = "stall"
    DOORS = "doors"


class Support(StrEnum):
    """Whether the unit is asked to be there."""

    NO = "no"
    YES = "yes"


@dataclass(frozen=True)
class Inviting:
    """Whose people may be there: the parties, names by id."""

    parties: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Hosting:
    """The parties that the person is a contact of, names by id."""

    parties: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class OneMeeting:
    """Which meeting, how its cases read now, and how many would be told of a change."""

    meeting: int
    agenda: str = ""
    told: int = 0


@dataclass(frozen=True)
class OneBriefing:
    """Which step of a plan, and what it says now."""

    briefing: int
    title: str = ""
    text: str = ""


def meeting(me: Inviting) -> Flow:
    """What, when, where, for whom."""
    kind = yield from Choice("meeting_kind", Sort)
    title = yield from Text("meeting_title", longest=TITLE)
    at = yield from Moment("meeting_when", ahead=True)
    assert at is not None
    place = yield from Text("meeting_place", optional=True, longest=PLACE)
    audience = yield from whom(me.parties)
    return CallMeeting(title, at, audience, kind, place)


def event(me: Hosting) -> Flow:
    """What the party does, when and where, and whether the unit should be there."""
    kind = yield from Choice("event_kind", Happening)
    party = str(me.parties[0][0])
    if len(me.parties) > 1:
        party = yield from Pick("event_party", among=tuple(Option(str(number), name) for number, name in me.parties))
    at = yield from Moment("event_when", ahead=True)
    assert at is not None
    place = yield from Text("event_place", longest=PLACE)
    support = yield from Choice("event_support", Support)
    return AddEvent(kind, int(party), at, place, support is Support.YES)


def move(me: OneMeeting) -> Flow:
    """When it begins instead; once more, where somebody is told at once."""
    at = yield from Moment("move_when", ahead=True)
    assert at is not None
    if me.told:
        yield from Confirm("move_sure", count=me.told)
    return MoveMeeting(me.meeting, at)


def agenda(me: OneMeeting) -> Flow:
    """Its cases, one a line."""
    text = yield from Text("agenda", longest=AGENDA, quote=me.agenda)
    return SetAgenda(me.meeting, text)


def briefing_move(me: OneBriefing) -> Flow:
    """When it goes out instead."""
    at = yield from Moment("brief_when", ahead=True)
    assert at is not None
    return MoveBriefing(me.briefing, at)


def briefing_words(me: OneBriefing) -> Flow:
    """What it says for this once."""
    title = yield from Text("brief_title", longest=70, quote=me.title)
    text = yield from Text("brief_text", longest=400, quote=me.text)
    return RewordBriefing(me.briefing, title, text)
