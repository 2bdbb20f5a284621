"""Reads the meetings of a calendar file (iCalendar, RFC 5545), which anybody may have made. No clock, no database.

Each series is worked out on its own wall clock, and its times get their zone afterwards; that is what keeps 18:00 at
18:00 all year, and what tells two meetings an hour apart from each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.ical.cutting import cut, modest
from bot.ical.events import read_event
from bot.ical.meeting import MOST, BadCalendar, Calendar, Found, too_many
from bot.ical.series import occurrences_of
from bot.ical.zones import Zones


def read(data: bytes, *, zone: ZoneInfo, now: datetime, most_bytes: int = 5_000_000) -> Calendar:
    """Raises BadCalendar. `zone` is the municipality's: of times without a zone, and of whole days."""
    if len(data) > most_bytes:
        raise BadCalendar("too_big", most=most_bytes)
    raw = cut(data)
    if not raw.events:
        raise BadCalendar("empty")
    modest(raw)
    zones = Zones(zone, raw.drawn)
    events = [event for number, one in enumerate(raw.events) if (event := read_event(one, number, zones))]
    whole = frozenset(one.uid for one in events if one.original is None)
    return _sorted(occurrences_of(events, zones, now), whole)


def _sorted(occurrences: Iterable[Found | None], whole: frozenset[str]) -> Calendar:
    found: dict[str, Found] = {}
    past = 0
    for one in occurrences:
        if one is None:
            past += 1
        else:
            found[one.uid] = one
        if len(found) > MOST:
            raise too_many()
    if not found and not past:
        raise BadCalendar("empty")
    return Calendar(tuple(sorted(found.values(), key=lambda one: (one.starts_at, one.uid))), past, whole)
