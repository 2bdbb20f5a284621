"""A promise with a time is kept once, can move, and can be called off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from storage import deadlines
from storage.database import Database
from storage.tables import Deadline

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.engine) as opened:
        yield opened


def test_nothing_is_due_before_its_time(session: Session) -> None:
    deadlines.promise(session, "escalate", 1, "0", NOW + MINUTE)
    assert deadlines.due(session, NOW) is None
    assert deadlines.nearest(session) == NOW + MINUTE
    row = deadlines.due(session, NOW + MINUTE)
    assert row is not None and (row.kind, row.subject, row.step) == ("escalate", 1, "0")


def test_the_earliest_is_due_first_and_of_two_at_once_the_one_that_was_promised_first(
    session: Session,
) -> None:
    for subject, at in ((1, NOW + MINUTE), (2, NOW), (3, NOW)):
        deadlines.promise(session, "escalate", subject, "0", at)
    order = []
    while row := deadlines.due(session, NOW + MINUTE):
        order.append(row.subject)
        deadlines.done(row, NOW)
        session.flush()
    assert order == [2, 3, 1]


def test_what_has_happened_does_not_happen_again(session: Session) -> None:
    deadlines.promise(session, "escalate", 1, "0", NOW)
    row = deadlines.due(session, NOW)
    assert row is not None
    deadlines.done(row, NOW)
    session.flush()
    assert deadlines.due(session, NOW + MINUTE) is None and deadlines.nearest(session) is None
    assert (row.state, row.done_at) == ("done", NOW)


def test_the_same_promise_again_moves_the_time_and_stays_one_row(session: Session) -> None:
    deadlines.promise(session, "escalate", 1, "0", NOW)
    deadlines.promise(session, "escalate", 1, "0", NOW + MINUTE)
    assert deadlines.due(session, NOW) is None
    assert len(session.exec(select(Deadline)).all()) == 1


def test_a_promise_that_was_kept_or_called_off_can_be_made_again(session: Session) -> None:
    for end in ("done", "void"):
        deadlines.promise(session, "escalate", 1, end, NOW)
        row = deadlines.due(session, NOW)
        assert row is not None
        row.attempts = 3
        if end == "done":
            deadlines.done(row, NOW)
        else:
            deadlines.call_off(session, 1, "escalate")
        session.flush()
        deadlines.promise(session, "escalate", 1, end, NOW + MINUTE)
        again = deadlines.due(session, NOW + MINUTE)
        assert again is row and (row.state, row.attempts, row.done_at) == ("waiting", 0, None)
        deadlines.done(row, NOW)
        session.flush()


def test_calling_off_ends_these_kinds_for_this_subject_and_nothing_else(session: Session) -> None:
    for kind, subject in (("escalate", 1), ("remind", 1), ("broken", 1), ("escalate", 2)):
        deadlines.promise(session, kind, subject, "0", NOW)
    deadlines.call_off(session, 1, "escalate", "remind")
    left = session.exec(select(Deadline).where(Deadline.state == "waiting")).all()
    assert sorted((row.kind, row.subject) for row in left) == [("broken", 1), ("escalate", 2)]


def test_calling_off_leaves_what_has_happened_as_it_was(session: Session) -> None:
    deadlines.promise(session, "escalate", 1, "0", NOW)
    row = deadlines.due(session, NOW)
    assert row is not None
    deadlines.done(row, NOW)
    session.flush()
    deadlines.call_off(session, 1, "escalate")
    session.refresh(row)
    assert row.state == "done"


@given(st.integers(0, 2000))
def test_what_met_an_error_is_tried_again_within_five_minutes_however_often_it_failed(attempts: int) -> None:
    row = Deadline(kind="k", subject=1, step="s", due_at=NOW, attempts=attempts)
    deadlines.failed(row, NOW)
    assert row.state == "waiting"
    assert timedelta(0) < row.due_at - NOW <= 5 * MINUTE


def test_what_met_an_error_waits_longer_each_time() -> None:
    row = Deadline(kind="k", subject=1, step="s", due_at=NOW)
    waits = []
    for _ in range(6):
        deadlines.failed(row, NOW)
        waits.append(row.due_at - NOW)
    assert waits == sorted(set(waits))
