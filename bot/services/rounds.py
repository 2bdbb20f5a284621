"""The days on which the bot says something by itself: asks whether all is calm, and shows who can be reached. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from bot.moments import from_wall
from bot.services.elections import Election
from bot.services.hours import is_working_day

CALM_AT, TABLE_AT = time(10), time(8)
CALM_ASKED = "calm_asked"  # the deadline of somebody who was asked whether all is calm
QUARTER_SENT = "quarter_sent"  # that somebody got the figures of a quarter
ANSWER_WITHIN = timedelta(days=7)
TOO_LATE = time(16)  # a bot that was stopped says nothing at night that was meant for the morning
SILENT = timedelta(days=30)
HOLIDAY_MONTH = 7
BEFORE_ELECTION = timedelta(weeks=8)

Wanted = Callable[[date], bool]


def slots(zone: ZoneInfo, now: datetime, clock: time, wanted: Wanted) -> Iterator[tuple[date, datetime]]:
    """That time of day on each wanted day, later than now; without end."""
    today = now.astimezone(zone).date()
    for ahead in count():
        day = today + timedelta(days=ahead)
        if wanted(day) and (at := from_wall(datetime.combine(day, clock), zone)) > now:
            yield day, at


def in_time(zone: ZoneInfo, now: datetime, day: date) -> bool:
    """Whether what was meant for that day may still be said."""
    local = now.astimezone(zone)
    return local.date() == day and local.time() < TOO_LATE


def is_silent(zone: ZoneInfo, since: datetime, now: datetime) -> bool:
    """Whether thirty days have passed by the clock on the wall, which summer time does not change."""
    return _wall(zone, now) - _wall(zone, since) >= SILENT


def may_ask(zone: ZoneInfo, now: datetime, asked: datetime | None) -> bool:
    """Whether somebody who was last asked then may be asked now: not in July, and only once a month, however long."""
    today = now.astimezone(zone).date()
    if today.month == HOLIDAY_MONTH:
        return False
    if asked is None:
        return True
    day = asked.astimezone(zone).date()
    return is_silent(zone, asked, now) and (day.year, day.month) != (today.year, today.month)


def is_table_day(day: date, elections: tuple[Election, ...]) -> bool:
    """Whether the chief gets the table: the month's first working day, and each week's in the weeks before an election.

    A week that has both has one: the next table is always of another week (`next_tables`).
    """
    monday = day - timedelta(days=day.weekday())
    weekly = coming(day, elections) is not None and coming(monday, elections) is not None
    return day == first_working(day.replace(day=1)) or (weekly and day == first_working(monday))


def opens_quarter(day: date) -> bool:
    """Whether it is the first working day of January, April, July or October."""
    return day.month % 3 == 1 and day == first_working(day.replace(day=1))


def next_tables(
    zone: ZoneInfo, now: datetime, elections: tuple[Election, ...], last: date | None
) -> Iterator[tuple[date, datetime]]:
    """When the chief gets it after now; never twice in a week."""

    def wanted(day: date) -> bool:
        return is_table_day(day, elections) and (last is None or _week(day) != _week(last))

    return slots(zone, now, TABLE_AT, wanted)


def coming(day: date, elections: tuple[Election, ...]) -> Election | None:
    """The election that is at most eight weeks away, and not over."""
    return next((e for e in elections if timedelta() < e.day - day <= BEFORE_ELECTION), None)


def first_working(day: date) -> date:
    """The day, or the first one after it on which people work."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


def _wall(zone: ZoneInfo, at: datetime) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)
