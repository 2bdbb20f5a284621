"""Times that lie near at hand, to be pressed: on working days ahead; and when somebody is reminded of one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from bot.catalogue import Voice
from bot.moments import from_wall
from bot.services.hours import is_working_day

MORNING, AFTERNOON, NOON = time(8), time(16), time(12)
Times = tuple[tuple[str, str], ...]  # a time as ISO text, and its words


def offers(voice: Voice, days: Iterable[int], at: time = AFTERNOON, before: datetime | None = None) -> Times:
    """That time so many days ahead, or on the next working day; first of the working day before `before`."""
    today = voice.now.astimezone(voice.zone).date()
    dates = [_working(today + timedelta(days=number), 1) for number in days]
    if before is not None:
        last = before.astimezone(voice.zone).date()
        dates = [_working(last - timedelta(days=1), -1), *(day for day in dates if day < last)]
    times = [from_wall(datetime.combine(day, at), voice.zone) for day in dict.fromkeys(dates)]
    return tuple((moment.isoformat(), voice.time(moment)) for moment in times if moment > voice.now)


def _working(day: date, step: int) -> date:
    while not is_working_day(day):
        day += timedelta(days=step)
    return day


def reminder(voice: Voice, due: datetime) -> datetime:
    """Eight in the morning of that day; of the working day before, where it is due before noon."""
    local = due.astimezone(voice.zone)
    day = local.date() if local.time() >= NOON else _working(local.date() - timedelta(days=1), -1)
    return from_wall(datetime.combine(day, MORNING), voice.zone)
