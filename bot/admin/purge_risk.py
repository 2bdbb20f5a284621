"""Removes what is long over of the risk guide, of what was promised, and of the watch list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, or_, update
from sqlmodel import Session, col, select

from bot.admin.purge_rows import Counts, gone, ids, portions
from bot.services import measures, watch_list
from storage.tables import Assessment, Deadline, Measure, Meeting, RiskCase, RiskVersion, Watch


def risk(session: Session, before: datetime) -> Counts:
    """Cases of meetings that are long over or of none, issues watched no longer, measures that ended long ago.

    What somebody has promised and not done stays, with what it is for; so does an issue that is watched.
    """
    counts = _measures(session, and_(col(Measure.state) != "open", col(Measure.ended_at) < before))
    counts += _watches(session, before)
    counts += _cases(session, before)
    unused = ~exists().where(col(Assessment.version_id) == RiskVersion.id)
    return counts + gone(session, RiskVersion, and_(col(RiskVersion.kept_at) < before, unused))


def _measures(session: Session, which: Any) -> Counts:
    counts: Counts = Counter()
    for numbers in portions(ids(session, select(Measure.id).where(which))):
        counts += _deadlines(session, measures.DEADLINE, numbers)
        counts += gone(session, Measure, col(Measure.id).in_(numbers))
    return counts


def _watches(session: Session, before: datetime) -> Counts:
    counts: Counts = Counter()
    promised = exists().where(col(Measure.watch_id) == Watch.id)
    for numbers in portions(ids(session, select(Watch.id).where(col(Watch.ended_at) < before, ~promised))):
        counts += _deadlines(session, watch_list.DEADLINE, numbers)
        counts += gone(session, Watch, col(Watch.id).in_(numbers))
    return counts


def _cases(session: Session, before: datetime) -> Counts:
    counts: Counts = Counter()
    meetings = select(Meeting.id).where(col(Meeting.starts_at) < before)
    over = or_(
        col(RiskCase.meeting_id).in_(meetings),
        and_(col(RiskCase.meeting_id).is_(None), col(RiskCase.created_at) < before),
    )
    lately = exists().where(
        col(Assessment.case_id) == RiskCase.id,
        or_(col(Assessment.started_at) >= before, col(Assessment.decided_at) >= before),
    )
    watched = exists().where(col(Watch.case_id) == RiskCase.id)
    promised = exists().where(col(Measure.case_id) == RiskCase.id)
    for numbers in portions(ids(session, select(RiskCase.id).where(over, ~lately, ~watched, ~promised))):
        counts += gone(session, Assessment, col(Assessment.case_id).in_(numbers))
        counts += gone(session, RiskCase, col(RiskCase.id).in_(numbers))
    return counts


def _deadlines(session: Session, kind: str, numbers: Sequence[int]) -> Counts:
    return gone(session, Deadline, and_(col(Deadline.kind) == kind, col(Deadline.subject).in_(numbers)))


def forget_meetings(session: Session, numbers: Sequence[int]) -> None:
    """What stays of these meetings, for it is promised or watched still, no longer says which it was for."""
    for table in (RiskCase, Measure):
        pointing: Any = col(table.meeting_id)
        session.execute(update(table).where(pointing.in_(numbers)).values(meeting_id=None))
