"""Works out the occurrences of each series on its own wall clock, within a budget of work."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from bot.ical.events import Event, Properties, several
from bot.ical.meeting import BadCalendar, Found, broken, too_many
from bot.ical.zones import LONG_AGO, Zones

AHEAD = timedelta(days=731)  # what starts later is left out
MOST_WORK = 5_000_000  # days looked at by all rules of a file, about; 2 seconds
MOST_WORK_EACH = 300_000  # and by those of one series; 0.2 seconds
YIELD, RULE = 10, 200  # what an occurrence costs in such days, and a rule


class _Work:
    """How much may still be done for a file, and for one series; raises too_many when that is used up.

    A rule can ask for a million seconds, or look for the 30th of February until the year 9999 without a word.
    """

    def __init__(self) -> None:
        self.left = MOST_WORK
        self.begin("")

    def begin(self, title: str) -> None:
        self.title, self.left_of_series = title, MOST_WORK_EACH

    def spend(self, much: int) -> None:
        self.left -= much
        self.left_of_series -= much
        if min(self.left, self.left_of_series) < 0:
            raise too_many(self.title)


class _Counted(tuple[int, ...]):
    """The months or weekdays of a rule. dateutil asks for each day whether they have it, and so each day is counted."""

    work: _Work
    cost: int

    def __contains__(self, one: object) -> bool:
        self.work.spend(self.cost)
        return super().__contains__(one)


def _counted(values: Iterable[int], work: _Work, cost: int) -> _Counted:
    counted = _Counted(values)
    counted.work, counted.cost = work, cost
    return counted


def occurrences_of(events: list[Event], zones: Zones, now: datetime) -> Iterator[Found | None]:
    """None for each occurrence that has started."""
    series: dict[str, dict[date | None, Event]] = {}
    for event in events:
        versions = series.setdefault(event.uid, {})
        older = versions.get(event.original)
        if older is None or event.rank > older.rank:
            versions[event.original] = event
    work = _Work()
    for versions in series.values():
        yield from _occurrences(list(versions.values()), work, zones.own, now)


def _occurrences(events: list[Event], work: _Work, own: ZoneInfo, now: datetime) -> Iterator[Found | None]:
    core = next((event for event in events if event.original is None), events[0])
    work.begin(core.title)
    zone = core.zone
    until = (now + AHEAD).astimezone(zone).replace(tzinfo=None)
    try:
        for once in _series_class(work)([_adapter(event, core, work) for event in events]).between(LONG_AGO, until):
            starts_at = _utc(once.start, zone, own)
            yield _found(once, core, starts_at, own) if starts_at > now else None
    except BadCalendar:
        raise
    except Exception:  # as above
        raise broken(core.title) from None


def _found(once: Any, core: Event, starts_at: datetime, own: ZoneInfo) -> Found:
    event: Event = once.event
    whole_day = not isinstance(once.start, datetime)
    part_of_series = core.repeats or event.original is not None
    original = _utc(once.original, core.zone, own)
    ends_at = _utc(once.end, core.zone, own) if not whole_day or event.end is not None else starts_at
    return Found(
        uid=f"{event.uid}/{original:%Y%m%dT%H%M%SZ}" if part_of_series else event.uid,
        series=event.uid,
        title=event.title,
        starts_at=starts_at,
        ends_at=ends_at if ends_at > starts_at else None,
        place=event.place,
        agenda=event.agenda,
        cancelled=event.cancelled,
        whole_day=whole_day,
    )


def _utc(local: date, zone: tzinfo, own: ZoneInfo) -> datetime:
    if isinstance(local, datetime):
        return local.replace(tzinfo=zone).astimezone(UTC)
    return datetime.combine(local, time.min, own).astimezone(UTC)


def _local(moment: date, core: Event) -> date:
    """On the wall clock of the series."""
    return moment.astimezone(core.zone).replace(tzinfo=None) if isinstance(moment, datetime) else moment


def _like_start(moment: date, core: Event) -> date:
    """Which occurrence is meant: some programs name an evening by its day, or a whole day by its 00:00."""
    local, start = _local(moment, core), _local(core.start, core)
    if isinstance(start, datetime) and not isinstance(local, datetime):
        return datetime.combine(local, start.time())
    return local.date() if isinstance(local, datetime) and not isinstance(start, datetime) else local


def _adapter(event: Event, core: Event, work: _Work) -> Any:
    """The event for the library, with nothing in it but times on the wall clock of the series."""
    from icalendar import Event, vDDDTypes
    from recurring_ical_events import EventAdapter  # type: ignore[import-untyped]

    whole = Event()
    whole["UID"] = event.uid
    start, end = _local(event.start, core), _local(event.end, core) if event.end else None
    whole["DTSTART"] = vDDDTypes(start)
    if end and end > start:  # in the hour that comes twice, the end may stand before the start
        whole["DTEND"] = vDDDTypes(end)
    if event.original is not None:
        params = {"RANGE": "THISANDFUTURE"} if event.onward else {}
        whole["RECURRENCE-ID"] = vDDDTypes(_like_start(event.original, core), params=params)
    else:
        _repeat(event, whole, work)
    adapter = EventAdapter(whole)
    adapter.event = event
    adapter.original = _like_start(event.original or event.start, core)
    return adapter


def _repeat(event: Event, whole: Properties, work: _Work) -> None:
    from icalendar import vDDDLists

    for name in ("RDATE", "EXDATE"):
        if moments := event.listed(name):
            work.spend(len(moments) * YIELD)
            whole[name] = vDDDLists([_listed(one, event) for one in moments])
    if rules := several(event.whole, "RRULE"):
        whole["RRULE"] = [_rule(rule, event, work) for rule in rules]


def _listed(one: Any, event: Event) -> Any:
    if isinstance(one, tuple):
        return _like_start(one[0], event), _local(one[1], event) if isinstance(one[1], date) else one[1]
    return _like_start(one, event)


def _rule(rule: Any, event: Event, work: _Work) -> Any:
    """Raises endless, and too_many for what no meeting needs: a second of an hour, a hundred times of a day."""
    if rule.get("COUNT", [0])[0] <= 0 and "UNTIL" not in rule:
        raise BadCalendar("endless", event=event.title)
    if rule.get("INTERVAL", [1])[0] < 1:
        raise broken(event.title)
    fine = rule["FREQ"][0].upper() in ("MINUTELY", "SECONDLY")
    times = math.prod(len(rule[name]) for name in ("BYHOUR", "BYMINUTE", "BYSECOND") if name in rule)
    if times > 100 or (fine and any(name.startswith("BY") for name in rule)):
        raise too_many(event.title)
    work.spend(RULE + times + _values(rule))
    if "UNTIL" in rule:
        rule = type(rule)({**rule, "UNTIL": [_until(rule["UNTIL"][0], event)]})
    return rule


def _values(rule: Any) -> int:
    return sum(len(values) for name, values in rule.items() if name.startswith("BY"))


def _until(until: date, event: Event) -> date:
    """On the wall clock of the series; a day is meant to its end. Year 9999 means never, and has no room for a zone."""
    until = until.replace(year=min(until.year, 8000))
    if not isinstance(event.start, datetime):
        return date(until.year, until.month, until.day)
    if not isinstance(until, datetime):
        return datetime.combine(until, time(23, 59, 59))
    return _local(until, event) if until.tzinfo else until


def _series_class(work: _Work) -> Any:
    """The library's series, which counts what it does and remembers what each occurrence comes from."""
    from recurring_ical_events import Series

    class Rules(Series.RecurrenceRules):  # type: ignore[misc]
        def rrulestr(self, rule_string: str) -> Any:
            return _watched(super().rrulestr(rule_string), work)

        def rrule_between(self, span_start: datetime, span_stop: datetime) -> Iterator[datetime]:
            for rule in self.rrules:  # the library makes a list of them first
                for start in rule:
                    work.spend(YIELD)
                    if start > span_stop:
                        break
                    yield start

    class Watched(Series):  # type: ignore[misc]
        RecurrenceRules: ClassVar[type[Rules]] = Rules

        def occurrence(self, adapter: Any, start: date | None = None, end: date | None = None) -> Any:
            once = super().occurrence(adapter, start, end)
            once.event = adapter.event
            once.original = adapter.original if start is None else start - adapter.move_recurrences_by
            return once

    return Watched


def _watched(rule: Any, work: _Work) -> Any:
    cost = 1 + sum(len(values or ()) for values in rule._original_rule.values())
    if rule._bymonth or rule._byweekno or not rule._bynweekday:
        rule._bymonth = _counted(rule._bymonth or range(1, 13), work, cost)  # what dateutil looks at first
    else:  # to name all months would change what "1MO" of a year means
        rule._byweekday = _counted(rule._byweekday or range(7), work, cost)
    return rule
