"""Flag: something happens or is brewing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.commands import AddDetail, Details, Imminence, RaiseIncident, ShareWithParty
from bot.prompts import Choice, Confirm, Do, Flow, Form, Moment, Option, PhoneNumber, Pick, Text


@dataclass(frozen=True)
class Reporter:
    """Who flags. `ask_party` when the person can choose whether the own party's contacts see it.

    `attached` when the conversation began with a file, a place or somebody else's message.
    `terse` where no words are taken: presses and a number to call are all there is.
    """

    phone: str = ""
    words: str = ""
    ask_party: bool = False
    party_sees: bool = False
    practice: bool = False
    incidents: tuple[int, ...] = ()
    answering: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    attached: bool = False
    terse: bool = False
    alerts: tuple[int, ...] = ()  # broadcasts that the person has lately got
    meeting: int = 0  # what the person is worried about


class Soon(StrEnum):
    """Whether what happened may lead to something soon."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class Called(StrEnum):
    """Whether 112 has been called."""

    YES = "yes"
    NO = "no"


class Seen(StrEnum):
    """Who sees an incident besides the reporter."""

    UNIT = "unit"
    PARTY = "party"


def flag(me: Reporter) -> Flow:
    """Ask how near it is, then go the short way or the thorough one."""
    imminence = yield from Choice("imminence", Imminence)
    if imminence is Imminence.PAST:
        soon = yield from Choice("soon", Soon)
        if soon is not Soon.NO:
            return (yield from pressed(me, Imminence.NOW) if me.terse else urgent(me, ask_what=True))
    if me.terse:
        return (yield from pressed(me, imminence))
    if imminence is Imminence.NOW:
        return (yield from urgent(me))
    return (yield from report(me, imminence))


def urgent(me: Reporter, *, ask_what: bool = False) -> Flow:
    """Raise first, ask afterwards; each answer goes on as it comes."""
    number = yield from Do[int]("raise", RaiseIncident(Imminence.NOW, words=me.words, party_sees=me.party_sees,
                                                       practice=me.practice, meeting=me.meeting))  # fmt: skip
    where = yield from Text("where_happened" if ask_what else "where_now", optional=True)
    if where:
        yield from Do("add_where", AddDetail(number, "where", where, me.practice))
    called = yield from Choice("called_112", Called)
    yield from Do("add_called", AddDetail(number, "called_112", called, me.practice))
    phone = yield from PhoneNumber("number", known=me.phone, optional=True)
    if phone:
        yield from Do("add_number", AddDetail(number, "number", phone, me.practice))
    if ask_what:
        what = yield from Text("what_happened", optional=True)
        if what:
            yield from Do("add_what", AddDetail(number, "what", what, me.practice))
    if not me.ask_party:
        return None
    seen = yield from Choice("party_sees", Seen)
    return ShareWithParty(number, seen is Seen.PARTY, me.practice)


def pressed(me: Reporter, imminence: Imminence) -> Flow:
    """Raise first, then a number to call and what it is about: all without a word."""
    raising = RaiseIncident(imminence, party_sees=me.party_sees, practice=me.practice, meeting=me.meeting)
    number = yield from Do[int]("raise", raising)
    if imminence is Imminence.NOW:
        called = yield from Choice("called_112", Called)
        yield from Do("add_called", AddDetail(number, "called_112", called, me.practice))
    phone = yield from PhoneNumber("number", known=me.phone, optional=True)
    if phone:
        yield from Do("add_number", AddDetail(number, "number", phone, me.practice))
    category = yield from Pick("category", among=tuple(Option(key) for key in me.categories), optional=True)
    if category:
        yield from Do("add_category", AddDetail(number, "category", category, me.practice))
    if not me.ask_party:
        return None
    seen = yield from Choice("party_sees", Seen)
    return ShareWithParty(number, seen is Seen.PARTY, me.practice)


def report(me: Reporter, imminence: Imminence) -> Flow:
    """Ask what there is to know, show it, and send it."""
    details = yield from Form(
        "details",
        Details,
        (
            Pick("category", among=tuple(Option(key) for key in me.categories)),
            Text("what"),
            Text("where", optional=True, longest=300),
            Moment("when", optional=True, quick=("now", "today", "yesterday")),
            Text("affected", optional=True, longest=300),
        ),
    )
    party_sees = me.party_sees
    if me.ask_party:
        party_sees = (yield from Choice("party_sees", Seen)) is Seen.PARTY
    yield from Confirm("send", quote=me.words)
    return RaiseIncident(imminence, details, me.words, party_sees, me.practice, me.meeting)
