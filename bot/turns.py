"""Whose turn it is: the reckoning of a duty list. Pure; turns change at one time by the clocks of a zone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.moments import from_wall

NOBODY = 0


@dataclass(frozen=True)
class Turn:
    """A time that is one person's: on duty, or away. `row` is the row that says so."""

    person: int
    starts_at: datetime
    ends_at: datetime
    row: int = 0

    def within(self, starts_at: datetime, ends_at: datetime) -> Turn | None:
        """What of it lies between two times; None where nothing does."""
        starts, ends = max(self.starts_at, starts_at), min(self.ends_at, ends_at)
        return replace(self, starts_at=starts, ends_at=ends) if starts < ends else None


def edge(start: datetime, days: int, number: int, zone: ZoneInfo) -> datetime:
    """When turn `number` (0 is the first) of so many days begins: at the same time on the wall as the first."""
    wall = start.astimezone(zone).replace(tzinfo=None) + timedelta(days=days * number)
    return from_wall(wall, zone)


def follower(order: Sequence[int], before: int | None, here: Collection[int]) -> int | None:
    """Who comes after `before`, of those who are still here; the first of them after somebody who is not listed."""
    at = order.index(before) + 1 if before in order else 0
    return next((person for person in (*order[at:], *order[:at]) if person in here), None)


def reckoned(
    order: Sequence[int],
    days: int,
    start: datetime,
    zone: ZoneInfo,
    *,
    since: datetime | None = None,
    before: int | None = None,
    here: Collection[int] | None = None,
) -> Iterator[Turn]:
    """The turns from `since` on (else from the start), without end and without a gap; none when nobody is here."""
    since = since or start
    number = max((since - start).days // days - 1, 0)
    while True:
        starts, ends = edge(start, days, number, zone), edge(start, days, number + 1, zone)
        number += 1
        if ends <= since:
            continue
        person = follower(order, before, order if here is None else here)
        if person is None:
            return
        yield Turn(person, max(starts, since), ends)
        before = person


def held(layers: Iterable[Turn], since: datetime) -> list[Turn]:
    """Who has which time from `since` on, in order: where several rows cover a moment, the highest holds."""
    ahead = [cut for layer in layers if (cut := layer.within(since, layer.ends_at))]
    ahead.sort(key=lambda turn: turn.row, reverse=True)
    found: list[Turn] = []
    for starts, ends in pairwise(sorted({at for turn in ahead for at in (turn.starts_at, turn.ends_at)})):
        top = next((turn for turn in ahead if turn.starts_at <= starts and ends <= turn.ends_at), None)
        if top is not None:
            found.append(replace(top, starts_at=starts, ends_at=ends))
    return _joined(found, lambda one, other: one.row == other.row)


def by_person(turns: Iterable[Turn]) -> list[Turn]:
    """The same with neighbours that are one person's as one."""
    return _joined(turns, lambda one, other: one.person == other.person)


def _joined(turns: Iterable[Turn], alike: Callable[[Turn, Turn], bool]) -> list[Turn]:
    found: list[Turn] = []
    for turn in turns:
        if found and found[-1].ends_at == turn.starts_at and alike(found[-1], turn):
            found[-1] = replace(found[-1], ends_at=turn.ends_at)
        else:
            found.append(turn)
    return found


def at(turns: Iterable[Turn], moment: datetime) -> Turn | None:
    """The turn that this moment is in."""
    return next((turn for turn in turns if turn.starts_at <= moment < turn.ends_at), None)


def gaps(turns: Iterable[Turn], since: datetime, until: datetime) -> list[Turn]:
    """The times between that are nobody's."""
    found, free = [], since
    for turn in turns:
        if free < turn.starts_at:
            found.append(Turn(NOBODY, free, min(turn.starts_at, until)))
        free = max(free, turn.ends_at)
    if free < until:
        found.append(Turn(NOBODY, free, until))
    return [gap for gap in found if gap.starts_at < gap.ends_at]


def covered(starts_at: datetime, ends_at: datetime, candidates: Sequence[int], away: Sequence[Turn]) -> list[Turn]:
    """Who of the candidates, the first asked first, can have which part of the time; NOBODY where none can.

    Whoever has the part before goes on as long as they can: fewer changes.
    """
    parts = [part for turn in away if (part := turn.within(starts_at, ends_at))]
    edges = sorted({starts_at, ends_at, *(time for part in parts for time in (part.starts_at, part.ends_at))})
    found: list[Turn] = []
    for starts, ends in pairwise(edges):
        gone = {part.person for part in parts if part.starts_at <= starts and ends <= part.ends_at}
        able = [person for person in candidates if person not in gone]
        before = found[-1].person if found else NOBODY
        found.append(Turn(before if before in able else next(iter(able), NOBODY), starts, ends))
    return by_person(found)
