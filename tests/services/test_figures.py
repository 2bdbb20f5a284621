"""The situation's figures are what a plain reckoning of the same incidents comes to; and a quarter tells of nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import product
from math import ceil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, delete, select

from bot.catalogue import Catalogue
from bot.services import escalation_plan, figures, quarterly, quarters
from bot.services.quarters import FEWEST, Quarter, Shown
from bot.services.work import House, Work, read_house
from storage.database import Database
from storage.tables import Entry, Incident, Meeting, Municipality, Person, QuarterFigures, RiskCase, Watch
from tests.conftest import Fresh

ZONE = ZoneInfo("Europe/Stockholm")
KINDS = ("threat", "hate", "", "unknown", "of_before")
LINES = ("taken", "promised", "promise_broken", "answer", "close", "police", "police_undone", "withdrawn", "not_done",
         "words")  # fmt: skip
# Over the end of a year with 53 weeks, and over both changes of the clocks.
NOWS = (
    datetime(2027, 1, 6, 12, tzinfo=ZONE),
    datetime(2026, 11, 23, 8, tzinfo=ZONE),
    datetime(2026, 3, 30, 0, 30, tzinfo=ZONE),
    datetime(2025, 1, 1, 0, 0, 1, tzinfo=ZONE),
)


@dataclass(frozen=True)
class Flag:
    """One incident, and what happened with it: kinds of lines, and minutes after it was raised."""

    raised_at: datetime
    kind: str = "threat"
    imminence: str = "brewing"
    status: str = "open"
    lines: tuple[tuple[str, int], ...] = field(default=())

    @property
    def counts(self) -> bool:
        """Whether it was not withdrawn; one that the unit opened again is none that was."""
        last = [kind for kind, _ in self.lines if kind in ("withdrawn", "not_done")]
        return self.status != "withdrawn" and (self.status == "open" or last[-1:] != ["withdrawn"])


class Desk:
    """A municipality whose incidents are put in as a test wants them."""

    def __init__(self, url: str) -> None:
        self.database = Database(url, [Fernet.generate_key().decode()])
        with self.database.transaction() as session:
            begun = datetime(2020, 1, 1, tzinfo=UTC)
            session.add(Municipality(name="Lönnköping", timezone=ZONE.key, languages=["sv"], created_at=begun,
                                     public_number="+46846500410", staffed="dygnet runt"))  # fmt: skip
            session.add(Person(name="Siv", language="sv", created_at=begun))
            session.flush()
            self.house: House = read_house(session, Catalogue(), escalation_plan.load())

    def work(self, session: Session, now: datetime) -> Work:
        """As a service gets it."""
        return Work(session, now, self.house)

    def fill(self, session: Session, flags: list[Flag]) -> None:
        """These and no others."""
        for table in (Entry, Incident, QuarterFigures):
            session.exec(delete(table))
        for flag in flags:
            row = Incident(imminence=flag.imminence, category=flag.kind, status=flag.status, reporter_id=1, details={},
                           raised_at=flag.raised_at, sent_at=flag.raised_at)  # fmt: skip
            session.add(row)
            session.flush()
            for kind, after in flag.lines:
                at = flag.raised_at + timedelta(minutes=after)
                session.add(Entry(incident_id=row.id or 0, at=at, kind=kind, body={"text": "hemligt"}))
                session.flush()


@pytest.fixture
def desk(fresh: Fresh, tmp_path: Path) -> Iterator[Desk]:
    """The municipality."""
    found = Desk(fresh(tmp_path))
    yield found
    found.database.close()


def plainly(flags: list[Flag], mondays: tuple[date, ...]) -> figures.Flagged:
    """The same, reckoned one incident after the other."""
    weeks = {monday.isocalendar()[:2]: place for place, monday in enumerate(mondays)}
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(weeks))
    taken: list[int] = []
    due = kept = reportable = reported = reported_any = 0
    for flag in flags:
        week = flag.raised_at.astimezone(ZONE).isocalendar()[:2]
        if week not in weeks or not flag.counts:
            continue
        counts[flag.kind or "unknown"][weeks[week]] += 1
        taken += [after for kind, after in flag.lines if kind == "taken"][:1]
        outcome = promise(flag)
        due, kept = due + (outcome != ""), kept + (outcome == "kept")
        said = [kind for kind, _ in flag.lines if kind.startswith("police")][-1:] == ["police"]
        reportable += flag.imminence != "rumour"
        reported += said and flag.imminence != "rumour"
        reported_any += said
    middle = sorted(taken)[(len(taken) - 1) // 2] if taken else None
    minutes = None if middle is None else max(ceil(middle), 1)
    found = {kind: tuple(parts) for kind, parts in counts.items()}
    return figures.Flagged(found, len(taken), minutes, due, kept, reportable, reported, reported_any)


def promise(flag: Flag) -> str:
    """ "kept", "broken", or nothing: promised to nobody, or not due."""
    state, ever = "", False
    for kind, _ in flag.lines:
        if kind == "promised":
            state, ever = state if state == "broken" else "waiting", True
        elif kind == "promise_broken" and ever:
            state = "broken"
        elif kind in ("answer", "close") and state == "waiting":
            state = "kept"
    return "" if state == "waiting" else state


def stories() -> st.SearchStrategy[tuple[tuple[str, int], ...]]:
    """What may happen with an incident, in the order of time; a first "taken" comes before any other."""
    some = st.lists(st.tuples(st.sampled_from(LINES), st.integers(0, 9000)), max_size=7)
    return some.map(lambda lines: tuple(zip([kind for kind, _ in lines], sorted(at for _, at in lines), strict=True)))


@st.composite
def towns(draw: st.DrawFn) -> tuple[datetime, list[Flag]]:
    """A moment, and incidents around the weeks before it: many at the very borders between them."""
    now = draw(st.sampled_from(NOWS))
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    weeks = st.integers(-9, 1).map(lambda n: monday + timedelta(weeks=n))  # by the clock on the wall
    moments = st.tuples(weeks, st.sampled_from((-1, 0, 1, 3600, 200_000))).map(
        lambda found: found[0].astimezone(UTC) + timedelta(seconds=found[1])
    )
    flag = st.builds(Flag, moments, st.sampled_from(KINDS), st.sampled_from(("now", "brewing", "rumour", "past")),
                     st.sampled_from(("open", "closed", "withdrawn")), stories())  # fmt: skip
    return now.astimezone(UTC), draw(st.lists(flag, max_size=25))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(towns())
def test_the_figures_are_those_of_a_plain_reckoning(desk: Desk, town: tuple[datetime, list[Flag]]) -> None:
    now, flags = town
    with desk.database.transaction() as session:
        desk.fill(session, flags)
        found = figures.gather(desk.work(session, now))
    assert found.flagged == plainly(flags, found.weeks)
    assert len(found.weeks) == figures.WEEKS
    assert found.weeks[-1] <= now.astimezone(ZONE).date() < found.weeks[-1] + timedelta(weeks=1)


def test_nothing_at_all_is_nothing(desk: Desk) -> None:
    with desk.database.transaction() as session:
        found = figures.gather(desk.work(session, NOWS[0].astimezone(UTC)))
    assert found.flagged == figures.Flagged({})
    assert found.empty
    assert (found.flagged.total, found.flagged.parts, found.parties, found.ahead.count) == (0, (), 0, 0)


def test_a_quick_answer_is_never_said_to_be_quicker_than_it_was(desk: Desk) -> None:
    now = NOWS[1].astimezone(UTC)
    flags = [Flag(now - timedelta(hours=1), lines=(("taken", after),)) for after in (0, 7, 7, 90)]
    with desk.database.transaction() as session:
        desk.fill(session, flags[:1])
        assert figures.gather(desk.work(session, now)).flagged.minutes == 1
        desk.fill(session, flags)
        assert figures.gather(desk.work(session, now)).flagged.minutes == 7


def test_meetings_have_the_level_of_their_highest_case_and_what_is_watched_counts_until_it_ends(desk: Desk) -> None:
    now = NOWS[1].astimezone(UTC)

    def meeting(session: Session, title: str, days: float, *levels: str, off: bool = False,
                kind: str = "council") -> None:  # fmt: skip
        row = Meeting(title=title, kind=kind, starts_at=now + timedelta(days=days), audience={}, created_at=now,
                      cancelled_at=now if off else None)  # fmt: skip
        session.add(row)
        session.flush()
        session.add_all(RiskCase(meeting_id=row.id, title="Skolan", level=level, created_by=1, created_at=now)
                        for level in levels)  # fmt: skip

    with desk.database.transaction() as session:
        meeting(session, "lugnt", 1, "low", "")
        meeting(session, "senare", 13, "high", "low")
        meeting(session, "hett", 5, "low", "high")
        meeting(session, "osorterat", 2)
        meeting(session, "långt bort", 15, "high")
        meeting(session, "inställt", 3, "high", off=True)
        meeting(session, "var", -1, "high")
        meeting(session, "valdagen", 4, kind="ordinary")
        watches = (("high", 0, None), ("low", -3, None), ("low", 2, None), ("high", -1, now))
        session.add_all(Watch(title="Vägen", level=level, owner_id=1, created_by=1, created_at=now, ended_at=ended,
                              look_at=now + timedelta(days=days)) for level, days, ended in watches)  # fmt: skip
        session.flush()
        found = figures.gather(desk.work(session, now))
        assert [row.title for row in found.ahead.first] == ["hett", "senare"]
    assert (found.ahead.count, found.ahead.levels) == (4, {"high": 2, "low": 1})
    assert (found.watched.levels, found.watched.to_look) == ({"high": 1, "low": 2}, 2)
    assert not found.empty


# A quarter


def test_quarters_follow_each_other() -> None:
    assert [str(Quarter.of(date(2026, month, 1))) for month in (1, 3, 4, 9, 12)] == [
        "2026-Q1", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4",
    ]  # fmt: skip
    for quarter in (Quarter(2026, 1), Quarter(2026, 4)):
        assert quarter.next.before == quarter == quarter.before.next
        assert Quarter.of(quarter.next.first - timedelta(days=1)) == quarter


def all_worlds(kinds: int, most: int) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Every count of these kinds, with some of how many were taken and reported."""
    for counts in product(range(most + 1), repeat=kinds):
        total = sum(counts)
        for taken, reported in product({0, min(4, total), total}, {0, min(2, total), min(5, total), total}):
            yield counts, taken, reported


@pytest.mark.parametrize(("kinds", "most"), [(1, 12), (2, 9), (3, 8), (4, 6), (5, 5)])
def test_from_what_is_shown_nobody_can_tell_that_anything_is_one_to_four(kinds: int, most: int) -> None:
    """Who knows the rules tries every world that would show the same: each kind could also be none, or five."""
    known = tuple(f"kind {n}" for n in range(kinds))
    worlds: dict[Shown, list[tuple[int, ...]]] = defaultdict(list)
    for counts, taken, reported in all_worlds(kinds, most):
        shown = quarters.shown(dict(zip(known, counts, strict=True)), known, taken=taken, minutes=7, reported=reported)
        total = sum(counts)
        worlds[shown].append((*counts, total, taken, total - taken, reported, total - reported))
    for shown, found in worlds.items():
        for which in range(kinds + 5):
            possible = {world[which] for world in found}
            assert not possible <= set(range(1, FEWEST)), (shown, which, possible)
    assert any(shown.total is not None for shown in worlds) and any(shown.empty for shown in worlds)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40)), st.integers(0, 99), st.integers(0, 99))
def test_no_number_below_five_is_ever_shown(counts: dict[str, int], taken: int, reported: int) -> None:
    total = sum(counts.values())
    shown = quarters.shown(counts, "abcdefgh", taken=min(taken, total), minutes=3, reported=min(reported, total))
    numbers = [*(count for _, count in shown.kinds), shown.rest, shown.total, shown.reported]
    assert all(number >= FEWEST for number in numbers if number is not None)
    if shown.total is not None:
        assert shown.total == total == sum(count for _, count in shown.kinds) + (shown.rest or 0)
    assert Shown.from_json(shown.to_json()) == shown


def test_eight_of_two_kinds_are_not_told_for_they_would_be_four_of_each() -> None:
    shown = quarters.shown({"a": 9, "b": 4, "c": 4}, "abc", taken=17, minutes=3, reported=8)
    assert (shown.kinds, shown.rest, shown.total, shown.reported) == ((("a", 9),), None, None, None)
    shown = quarters.shown({"a": 9, "b": 4, "c": 4}, "abcd", taken=17, minutes=3, reported=8)
    assert (shown.rest, shown.total, shown.reported) == (8, 17, 8)


def test_a_quarter_is_reckoned_once_and_what_changes_later_shows_nowhere(desk: Desk) -> None:
    quarter = Quarter(2026, 3)
    now = datetime(2026, 10, 1, 6, 30, tzinfo=UTC)
    inside = datetime(2026, 9, 30, 23, 59, tzinfo=ZONE)
    flags = [Flag(inside.astimezone(UTC), lines=(("taken", 9),)) for _ in range(6)]
    outside = [Flag(datetime(2026, 10, 1, tzinfo=ZONE).astimezone(UTC))] * 9
    with desk.database.transaction() as session:
        desk.fill(session, [*flags, *outside])
        first = quarterly.of(desk.work(session, now), quarter)
    assert (first.kinds, first.minutes) == ((("threat", 6),), 9)
    with desk.database.transaction() as session:
        session.add(Incident(imminence="past", category="threat", reporter_id=1, details={},
                             raised_at=inside.astimezone(UTC), sent_at=inside.astimezone(UTC)))  # fmt: skip
        session.flush()
        assert quarterly.of(desk.work(session, now), quarter) == first
        assert session.exec(select(QuarterFigures.quarter)).all() == ["2026-Q3"]
