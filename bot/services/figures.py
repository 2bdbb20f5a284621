"""The figures of the situation picture, reckoned by the database: it is never asked for the incidents themselves.

What was withdrawn is left out, also when the unit has closed it since. A practice leaves no incident.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any

import sqlalchemy
from sqlalchemy import CTE, ColumnElement, Float, Select, and_, case, func, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col, select

from bot.moments import from_wall
from bot.plans.plan import DATA
from bot.services import people, rounds, silent
from bot.services.work import Work
from storage.tables import Account, Deadline, Entry, Incident, Meeting, Party, RiskCase, Role, Watch

WEEKS = 8
AHEAD = timedelta(days=14)
LEVELS = ("high", "moderate", "low")
NAMED = 2  # meetings with a raised risk
UNNAMED = "unknown"  # the category of what happens now and nobody has had the time to name


@dataclass(frozen=True)
class Flagged:
    """The incidents of a time: how many of each kind in each part of it, and how they were answered.

    Half of those `taken` were taken within `minutes`. Of the incidents on which an answer was promised `due` have had
    theirs or should have, and `kept` never waited longer than promised. `reported` of the `reportable`, which are all
    but rumours, are reported to the police; of all `reported_any`.
    """

    counts: dict[str, tuple[int, ...]]
    taken: int = 0
    minutes: int | None = None
    due: int = 0
    kept: int = 0
    reportable: int = 0
    reported: int = 0
    reported_any: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(map(sum, self.counts.values()))

    @property
    def parts(self) -> tuple[int, ...]:
        """How many there are in each part of the time, whatever their kind."""
        return tuple(map(sum, zip(*self.counts.values(), strict=True)))


@dataclass(frozen=True)
class Ahead:
    """The meetings that are near: how many, how many of each level, and those of the highest."""

    count: int
    levels: dict[str, int]
    first: tuple[Meeting, ...]


@dataclass(frozen=True)
class Watched:
    """The watch list: how many of each level, and how many are to be looked at today."""

    levels: dict[str, int]
    to_look: int

    @property
    def count(self) -> int:
        """All that is watched."""
        return sum(self.levels.values())


@dataclass(frozen=True)
class Figures:
    """All of them. `weeks` are Mondays, the oldest first; the last one is of this week."""

    weeks: tuple[date, ...]
    flagged: Flagged
    ahead: Ahead
    watched: Watched
    reached: int
    parties: int

    @property
    def empty(self) -> bool:
        """Whether nothing has happened, nothing is watched, and no meeting has a level: then there is no news."""
        return not (self.flagged.total or self.watched.count or self.ahead.levels)


class _Minutes(FunctionElement[float]):
    """Minutes from the one time to the other."""

    type = Float()
    inherit_cache = True


@compiles(_Minutes, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    since, until = (compiler.process(one, **more) for one in element.clauses)
    return f"((julianday({until}) - julianday({since})) * 1440)"


@compiles(_Minutes, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    since, until = (compiler.process(one, **more) for one in element.clauses)
    return f"(EXTRACT(EPOCH FROM ({until}) - ({since})) / 60)"


def gather(work: Work, weeks: int = WEEKS) -> Figures:
    """Everything, as it is now."""
    mondays = last_weeks(work, weeks)
    at = borders(work, (*mondays, mondays[-1] + timedelta(weeks=1)))
    return Figures(mondays, flagged(work, at), ahead(work), watched(work), *parties(work))


def last_weeks(work: Work, count: int) -> tuple[date, ...]:
    """The Mondays of so many weeks, the one that is under way last."""
    today = work.now.astimezone(work.house.zone).date()
    monday = today - timedelta(days=today.weekday())
    return tuple(monday - timedelta(weeks=back) for back in reversed(range(count)))


def borders(work: Work, days: Sequence[date]) -> list[datetime]:
    """The moments when these days begin there, also on a day when the clocks are changed."""
    return [from_wall(datetime.combine(day, time()), work.house.zone) for day in days]


def flagged(work: Work, at: Sequence[datetime]) -> Flagged:
    """What was flagged from the first of these moments to the last; each of those between begins a new part."""
    each = _each(at).cte("each")
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * (len(at) - 1))
    sums, median = [0] * len(_summed(each)), None
    for category, part, count, minutes, *more in work.session.execute(_grouped(each)):
        counts[category or UNNAMED][part] += count
        sums = [one + other for one, other in zip(sums, more, strict=True)]
        median = minutes
    taken, due, kept, reportable, reported, reported_any = sums
    return Flagged(
        {kind: tuple(found) for kind, found in counts.items()},
        taken, None if median is None else max(ceil(round(median, 3)), 1),
        due, kept, reportable, reported, reported_any,
    )  # fmt: skip


def _each(at: Sequence[datetime]) -> Select[Any]:
    """A row for each incident of the time: its kind, its part, and what its timeline comes to.

    The lines are read in the index of their kinds, which holds all that is asked for; none is older than its incident.
    """
    ends = enumerate(at[1:-1])
    part = case(*((col(Incident.raised_at) < end, n) for n, end in ends), else_=len(at) - 2) if at[2:] else literal(0)
    own = (col(Entry.incident_id) == col(Incident.id), col(Entry.kind) == "taken")
    taken = sqlalchemy.select(col(Entry.at)).where(*own).order_by(col(Entry.id)).limit(1).scalar_subquery()
    withdrawn = _has("withdrawn", at[0], ~_other("not_done", later=True))
    row = (
        col(Incident.category), part.label("part"), (col(Incident.imminence) == "rumour").label("rumour"),
        _Minutes(col(Incident.raised_at), taken).label("minutes"),
        _has("promise_broken", at[0], _other("promised", later=False)).label("broken"),
        _has("promised", at[0]).label("promised"),
        _has("promised", at[0], ~_other("answer", later=True), ~_other("close", later=True)).label("waits"),
        _has("police", at[0], ~_other("police_undone", later=True)).label("police"),
    )  # fmt: skip
    period = (col(Incident.raised_at) >= at[0], col(Incident.raised_at) < at[-1])
    stays = or_(col(Incident.status) == "open", and_(col(Incident.status) == "closed", ~withdrawn))
    return sqlalchemy.select(*row).where(*period, stays)


def _has(kind: str, since: datetime, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the incident has a line of this kind, of which that is true."""
    lines = sqlalchemy.select(col(Entry.incident_id)).where(col(Entry.kind) == kind, col(Entry.at) >= since, *which)
    return col(Incident.id).in_(lines)


def _other(kind: str, *, later: bool) -> ColumnElement[bool]:
    """Whether the line has one of this kind after it, or else before it."""
    other = aliased(Entry)
    order = col(other.id) > col(Entry.id) if later else col(other.id) < col(Entry.id)
    same = (col(other.incident_id) == col(Entry.incident_id), col(other.kind) == kind)
    return sqlalchemy.exists().where(*same, order)


def _summed(each: CTE) -> tuple[ColumnElement[bool], ...]:
    """What is counted of them: taken, due, kept, reportable, reported, reported at all."""
    row = each.c
    kept = and_(row.promised, ~row.waits, ~row.broken)
    return (
        row.minutes.is_not(None), or_(row.broken, kept), kept,
        ~row.rumour, and_(row.police, ~row.rumour), row.police,
    )  # fmt: skip


def _grouped(each: CTE) -> Select[Any]:
    """The counts of each kind in each part; and in each row the minutes within which half of them all were taken."""
    in_order = sqlalchemy.select(each.c.minutes).where(each.c.minutes.is_not(None)).order_by(each.c.minutes)
    middle = sqlalchemy.select((func.count(each.c.minutes) - 1) // 2).scalar_subquery()
    median = in_order.limit(1).offset(middle).scalar_subquery()
    sums = [func.count(case((what, 1))) for what in _summed(each)]
    kind = (each.c.category, each.c.part)
    return sqlalchemy.select(*kind, func.count(), median, *sums).group_by(*kind)


def parties(work: Work) -> tuple[int, int]:
    """How many parties have somebody who can be reached, as the coverage table has it, and how many there are."""
    held = (col(Role.kind).in_(people.PARTY_CONTACTS), col(Role.ended_at).is_(None), Account.state == "active")
    there = select(Role.party_id, Role.person_id).join(Account, col(Account.person_id) == Role.person_id).where(*held)
    asked = select(Deadline.subject).where(Deadline.kind == rounds.CALM_ASKED, Deadline.state == "done").distinct()
    unsure = {number for number in work.session.exec(asked) if silent.unanswered(work.session, number)}
    reached = {party for party, person in work.session.exec(there.distinct()) if person not in unsure}
    return len(reached - {None}), work.session.exec(select(func.count()).select_from(Party)).one()


def watched(work: Work) -> Watched:
    """What is watched, by its level."""
    tomorrow = work.now.astimezone(work.house.zone).date() + timedelta(days=1)
    (end,) = borders(work, [tomorrow])
    to_look = func.count(case((col(Watch.look_at) < end, 1)))
    query = select(Watch.level, func.count(), to_look).where(col(Watch.ended_at).is_(None)).group_by(col(Watch.level))
    rows = work.session.exec(query).all()
    return Watched({level: count for level, count, _ in rows}, sum(due for *_, due in rows))


def ahead(work: Work) -> Ahead:
    """What is near, with the highest level of its cases; days that the calendar knows by itself are no meetings."""
    rank = func.coalesce(func.max(_rank()), 0).label("rank")
    near = (col(Meeting.starts_at) >= work.now, col(Meeting.starts_at) < work.now + AHEAD)
    wanted = (*near, col(Meeting.cancelled_at).is_(None), col(Meeting.kind).not_in(DATA))
    query = select(col(Meeting.id), rank).outerjoin(RiskCase, col(RiskCase.meeting_id) == Meeting.id).where(*wanted)
    rows = work.session.exec(query.group_by(col(Meeting.id)).order_by(rank.desc(), col(Meeting.starts_at))).all()
    levels = {level: sum(found == place for _, found in rows) for place, level in _places()}
    first = [work.session.get_one(Meeting, number) for number, found in rows[:NAMED] if found == rows[0][1] > 1]
    return Ahead(len(rows), {level: count for level, count in levels.items() if count}, tuple(first))


def _places() -> list[tuple[int, str]]:
    return list(zip(range(len(LEVELS), 0, -1), LEVELS, strict=True))


def _rank() -> ColumnElement[int]:
    return case(*((col(RiskCase.level) == level, place) for place, level in _places()), else_=0)
