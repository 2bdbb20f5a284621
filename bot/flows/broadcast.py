"""Write to many: what, to whom, and what is wanted back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.commands import Ask, Audience, ChangeDraft, Compose, Level, RoleKind
from bot.prompts import Asked, Choice, Flow, Option, Pick, Text

HEADLINE, TEXT = 80, 1000  # characters; the text must fit in one message with all that belongs to it
MINUTES = {"quarter": 15, "hour": 60, "four": 240, "day": 1440, "three": 4320}
SOON = MINUTES["quarter"]
CONTACTS = (RoleKind.CONTACT,)
OFFICIALS = (RoleKind.CONTACT, RoleKind.DEPUTY, RoleKind.OFFICIAL)
UNIT = "unit"
KINDS = (RoleKind.CONTACT, RoleKind.DEPUTY, RoleKind.OFFICIAL, RoleKind.HELPER, UNIT)
DONE = "done"


@dataclass(frozen=True)
class Composer:
    """What there is to choose from, names by id, and the incident that it comes from (0: none)."""

    parties: tuple[tuple[int, str], ...] = ()
    meetings: tuple[tuple[int, str], ...] = ()
    incident: int = 0


@dataclass(frozen=True)
class Changing:
    """A broadcast that is not sent yet. `follows` when it goes to the people of an earlier one; `terse` for presses."""

    alert: int
    headline: str
    text: str
    parties: tuple[tuple[int, str], ...] = ()
    meetings: tuple[tuple[int, str], ...] = ()
    follows: bool = False
    terse: bool = False


class Scope(StrEnum):
    """Whom of a party."""

    CONTACTS = "contacts"
    OFFICIALS = "officials"


class Real(StrEnum):
    """Whether it is for real."""

    REAL = "real"
    EXERCISE = "exercise"


def broadcast(me: Composer) -> Flow:
    """What is urgent asks least: the rest is as it mostly is, and can be changed before it is sent."""
    level = yield from Choice("alert_level", Level)
    urgent = level is Level.EMERGENCY
    headline = yield from Text("alert_headline", longest=HEADLINE)
    text = yield from Text("alert_text", longest=TEXT, optional=urgent)
    audience = yield from whom(me.parties, me.meetings)
    if urgent:
        return Compose(level, headline, text, audience, Ask.SAFE, SOON, False, me.incident)
    if level is Level.ALLCLEAR:
        return Compose(level, headline, text, audience, Ask.NOTHING, 0, False, me.incident)
    ask, minutes = yield from wanted()
    real = yield from Choice("alert_exercise", Real)
    return Compose(level, headline, text, audience, ask, minutes, real is Real.EXERCISE, me.incident)


def whom(parties: tuple[tuple[int, str], ...], meetings: tuple[tuple[int, str], ...] = ()) -> Asked[Audience]:
    """The contacts, or more, or fewer."""
    names = ["contacts", "officials", "all", *(["parties"] if parties else []), "roles"]
    names += ["meeting"] if meetings else []
    chosen = yield from Pick("alert_whom", among=tuple(Option(name) for name in names))
    if chosen == "meeting":
        meeting = yield from Pick("alert_meeting", among=_numbered(meetings))
        return Audience((), (), int(meeting))
    if chosen == "roles":
        roles = yield from several("alert_role", tuple(Option(kind) for kind in KINDS))
        return Audience(tuple(kind for role in roles for kind in _kinds(role)))
    if chosen == "parties":
        picked = yield from several("alert_party", _numbered(parties))
        scope = yield from Choice("alert_scope", Scope)
        return Audience(OFFICIALS if scope is Scope.OFFICIALS else CONTACTS, tuple(int(number) for number in picked))
    return Audience({"contacts": CONTACTS, "officials": OFFICIALS, "all": tuple(RoleKind)}[chosen])


def _numbered(rows: tuple[tuple[int, str], ...]) -> tuple[Option, ...]:
    return tuple(Option(str(number), name) for number, name in rows)


def _kinds(role: str) -> tuple[RoleKind, ...]:
    return (RoleKind.CHIEF, RoleKind.OFFICER) if role == UNIT else (RoleKind(role),)


def several(key: str, among: tuple[Option, ...]) -> Asked[tuple[str, ...]]:
    """One after the other, until it is enough or there are no more."""
    picked: list[str] = []
    while len(picked) < len(among):
        left = tuple(option for option in among if option.value not in picked)
        enough = (Option(DONE),) if picked else ()
        value = yield from Pick(f"{key}{len(picked) + 1}", among=(*enough, *left), like=key)
        if value == DONE:
            break
        picked.append(value)
    return tuple(picked)


def wanted() -> Asked[tuple[Ask, int]]:
    """What is wanted back, and within how many minutes."""
    ask = yield from Choice("alert_ask", Ask)
    if ask is Ask.NOTHING:
        return ask, 0
    within = yield from Pick("alert_within", among=tuple(Option(name) for name in MINUTES))
    return ask, MINUTES[within]


def changing(me: Changing) -> Flow:
    """One thing at a time; what it was is shown."""
    names = [*(() if me.terse else ("headline", "text")), *(() if me.follows else ("level", "whom")), "ask", "real"]
    what = yield from Pick("alert_change", among=tuple(Option(name) for name in names))
    match what:
        case "headline":
            headline = yield from Text("alert_headline", longest=HEADLINE, quote=me.headline)
            return ChangeDraft(me.alert, headline=headline)
        case "text":
            text = yield from Text("alert_text", longest=TEXT, quote=me.text)
            return ChangeDraft(me.alert, text=text)
        case "level":
            return ChangeDraft(me.alert, level=(yield from Choice("alert_level", Level)))
        case "whom":
            return ChangeDraft(me.alert, audience=(yield from whom(me.parties, me.meetings)))
        case "ask":
            ask, minutes = yield from wanted()
            return ChangeDraft(me.alert, ask=ask, minutes=minutes)
        case _:
            real = yield from Choice("alert_exercise", Real)
            return ChangeDraft(me.alert, exercise=real is Real.EXERCISE)
