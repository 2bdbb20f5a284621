"""Quiet hours: a stretch of every day by the clocks on the wall, written "22:00-07:00"."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.moments import from_wall

LONGEST = 60
_FILLER = re.compile(r"\b(?:mellan|från|fr\.?o\.?m|kl|klockan|between|from|at)\b\.?")
_TO = re.compile(r"\b(?:till|tills|och|to|and|until)\b|[–—−→]")
_CLOCK = r"(\d{1,2})(?:[:.]?(\d{2}))? ?([ap]m)?"
_HOURS = re.compile(rf"{_CLOCK} ?-+ ?{_CLOCK}")


def read(text: str) -> str | None:
    """What a person means by "22-7", "22.30 till 06" or "10 pm-7 am"; None when it cannot be told."""
    if len(text) > LONGEST:
        return None
    plain = _TO.sub("-", _FILLER.sub(" ", text.casefold().replace("a.m.", "am").replace("p.m.", "pm")))
    found = _HOURS.fullmatch(" ".join(plain.strip(" .!").split()))
    if found is None:
        return None
    try:
        return f"{_clock(*found.groups()[:3]):%H:%M}-{_clock(*found.groups()[3:]):%H:%M}"
    except ValueError:
        return None


def _clock(hour: str, minute: str | None, half: str | None) -> time:
    """Raises ValueError for what no clock shows; 24 is midnight."""
    number = int(hour)
    if half and not 1 <= number <= 12:
        raise ValueError("not an hour of the twelve-hour clock")
    if half:
        number = number % 12 + (12 if half == "pm" else 0)
    return time(0 if number == 24 and not int(minute or 0) else number, int(minute or 0))


def is_empty(hours: str) -> bool:
    """Whether they end when they begin: nobody can say if that is always or never."""
    start, end = _parts(hours)
    return start == end


def say(hours: str, language: str) -> str:
    """As people write it: "22–07" in Swedish, "22:00–07:00" in English."""
    start, end = _parts(hours)
    if language != "sv":
        return f"{start:%H:%M}–{end:%H:%M}"
    whole = not (start.minute or end.minute)
    return f"{start:%H}–{end:%H}" if whole else f"{start:%H.%M}–{end:%H.%M}"


def until(hours: str, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet that covers this moment ends, UTC; None when none does. At the end it is over.

    It begins when the wall first shows its beginning and ends when the wall last shows its end: where autumn repeats
    an hour, the quiet is not broken off and taken up again.
    """
    if not hours:
        return None
    start, end = _parts(hours)
    today = at.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        begins = from_wall(datetime.combine(day, start), zone)
        ends = _last(datetime.combine(day + timedelta(days=start >= end), end), zone)
        if begins <= at < ends:
            return ends
    return None


def _last(wall: datetime, zone: ZoneInfo) -> datetime:
    """The last moment when clocks in the zone show this; where spring skips it, the moment of the change."""
    again = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    shows = again.astimezone(zone).replace(tzinfo=None) == wall
    return again if shows else from_wall(wall, zone)


def _parts(hours: str) -> tuple[time, time]:
    start, end = hours.split("-")
    return time.fromisoformat(start), time.fromisoformat(end)
