"""Whatever the chain: each step runs once unless it is stopped, nothing runs after that, and no restart matters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from bot.catalogue import Catalogue
from bot.messages import Phone
from bot.services import chains
from bot.services.after import Elapsed
from bot.services.escalation_plan import load
from bot.services.hours import StaffedHours
from bot.services.steps import AlertStep
from bot.services.work import House, Work
from storage import deadlines
from storage.database import Database
from storage.tables import Deadline
from tests.conftest import Fresh
from tests.services.test_escalation_plan import ZONE
from tests.storage.conftest import KEY

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KIND = "test_chain"
HOUSE = House(
    name="Lönnköping", zone=ZONE, languages=("sv",), public_number=Phone("+46846500410"), night_number=None,
    hours=StaffedHours.parse("dygnet runt"), catalogue=Catalogue(), plan=load(),
)  # fmt: skip
numbers = count(1)


class Watched:
    """What a chain watches over, and which steps of it ran."""

    def __init__(self) -> None:
        self.frozen: dict[int, chains.Frozen] = {}
        self.over: set[int] = set()
        self.ran: list[tuple[int, int, datetime]] = []
        self.breaks = False

    def run(self, work: Work, subject: int, place: int, data: dict[str, Any]) -> None:
        if self.breaks:
            raise RuntimeError
        assert AlertStep.from_json(data).to_json() == data
        self.ran.append((subject, place, work.now))


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    found = Watched()
    sort = chains.Sort(
        KIND,
        frozen=lambda _, subject: found.frozen[subject],
        waits=lambda _, subject: subject in found.frozen and subject not in found.over,
        run=found.run,
        subjects=lambda _: sorted(set(found.frozen) - found.over),
    )
    monkeypatch.setitem(chains.SORTS, KIND, sort)
    return found


@pytest.fixture
def opened(tmp_path: Path, fresh: Fresh) -> Iterator[list[Database]]:
    """The database, which a restart opens anew."""
    holder = [Database(fresh(tmp_path), [KEY])]
    yield holder
    holder[0].close()


def restart(opened: list[Database]) -> None:
    url = opened[0].url
    opened[0].close()
    opened[0] = Database(url, [KEY])


def begin(opened: list[Database], watched: Watched, minutes: list[int], now: datetime) -> int:
    """Start a chain with steps at these minutes."""
    subject = next(numbers)
    steps = [AlertStep(Elapsed(timedelta(minutes=at)), "nudge") for at in minutes]
    with opened[0].transaction() as session:
        watched.frozen[subject] = chains.start(Work(session, now, HOUSE), KIND, subject, steps, now)
    return subject


def catch_up(opened: list[Database], now: datetime) -> None:
    """What the clock does."""

    def one(session: Session) -> bool:
        row = deadlines.due(session, now)
        if row is not None:
            chains.step_due(Work(session, now, HOUSE), row.kind, row.subject, row.step)
            deadlines.done(row, now)
        return row is not None

    more = True
    while more:
        with opened[0].transaction() as session:
            more = one(session)


moments = st.lists(st.integers(1, 300), min_size=1, max_size=6, unique=True).map(sorted)
acts = st.lists(
    st.one_of(st.just("restart"), st.just("press"), st.just("stop"), st.just("again"), st.integers(1, 90)), max_size=14
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments, acts)
def test_each_step_runs_once_in_order_unless_it_is_stopped_whatever_happens_meanwhile(
    opened: list[Database], watched: Watched, minutes: list[int], doings: list[int | str]
) -> None:
    now = base = NOW
    subject, stopped = begin(opened, watched, minutes, now), False
    watched.ran.clear()
    wanted: list[tuple[int, int]] = []
    for act in doings:
        match act:
            case "restart":
                restart(opened)
            case "press":  # what it waits for comes, and nobody calls it off: the next step does
                watched.over.add(subject)
                stopped = True
            case "stop":
                with opened[0].transaction() as session:
                    chains.stop(Work(session, now, HOUSE), KIND, subject)
                stopped = True
            case "again":  # it is waited for anew, from now
                watched.over.discard(subject)
                steps = [AlertStep(Elapsed(timedelta(minutes=at)), "nudge") for at in minutes]
                with opened[0].transaction() as session:
                    watched.frozen[subject] = chains.start(Work(session, now, HOUSE), KIND, subject, steps, now)
                base, stopped = now, False
            case int(amount):
                before, now = now, now + timedelta(minutes=amount)
                due = [n for n, at in enumerate(minutes) if before < base + timedelta(minutes=at) <= now]
                wanted += [] if stopped else [(subject, n) for n in due]
                catch_up(opened, now)
    assert [(number, place) for number, place, _ in watched.ran] == wanted
    watched.over.add(subject)  # the next example has the database to itself
    catch_up(opened, now + timedelta(days=1))


def test_a_step_whose_doing_fails_has_not_run_and_is_still_there(opened: list[Database], watched: Watched) -> None:
    begin(opened, watched, [1], NOW)
    watched.breaks = True
    with pytest.raises(RuntimeError):
        catch_up(opened, NOW + timedelta(minutes=1))
    watched.breaks = False
    catch_up(opened, NOW + timedelta(minutes=1))
    assert len(watched.ran) == 1


def test_a_chain_that_begins_anew_and_is_shorter_leaves_nothing_of_the_longer(
    opened: list[Database], watched: Watched
) -> None:
    subject = begin(opened, watched, [1, 2, 3], NOW)
    with opened[0].transaction() as session:
        short = [AlertStep(Elapsed(timedelta(minutes=5)), "nudge")]
        watched.frozen[subject] = chains.start(Work(session, NOW, HOUSE), KIND, subject, short, NOW)
        session.flush()
        waiting = select(Deadline.step).where(Deadline.subject == subject, Deadline.state == "waiting")
        assert session.exec(waiting.where(Deadline.kind == KIND)).all() == ["0"]
    catch_up(opened, NOW + timedelta(hours=1))
    assert [place for _, place, _ in watched.ran] == [0]


def test_what_is_frozen_says_when_each_step_runs_as_its_deadline_does(opened: list[Database], watched: Watched) -> None:
    subject = begin(opened, watched, [4, 9], NOW)
    with Session(opened[0].engine) as session:
        rows = session.exec(select(Deadline).where(Deadline.kind == KIND, Deadline.subject == subject)).all()
    assert {int(row.step): row.due_at for row in rows} == {
        place: chains.due_at(step) for place, step in enumerate(watched.frozen[subject])
    }
