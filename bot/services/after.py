"""When a step is due: "3 min", "2 staffed hours", "next working day 12:00", "tomorrow 9:00"."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from bot.moments import from_wall
from bot.services.hours import StaffedHours, after_staffed, next_working_day

_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})"
_FORMS = {
    "elapsed": re.compile(r"(?P<number>\d{1,4}) ?(?P<unit>min|h)"),
    "staffed": re.compile(r"(?P<number>\d{1,4}) staffed (?P<unit>minute|hour)s?"),
    "working_day": re.compile(rf"next working day {_CLOCK}"),
    "tomorrow": re.compile(rf"tomorrow {_CLOCK}"),
}


@dataclass(frozen=True)
class Elapsed:
    """Time on the clock."""

    amount: timedelta

    def __str__(self) -> str:
        return _say_amount(self.amount, "min", "h")


@dataclass(frozen=True)
class Staffed:
    """Time when the unit is on duty."""

    amount: timedelta

    def __str__(self) -> str:
        return _say_amount(self.amount, "staffed minutes", "staffed hours")


@dataclass(frozen=True)
class WorkingDay:
    """A time of day on the next working day, never today."""

    clock: time

    def __str__(self) -> str:
        return f"next working day {_say_clock(self.clock)}"


@dataclass(frozen=True)
class Tomorrow:
    """A time of day tomorrow, a holiday too."""

    clock: time

    def __str__(self) -> str:
        return f"tomorrow {_say_clock(self.clock)}"


After = Elapsed | Staffed | WorkingDay | Tomorrow


def parse_after(text: str, *, at_once: bool = False) -> After:
    """Reads "3 min", "2 staffed hours", "next working day 12:00" or "tomorrow 9:00"; `str()` writes it.

    "0 min" is refused unless it may be `at_once`.
    """
    for kind, form in _FORMS.items():
        if found := form.fullmatch(text.strip()):
            return _after(kind, found, at_once=at_once)
    raise ValueError(f'"{text}" is not "3 min", "1 h", "2 staffed hours", "next working day 12:00" or "tomorrow 9:00"')


def due(after: After, start: datetime, hours: StaffedHours, zone: ZoneInfo) -> datetime:
    """The UTC moment that `after` means for something that started at `start`."""
    match after:
        case Elapsed(amount):
            return start.astimezone(UTC) + amount
        case Staffed(amount):
            return after_staffed(hours, zone, start, amount)
        case WorkingDay(clock):
            return next_working_day(zone, start, clock)
        case Tomorrow(clock):
            day = start.astimezone(zone).date() + timedelta(days=1)
            return from_wall(datetime.combine(day, clock), zone)
        case _:
            assert_never(after)


def later(one: After, other: After) -> bool:
    """Whether the other comes after the one, as far as their words alone can tell."""
    match one, other:
        case (Elapsed(a), Elapsed(b)) | (Staffed(a), Staffed(b)):
            return b > a
        case (WorkingDay(c), WorkingDay(d)) | (Tomorrow(c), Tomorrow(d)):
            return d > c
    return True


def _after(kind: str, found: re.Match[str], *, at_once: bool) -> After:
    if kind in ("working_day", "tomorrow"):
        clock = time(int(found["hour"]), int(found["minute"]))
        return WorkingDay(clock) if kind == "working_day" else Tomorrow(clock)
    number = int(found["number"])
    if not number and not at_once:
        raise ValueError("the time must be longer than nothing")
    amount = timedelta(hours=number) if found["unit"] in ("h", "hour") else timedelta(minutes=number)
    return Elapsed(amount) if kind == "elapsed" else Staffed(amount)


def _say_amount(amount: timedelta, minutes: str, hours: str) -> str:
    number = round(amount / timedelta(minutes=1))
    return f"{number} {minutes}" if number % 60 or not number else f"{number // 60} {hours}"


def _say_clock(clock: time) -> str:
    return f"{clock.hour}:{clock.minute:02}"
