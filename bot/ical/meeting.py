"""What a calendar file is read to: meetings, or why it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MOST = 2_000  # occurrences within AHEAD
TITLE, LINE, LINES, UID = 120, 200, 60, 200  # characters, characters, lines, characters
REASONS = ("not_calendar", "too_big", "too_many", "endless", "unknown_zone", "all_past", "empty")
TEXTS = frozenset({"UID", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS", "SEQUENCE"})


class BadCalendar(Exception):
    """The file cannot be used; nothing of it was. `reason` is one of REASONS, `values` say which event or zone.

    The values are: `most` of too_big (bytes) and too_many, `event` of too_many, endless and not_calendar (the title,
    "" if it is not one event's fault), `zone` of unknown_zone.
    """

    def __init__(self, reason: str, **values: str | int) -> None:
        super().__init__(reason, values)
        self.reason = reason
        self.values = values


@dataclass(frozen=True)
class Found:
    """One meeting; times in UTC."""

    uid: str  # of an occurrence of a series: UID/20261130T170000Z, when it was to start before anybody moved it
    series: str  # the bare UID; a digest if it is missing or longer than 200 characters
    title: str
    starts_at: datetime
    ends_at: datetime | None
    place: str
    agenda: tuple[str, ...]  # the numbered or bulleted lines of the description, without number or bullet
    cancelled: bool
    whole_day: bool  # starts_at is 00:00 of that day in the municipality's zone


@dataclass(frozen=True)
class Calendar:
    """What starts after `now` in the order of starts_at and uid, and how many occurrences have started."""

    found: tuple[Found, ...]
    past: int
    whole: frozenset[str] = frozenset()  # the series that the file has itself, and not only a change of an occurrence


def too_many(title: str = "") -> BadCalendar:
    return BadCalendar("too_many", most=MOST, event=title)


def broken(title: str = "") -> BadCalendar:
    return BadCalendar("not_calendar", event=title)
