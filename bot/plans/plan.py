"""A plan: for kinds of occasions, the steps that prepare people for them, and when each is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.moments import from_wall
from bot.services.hours import is_working_day

DATA = ("ordinary", "european", "extra", "referendum", "early", "mandate_council", "mandate_committees", "survey")
MEETINGS = ("council", "committee", "dialogue", "other")
EVENTS = ("stall", "square", "doors")  # a party's own
KINDS = (*MEETINGS, *EVENTS, *DATA)
AFTERWARDS = timedelta(days=7)  # what comes after an occasion helps for so long

To = Literal["unit", "contacts", "officials", "election", "chair", "meeting", "party"]
Workday = Literal["", "before", "after"]
Only = Literal["", "support", "unanswered", "agenda", "raised", "high"]


@dataclass(frozen=True)
class Said:
    """What a step says in one language; `button` is what whoever has done it presses."""

    title: str
    text: str
    button: str = ""


@dataclass(frozen=True)
class Step:
    """One step: when, to whom, what is said and what is wanted back.

    Due `days` from the occasion's local day at the local time `at`, or `hours` from its start. `until` is the last day
    (from the occasion's) on which it still helps. `alone`: a message of its own to the unit, not in the morning's post.
    `only` is a condition: support (asked for), unanswered (the unit has not said whether it comes), agenda, raised (the
    meeting's risk is moderate or high), high. `budget`: may (left out for who has had enough this month), must, asked.
    `opens` is where a press of the morning's post leads. With `reasons` it names the cases that raise the risk: to the
    unit with their levels.
    """

    key: str
    to: To
    said: tuple[tuple[str, Said], ...]
    days: int = 0
    at: time | None = None
    hours: int | None = None
    workday: Workday = ""
    until: int | None = None
    ask: Literal["done", "read", "nothing"] = "nothing"
    alone: bool = False
    only: Only = ""
    budget: Literal["may", "must", "asked"] = "may"
    checklist: str = ""
    opens: Literal["", "risk", "look_back", "day"] = ""
    reasons: bool = False

    @property
    def posted(self) -> bool:
        """Whether it is a line of the unit's morning post, to be done, and not a message of its own."""
        return self.to == "unit" and not self.alone

    def in_(self, language: str) -> Said:
        """The words in that language, or in the first one that there is."""
        return dict(self.said).get(language) or self.said[0][1]


@dataclass(frozen=True)
class Plan:
    """The file's name, the kinds of occasions that it is for, what it is called, and its steps in their order."""

    name: str
    kinds: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]

    def called(self, language: str) -> str:
        """What it is called."""
        return dict(self.names).get(language) or self.names[0][1]

    def step(self, key: str) -> Step | None:
        """The step of that key."""
        return next((step for step in self.steps if step.key == key), None)


def due(step: Step, start: datetime, zone: ZoneInfo) -> datetime:
    """When the step is due (UTC) for an occasion that starts then: by the wall's clock, or hours from the start."""
    if step.hours is not None:
        return start + timedelta(hours=step.hours)
    assert step.at is not None
    day = _working(start.astimezone(zone).date() + timedelta(days=step.days), step.workday)
    return from_wall(datetime.combine(day, step.at), zone)


def helps_until(step: Step, start: datetime, zone: ZoneInfo) -> datetime:
    """Until when (UTC) it still helps if it comes late: never shorter than the day that it is due on, or the start."""
    at = due(step, start, zone)
    if step.until is not None:
        return max(_end_of(start.astimezone(zone).date() + timedelta(days=step.until), zone), at + timedelta(minutes=5))
    if at < start:
        return start
    same_day = at.astimezone(zone).date() == start.astimezone(zone).date()
    return _end_of(at.astimezone(zone).date(), zone) if same_day else at + AFTERWARDS


def _working(day: date, workday: Workday) -> date:
    ahead = {"before": -1, "after": 1, "": 0}[workday]
    while ahead and not is_working_day(day):
        day += timedelta(days=ahead)
    return day


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return from_wall(datetime.combine(day + timedelta(days=1), time()), zone)
