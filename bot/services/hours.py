"""When the security unit is staffed, and reckoning in staffed time and working days."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count, groupby
from typing import Self
from zoneinfo import ZoneInfo

from bot.moments import WEEKDAYS, from_wall

Span = tuple[int, int]  # minutes from the day's midnight, end not included
Week = tuple[tuple[Span, ...], ...]  # Monday first

_FULL_DAY = 24 * 60
_NEVER: Week = ((),) * 7
_EXAMPLE = 'write for example "mån-fre 08:00-17:00; lör 10:00-14:00"'
_DAY_NUMBERS = {name: number for number, names in enumerate(WEEKDAYS) for name in names} | {"tors": 3}
_PART = re.compile(r"(?P<days>[^\d]+?)\s*(?P<spans>\d.*)")
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*-\s*(\d{1,2})(?:[:.](\d{2}))?")


@dataclass(frozen=True)
class StaffedHours:
    """The hours of a week when somebody is on duty. Holidays are off duty unless it is `always`."""

    week: Week
    always: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads "mån-fre 08:00-12:00, 13:00-17:00; lör 10-14", "dygnet runt" or "aldrig", also in English."""
        plain = " ".join(text.casefold().replace("–", "-").split())
        if plain in ("dygnet runt", "always"):
            return cls(_NEVER, always=True)
        if plain in ("aldrig", "never"):
            return cls(_NEVER)
        week: list[list[Span]] = [[] for _ in range(7)]
        for part in plain.removesuffix(";").split(";"):
            days, spans = _parse_part(part.strip())
            for day in days:
                week[day] += spans
        return cls(tuple(_merged(spans) for spans in week))

    def __str__(self) -> str:
        if self.always:
            return "dygnet runt"
        runs = [list(run) for _, run in groupby(range(7), key=lambda day: self.week[day])]
        return "; ".join(_say_run(run, self.week[run[0]]) for run in runs if self.week[run[0]]) or "aldrig"


def is_staffed(hours: StaffedHours, zone: ZoneInfo, at: datetime) -> bool:
    """Whether somebody is on duty at that moment; at closing time nobody is."""
    if hours.always:
        return True
    day = at.astimezone(zone).date()
    return any(opens <= at < closes for opens, closes in _spells_of(hours, zone, day))


def next_staffed(hours: StaffedHours, zone: ZoneInfo, at: datetime) -> datetime | None:
    """The first staffed moment from `at` on, `at` itself included; None when there is none to wait for."""
    if hours.always:
        return at.astimezone(UTC)
    return next((opens for opens, _ in _spells(hours, zone, at)), None)


def after_staffed(hours: StaffedHours, zone: ZoneInfo, start: datetime, amount: timedelta) -> datetime:
    """When `amount` of staffed time has passed since `start`. With nobody ever on duty, plain time counts."""
    start = start.astimezone(UTC)
    if hours.always or amount <= timedelta(0):
        return start + max(amount, timedelta(0))
    left = amount
    for opens, closes in _spells(hours, zone, start):
        if opens + left <= closes:
            return opens + left
        left -= closes - opens
    return start + amount


def next_working_day(zone: ZoneInfo, at: datetime, clock: time) -> datetime:
    """That time of day on the first working day after the local date of `at`."""
    day = at.astimezone(zone).date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return from_wall(datetime.combine(day, clock), zone)


def is_working_day(day: date) -> bool:
    """Monday to Friday, except public holidays and the three eves that nobody works."""
    return day.weekday() < 5 and day not in _days_off(day.year)


@cache
def _days_off(year: int) -> frozenset[date]:
    import holidays  # late: a start must be quick

    midsummer_eve = next(day for n in range(19, 26) if (day := date(year, 6, n)).weekday() == 4)
    eves = {midsummer_eve, date(year, 12, 24), date(year, 12, 31)}
    return frozenset(holidays.country_holidays("SE", years=year, include_sundays=False)) | eves


def _spells(hours: StaffedHours, zone: ZoneInfo, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Staffed spells on the UTC line from `since` on, without end; one under way is cut to what is left."""
    if not any(hours.week):
        return
    first = since.astimezone(zone).date()
    for ahead in count():  # a caller stops; no weekday is a holiday every week
        for opens, closes in _spells_of(hours, zone, first + timedelta(days=ahead)):
            if closes > since:
                yield max(opens, since.astimezone(UTC)), closes


def _spells_of(hours: StaffedHours, zone: ZoneInfo, day: date) -> Iterator[tuple[datetime, datetime]]:
    if day in _days_off(day.year):
        return
    midnight = datetime.combine(day, time())
    for start, end in hours.week[day.weekday()]:
        opens = from_wall(midnight + timedelta(minutes=start), zone)
        closes = from_wall(midnight + timedelta(minutes=end), zone)
        if opens < closes:  # a spell inside the hour that spring skips does not exist
            yield opens, closes


def _parse_part(part: str) -> tuple[list[int], list[Span]]:
    found = _PART.fullmatch(part)
    if not found:
        raise ValueError(f'"{part}" is not weekdays and hours; {_EXAMPLE}')
    days = [day for name in found["days"].split(",") for day in _parse_days(name.strip())]
    return days, [_parse_span(span.strip()) for span in found["spans"].split(",")]


def _parse_days(text: str) -> list[int]:
    first, dash, last = (name.strip() for name in text.partition("-"))
    for name in (first, last) if dash else (first,):
        if name not in _DAY_NUMBERS:
            raise ValueError(f'"{name}" is not a weekday; {_EXAMPLE}')
    start, end = _DAY_NUMBERS[first], _DAY_NUMBERS[last or first]
    return [(start + n) % 7 for n in range((end - start) % 7 + 1)]


def _parse_span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(f'"{text}" is not a span of hours; {_EXAMPLE}')
    hour, minute, end_hour, end_minute = (int(number or 0) for number in found.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if max(minute, end_minute) > 59 or max(start, end) > _FULL_DAY:
        raise ValueError(f'"{text}" is outside the day, which goes from 00:00 to 24:00')
    if start >= end:
        raise ValueError(f'"{text}" ends before it starts; a night is written as two spans, to 24:00 and from 00:00')
    return start, end


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _say_run(days: list[int], spans: Iterable[Span]) -> str:
    names = [WEEKDAYS[day][0] for day in (days[0], days[-1])]
    said = names[0] if len(days) == 1 else "-".join(names)
    return f"{said} {', '.join(f'{_say_clock(start)}-{_say_clock(end)}' for start, end in spans)}"


def _say_clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
