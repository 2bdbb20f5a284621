"""What is old of the risk guide, of promises and of the watch list goes; what is promised or watched still stays."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from bot.admin import purge
from storage.database import Database
from storage.tables import Assessment, Deadline, Measure, Meeting, RiskCase, RiskVersion, Watch
from tests.admin.conftest import LONG_AGO, meeting
from tests.admin.test_purge import BEFORE, RECENT, all_holds


def version(session: Session, at: datetime, mark: str) -> RiskVersion:
    """A version of the guide."""
    row = RiskVersion(version="1", digest=mark, content={"version": "1"}, kept_at=at)
    session.add(row)
    session.flush()
    return row


def case(session: Session, by: RiskVersion, at: datetime = LONG_AGO, of: Meeting | None = None) -> RiskCase:
    """A case that was assessed then."""
    row = RiskCase(meeting_id=of.id if of else None, title="Hemligt ärende", level="high", created_by=1, created_at=at)
    session.add(row)
    session.flush()
    session.add(
        Assessment(case_id=row.id or 0, version_id=by.id or 0, answers={"sort": {"1": "high"}}, roles=["chief"],
                   sorted="high", started_by=1, started_at=at, decided_by=1, decided_at=at)
    )  # fmt: skip
    session.flush()
    return row


def measure(session: Session, of: RiskCase, at: datetime = LONG_AGO, *, open_: bool = False) -> Measure:
    """Something promised for a case, with its reminder."""
    row = Measure(text="Hemlig åtgärd", owner_id=1, due_at=at, case_id=of.id, made_by=1, made_at=at)
    if not open_:
        row.state, row.ended_by, row.ended_at = "done", 1, at
    session.add(row)
    session.flush()
    session.add(Deadline(kind="measure", subject=row.id or 0, step="due", due_at=at, state="done"))
    return row


def watch(session: Session, of: RiskCase | None, ended: datetime | None) -> Watch:
    """An issue, with its reminder."""
    row = Watch(title="Hemlig fråga", level="low", owner_id=1, look_at=LONG_AGO, case_id=of.id if of else None,
                created_by=1, created_at=LONG_AGO, ended_at=ended)  # fmt: skip
    session.add(row)
    session.flush()
    session.add(Deadline(kind="watch", subject=row.id or 0, step="", due_at=LONG_AGO, state="done"))
    return row


def test_what_is_over_goes_and_what_is_promised_or_watched_still_stays_with_what_it_is_for(house: Database) -> None:
    with house.transaction() as session:
        old, new = version(session, LONG_AGO, "a" * 32), version(session, RECENT, "b" * 32)
        council = meeting(session)
        meeting(session, RECENT)
        over, promised = case(session, old, of=council), case(session, old, of=council)
        watched, fresh = case(session, old), case(session, new, RECENT)
        measure(session, over)
        measure(session, promised, open_=True)
        measure(session, fresh, RECENT)
        watch(session, watched, None)
        watch(session, over, LONG_AGO)
        watch(session, None, RECENT)
        kept = [promised.id, watched.id, fresh.id]
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.exec(select(RiskCase.id).order_by(col(RiskCase.id))).all() == kept
        assert session.exec(select(Assessment.case_id).order_by(col(Assessment.case_id))).all() == kept
        assert session.exec(select(Measure.case_id).order_by(col(Measure.id))).all() == [kept[0], kept[2]]
        assert session.exec(select(Watch.id).order_by(col(Watch.id))).all() == [1, 3]
        assert set(session.exec(select(RiskCase.meeting_id))) == {None}, "the meeting itself is gone"
        assert len(session.exec(select(Meeting)).all()) == 1
        subjects = select(Deadline.kind, Deadline.subject).where(col(Deadline.kind).in_(("measure", "watch")))
        assert set(session.exec(subjects)) == {("measure", 2), ("measure", 3), ("watch", 1), ("watch", 3)}
    all_holds(house)


def test_a_version_of_the_guide_that_no_result_stands_on_goes(house: Database) -> None:
    with house.transaction() as session:
        case(session, version(session, LONG_AGO, "a" * 32))
        used = version(session, LONG_AGO, "b" * 32)
        case(session, used, RECENT)
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.exec(select(RiskVersion.digest)).all() == ["b" * 32]
    all_holds(house)
