"""The time zones of a calendar file: known ones by name, and plain yearly ones that the file draws itself."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from io import StringIO
from zoneinfo import ZoneInfo

from bot.ical.cutting import one_line
from bot.ical.meeting import TITLE, BadCalendar, too_many

MOST_ZONES = 20  # zones that a file draws itself and uses
LONG_AGO = datetime(1000, 1, 1)  # noqa: DTZ001  # on any wall clock
# Every rule of a real zone looks like this, and comes round each year; any other could keep dateutil busy for hours.
YEARLY = re.compile(
    r"(?:FREQ=YEARLY|UNTIL=\d{8}(?:T\d{6}Z?)?|INTERVAL=1|BYMONTH=(?:0?[1-9]|1[0-2])"
    r"|BYDAY=[+-]?[1-4](?:MO|TU|WE|TH|FR|SA|SU)|WKST=[A-Z]{2}|;)+"
)


class Zones:
    """What the names of zones mean in one file: those that everybody knows, else those that the file draws."""

    def __init__(self, own: ZoneInfo, drawn: dict[str, list[str]]) -> None:
        self.own = own
        self._drawn = drawn
        self._made: dict[str, tzinfo] = {}
        self._floating: dict[str, tzinfo] = {"": own}
        self._draughts = 0

    def get(self, name: str) -> tzinfo:
        """Raises unknown_zone."""
        if name not in self._made:
            self._made[name] = _known(name) or self._draw(name)
        return self._made[name]

    def floating(self, name: str) -> tzinfo:
        """The zone of times that name none; X-WR-TIMEZONE is not of the standard, and nonsense in it means nothing."""
        if name not in self._floating:
            self._floating[name] = _known(name) or self.own
        return self._floating[name]

    def _draw(self, name: str) -> tzinfo:
        self._draughts += 1
        if self._draughts > MOST_ZONES:
            raise too_many()
        lines = self._drawn.get(name, [])
        if not lines or not _drawable(lines):
            raise BadCalendar("unknown_zone", zone=one_line(name, TITLE))
        try:
            return _drawn(lines)
        except Exception:  # dateutil raises many kinds at a drawing that makes no sense
            raise BadCalendar("unknown_zone", zone=one_line(name, TITLE)) from None


def _known(name: str) -> tzinfo | None:
    """By its name, its name in Windows, or "/somebody.org/Europe/Stockholm"."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    if len(name) > TITLE:
        return None
    bare = name.strip("/")
    ends = [bare.split("/", cut)[-1] for cut in range(1, bare.count("/") + 1)] if name.startswith("/") else []
    for one in [WINDOWS_TO_OLSON.get(bare, bare), *ends]:
        try:
            return ZoneInfo(one)
        except (KeyError, ValueError, OSError):
            continue
    return None


def _drawable(lines: list[str]) -> bool:
    rules = [line.removeprefix("RRULE:") for line in lines if line.startswith("RRULE:")]
    parts = sum(line.startswith("BEGIN:") for line in lines)
    dates = sum(line.count(",") + 1 for line in lines if line.startswith("RDATE"))
    yearly = all(YEARLY.fullmatch(rule.upper()) and "FREQ" in rule.upper() for rule in rules)
    return yearly and 0 < parts <= 40 and len(rules) <= parts and dates <= 400


def _drawn(lines: list[str]) -> tzinfo:
    from dateutil.tz import tzical  # type: ignore[import-untyped]

    text = "\r\n".join(["BEGIN:VTIMEZONE", "TZID:drawn", *lines, "END:VTIMEZONE"])
    zone: tzinfo | None = tzical(StringIO(text)).get()
    if zone is None:
        raise ValueError(text)
    LONG_AGO.replace(year=2000, tzinfo=zone).astimezone(UTC)  # so that it fails here, if it does
    return zone


def zone_of(moment: date, own: ZoneInfo) -> tzinfo:
    return moment.tzinfo or own if isinstance(moment, datetime) else own
