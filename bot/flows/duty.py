"""The unit's duty list: a new order, a shift that somebody else may take, an absence, and handing over now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from bot import turns
from bot.commands import AskToTakeOver, BeAway, BeBack, EndRota, OfferShift, SetRota
from bot.prompts import Choice, Confirm, Flow, Moment, Option, Pick

DONE, EVERYBODY, FIRST_TURNS = "done", "all", 6
Named = tuple[tuple[int, str], ...]
Times = tuple[tuple[str, str], ...]  # a time as ISO text, and its words


class Length(StrEnum):
    """How long a turn is."""

    DAY = "day"
    WEEK = "week"
    FORTNIGHT = "fortnight"

    @property
    def days(self) -> int:
        """The same in days."""
        return {Length.DAY: 1, Length.WEEK: 7, Length.FORTNIGHT: 14}[self]


@dataclass(frozen=True)
class Roster:
    """Who can be on duty, and when it could begin; `since` is the moment after which it may."""

    people: Named
    times: Times
    since: str
    zone: str


@dataclass(frozen=True)
class Swapping:
    """The shifts that the person may offer, whose each is, and who can be asked."""

    shifts: tuple[tuple[int, int, str], ...]  # shift, its owner, when
    people: Named


@dataclass(frozen=True)
class Leave:
    """Who may be away: the person alone, or for the chief anybody of the unit."""

    people: Named
    times: Times
    since: str


@dataclass(frozen=True)
class Absences:
    """The absences that the person may end."""

    absences: Named


@dataclass(frozen=True)
class HandingOver:
    """The shift that is under way, and who can take over."""

    shift: int
    people: Named


@dataclass(frozen=True)
class Ending:
    """The list that is to end."""

    rota: int


def rota(all_: Roster) -> Flow:
    """Who, one by one in order; how long a turn is; when the first begins. The first turns are shown."""
    order: list[str] = []
    for count in range(1, len(all_.people) + 1):
        left = tuple(option for option in _options(all_.people) if option.value not in order)
        done = (Option(DONE),) if order else ()
        chosen = yield from Pick(f"duty_who__{count}", among=(*left, *done), like="duty_who")
        if chosen == DONE:
            break
        order.append(chosen)
    length = yield from Choice("duty_length", Length)
    first = yield from Moment("duty_start", offers=_times(all_.times), after=datetime.fromisoformat(all_.since))
    people = tuple(map(int, order))
    yield from Confirm("duty_rota", times=_shown(all_, people, length.days, first))
    return SetRota(people, length.days, first)


def _shown(all_: Roster, people: tuple[int, ...], days: int,
           first: datetime | None) -> tuple[tuple[datetime, datetime, str], ...]:  # fmt: skip
    names = dict(all_.people)
    coming = turns.reckoned(people, days, first, ZoneInfo(all_.zone)) if first else ()
    return tuple((turn.starts_at, turn.ends_at, names[turn.person]) for turn in islice(coming, FIRST_TURNS))


def end_rota(me: Ending) -> Flow:
    """No duty list any more."""
    yield from Confirm("duty_end")
    return EndRota(me.rota)


def swap(me: Swapping) -> Flow:
    """Which shift, and who is asked."""
    options = tuple(Option(str(shift), when) for shift, _, when in me.shifts)
    shift = yield from Pick("duty_shift", among=options)
    owner = next(owner for number, owner, _ in me.shifts if str(number) == shift)
    others = tuple(option for option in _options(me.people) if option.value != str(owner))
    asked = yield from Pick("duty_to", among=(Option(EVERYBODY), *others))
    return OfferShift(int(shift), 0 if asked == EVERYBODY else int(asked))


def away(me: Leave) -> Flow:
    """Who is away, from when, and until when."""
    person = str(me.people[0][0])
    if len(me.people) > 1:
        person = yield from Pick("duty_away_who", among=_options(me.people))
    since = datetime.fromisoformat(me.since)
    starts = yield from Moment("duty_from", quick=("now",), offers=_times(me.times), after=since)
    ends = yield from Moment("duty_until", offers=_times(me.times), after=starts)
    yield from Confirm("duty_away")
    return BeAway(int(person), starts, ends)


def back(me: Absences) -> Flow:
    """Which absence is over."""
    chosen = yield from Pick("duty_absence", among=_options(me.absences))
    return BeBack(int(chosen))


def hand_over(me: HandingOver) -> Flow:
    """Who takes over."""
    heir = yield from Pick("duty_heir", among=_options(me.people))
    return AskToTakeOver(me.shift, int(heir))


def _options(named: Named) -> tuple[Option, ...]:
    return tuple(Option(str(number), words) for number, words in named)


def _times(times: Times) -> tuple[tuple[datetime, str], ...]:
    return tuple((datetime.fromisoformat(at), words) for at, words in times)
