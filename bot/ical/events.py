"""The events of a calendar file, each with its times on its own wall clock."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from hashlib import sha256
from itertools import islice
from typing import Any

from bot.ical.cutting import CONTROL, Head, one_line
from bot.ical.meeting import LINE, LINES, TITLE, UID, BadCalendar, broken
from bot.ical.zones import Zones, zone_of

Properties = MutableMapping[str, Any]  # an event of icalendar, and a rule

ITEM = re.compile(r"\s*(?:\d{1,3}[.)]|§\s?\d{1,4}|[-•*])\s+(.*\w.*)")


@dataclass(frozen=True)
class Event:
    """One VEVENT. A moment is a date, or a datetime with its zone."""

    uid: str
    title: str
    start: date
    end: date | None
    original: date | None  # RECURRENCE-ID: the occurrence that this one changes
    onward: bool  # and all later ones
    whole: Properties
    zones: Zones
    floating: tzinfo
    rank: tuple[int, int]  # SEQUENCE, place in the file
    called_off: bool  # by the METHOD of the file

    @cached_property
    def place(self) -> str:
        return one_line(self.whole.get("LOCATION", ""), TITLE)

    @cached_property
    def agenda(self) -> tuple[str, ...]:
        lines = (ITEM.fullmatch(CONTROL.sub(" ", line)) for line in str(self.whole.get("DESCRIPTION", "")).split("\n"))
        return tuple(islice((one_line(line[1], LINE) for line in lines if line), LINES))

    @cached_property
    def cancelled(self) -> bool:
        return self.called_off or str(self.whole.get("STATUS", "")).strip().upper() == "CANCELLED"

    @property
    def repeats(self) -> bool:
        return "RRULE" in self.whole or "RDATE" in self.whole

    @property
    def zone(self) -> tzinfo:
        return zone_of(self.start, self.zones.own)

    def listed(self, name: str) -> list[Any]:
        """The moments of RDATE or EXDATE, or (moment, end) of a period."""
        return [
            _moment(one.dt, group.params, self.zones, self.floating)
            for group in several(self.whole, name)
            for one in group.dts
        ]


def read_event(one: tuple[Head, list[str]], number: int, zones: Zones) -> Event | None:
    from icalendar import Event

    head, lines = one
    if not any(line.startswith("DTSTART") for line in lines):
        return None
    title = ""
    try:
        whole: Any = Event.from_ical("\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"]))
        title = one_line(whole.get("SUMMARY", ""), TITLE)
        if any(name != "SEQUENCE" for name, _ in whole.errors):
            raise broken(title)
        return _filled(whole, title, zones, head, number)
    except BadCalendar:
        raise
    except Exception:  # what the library raises at a file that makes no sense is not said anywhere
        raise broken(title) from None


def _filled(whole: Properties, title: str, zones: Zones, head: Head, number: int) -> Event:
    floating = zones.floating(head.zone)
    start, end, original = (
        _moment(whole[name].dt, whole[name].params, zones, floating) if name in whole else None
        for name in ("DTSTART", "DTEND", "RECURRENCE-ID")
    )
    if start is None:
        raise broken(title)
    return Event(
        uid=_uid(whole),
        title=title,
        start=start,
        end=_after(start, end, whole),
        original=original,
        onward="RECURRENCE-ID" in whole and "RANGE" in whole["RECURRENCE-ID"].params,
        whole=whole,
        zones=zones,
        floating=floating,
        rank=(_sequence(whole), number),
        called_off=head.method == "CANCEL",
    )


def _sequence(whole: Properties) -> int:
    number = whole.get("SEQUENCE", 0)
    return number if isinstance(number, int) else 0


def _uid(whole: Properties) -> str:
    uid = " ".join(str(whole.get("UID", "")).split())
    if 0 < len(uid) <= UID:
        return uid
    named = uid or f"{whole['DTSTART'].dt} {whole.get('SUMMARY', '')}"
    return sha256(named.encode()).hexdigest()


def _after(start: date, end: date | None, whole: Properties) -> date | None:
    """The end, if there is one and it is after the start: the library would turn them round."""
    if end is None and "DURATION" in whole:
        end = start + whole["DURATION"].dt
    if end is None or isinstance(start, datetime) != isinstance(end, datetime):
        return None
    return end if end > start else None


def _moment(value: Any, params: Any, zones: Zones, floating: tzinfo) -> Any:
    if isinstance(value, tuple):  # a period: its end may be a length
        start, end = (_moment(part, params, zones, floating) if isinstance(part, date) else part for part in value)
        return start, end
    if not isinstance(value, date):
        raise ValueError(value)
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is not None:
        return value.replace(tzinfo=UTC)  # it ended with Z; icalendar has been told of no other zone
    return value.replace(tzinfo=zones.get(str(params["X-TZID"])) if "X-TZID" in params else floating)


def several(whole: Properties, name: str) -> list[Any]:
    values = whole.get(name, [])
    return values if isinstance(values, list) else [values]
