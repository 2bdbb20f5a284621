"""Removes what is long over of the calendar."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import and_, update
from sqlmodel import Session, col, select

from bot.admin.purge_risk import forget_meetings
from bot.admin.purge_rows import Counts, but_newest, gone, ids, portions
from bot.services import calendar_files, planner
from storage.tables import AgendaItem, Alert, Briefing, Deadline, Incident, Meeting, MeetingEntry, Run


def meetings(session: Session, before: datetime) -> Counts:
    """Meetings that are long over, with their cases and steps; what was sent or flagged no longer says which."""
    counts: Counts = Counter()
    for numbers in portions(but_newest(session, Meeting, select(Meeting.id).where(col(Meeting.starts_at) < before))):
        forget_meetings(session, numbers)
        for table in (Alert, Run, Incident):
            pointing: Any = col(table.meeting_id)
            session.execute(update(table).where(pointing.in_(numbers)).values(meeting_id=None))
        steps = ids(session, select(Briefing.id).where(col(Briefing.meeting_id).in_(numbers)))
        session.execute(update(Alert).where(col(Alert.briefing_id).in_(steps)).values(briefing_id=None))
        counts += gone(
            session, Deadline, and_(col(Deadline.kind) == planner.DEADLINE, col(Deadline.subject).in_(steps))
        )
        counts += gone(session, Briefing, col(Briefing.id).in_(steps))
        counts += gone(session, AgendaItem, col(AgendaItem.meeting_id).in_(numbers))
        counts += gone(session, MeetingEntry, col(MeetingEntry.meeting_id).in_(numbers))
        counts += gone(session, Meeting, col(Meeting.id).in_(numbers))
    read = (col(Deadline.kind) == calendar_files.DEADLINE, col(Deadline.state) != "waiting")
    return counts + gone(session, Deadline, and_(*read, col(Deadline.due_at) < before))
