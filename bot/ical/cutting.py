"""A calendar file, cut down to the few properties that are used: nothing else can break the reading or slow it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.ical.meeting import TEXTS, UID, broken, too_many

MOST_EVENTS = 10_000  # VEVENTs of a file, past ones too; each takes about 0.2 ms
MOST_RULES = 1_000_000  # characters of all rules and lists of dates of a file
LONGEST_RULE, MOST_OF_ONE = 500, 5  # characters of one rule, rules of one event
DEEPEST = 4  # VCALENDAR, VEVENT, VALARM, and one for what others add
TIMES = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"})
LISTS = frozenset({"RDATE", "EXDATE", "RRULE"})  # may be there more than once; of the others the first counts
KEPT = {
    "VCALENDAR": frozenset({"METHOD", "X-WR-TIMEZONE"}),
    "VEVENT": TEXTS | TIMES | {"DURATION", "RRULE"},
    "VTIMEZONE": frozenset({"TZID"}),
    "STANDARD": (DRAWN := frozenset({"DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"})),
    "DAYLIGHT": DRAWN,
}
FOLD = re.compile(rb"\r?\n[ \t]")
NEWLINE = re.compile(r"\r?\n")
# Controls, line separators that Python knows and iCalendar does not, and what turns the direction of a text.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
NAME = re.compile(r"[A-Za-z0-9-]+")
# Possessive: to remember each letter of a long line in order to go back would take hundreds of megabytes.
PROPERTY = re.compile(r'([A-Za-z0-9-]++)((?:;(?:"[^"]*+"|[^":]++)*+)?+):(.*)', re.DOTALL)
TZID = re.compile(r';TZID=("[^"]*"|[^;]*)', re.IGNORECASE)
ONWARD = re.compile(r';RANGE="?THISANDFUTURE"?(?:;|$)', re.IGNORECASE)


@dataclass
class Head:
    """What a VCALENDAR says of all that is in it."""

    method: str = ""
    zone: str = ""


@dataclass
class _Raw:
    """The lines that are used: of each event, and by TZID of each zone that the file draws."""

    events: list[tuple[Head, list[str]]] = field(default_factory=list)
    drawn: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class _Part:
    """What stands between BEGIN and END, as far as it has been read."""

    kind: str
    lines: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


def cut(data: bytes) -> _Raw:
    raw, parts, head = _Raw(), list[_Part](), None
    for line in _lines(data):
        name, params, value = _property(line, parts)
        kind = value.strip().upper()
        if name == "BEGIN":
            _begin(kind, parts)
            head = Head() if head is None or kind == "VCALENDAR" else head
        elif name == "END":
            _end(kind, parts, raw, head)
        elif parts and head:
            _keep(parts[-1], head, name, params, value)
    if parts or head is None:
        raise broken()
    return raw


def _lines(data: bytes) -> Iterator[str]:
    try:  # unfolded first, for some programs fold in the middle of a letter
        text = FOLD.sub(b"", data).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise broken() from None
    return (clean for line in NEWLINE.split(text) if (clean := CONTROL.sub(" ", line)).strip())


def _property(line: str, parts: list[_Part]) -> tuple[str, str, str]:
    """Name, parameters, value. An unreadable line is passed over, unless it says something that is used."""
    if match := PROPERTY.match(line):
        return match[1].upper(), match[2], match[3]
    name = NAME.match(line)
    if not parts or (name and name[0].upper() in KEPT.get(parts[-1].kind, ())):
        raise broken()
    return "", "", ""


def _begin(kind: str, parts: list[_Part]) -> None:
    if (kind == "VCALENDAR") == bool(parts) or len(parts) == DEEPEST:
        raise broken()
    parts.append(_Part(kind))


def _end(kind: str, parts: list[_Part], raw: _Raw, head: Head | None) -> None:
    if not parts or parts[-1].kind != kind or head is None:
        raise broken()
    part = parts.pop()
    if kind == "VEVENT":
        raw.events.append((head, part.lines))
    elif kind in ("STANDARD", "DAYLIGHT") and parts and parts[-1].kind == "VTIMEZONE":
        parts[-1].lines.extend([f"BEGIN:{kind}", *part.lines, f"END:{kind}"])
    elif kind == "VTIMEZONE":
        named = next((line.removeprefix("TZID:") for line in part.lines if line.startswith("TZID:")), "")
        raw.drawn.setdefault(_name(named), [line for line in part.lines if not line.startswith("TZID:")])
    if len(raw.events) > MOST_EVENTS:
        raise too_many()


def _keep(part: _Part, head: Head, name: str, params: str, value: str) -> None:
    if name not in KEPT.get(part.kind, ()) or (name in part.names and name not in LISTS):
        return
    part.names.add(name)
    if name == "METHOD":
        head.method = value.strip().upper()
    elif name == "X-WR-TIMEZONE":
        head.zone = value.strip()
    else:
        part.lines.append(name + (_of_time(params) if name in TIMES and part.kind == "VEVENT" else "") + ":" + value)


def _of_time(params: str) -> str:
    """The zone under another name, so that icalendar does not look it up among those of all files read before."""
    zone = TZID.search(params)
    named = _name(zone[1]) if zone else ""
    return (f';X-TZID="{named}"' if named else "") + (";RANGE=THISANDFUTURE" if ONWARD.search(params) else "")


def _name(zone: str) -> str:
    return zone[:UID].strip('" ')


def modest(raw: _Raw) -> None:
    """A rule takes a hundred times its length when it is read, so that the size of the file alone says too little."""
    length = 0
    for _, lines in raw.events:
        rules = [len(line) for line in lines if line.startswith("RRULE")]
        length += sum(len(line) for line in lines if line.startswith(("RRULE", "RDATE", "EXDATE")))
        if len(rules) > MOST_OF_ONE or max(rules, default=0) > LONGEST_RULE or length > MOST_RULES:
            raise too_many()


def one_line(text: object, most: int) -> str:
    return " ".join(CONTROL.sub(" ", str(text)).split())[:most].rstrip()
