"""What a meeting's level leads to: steps of its plans that depend on it."""

from __future__ import annotations

from bot.plans.plan import Step
from bot.services import planner, risk_cases
from bot.services.work import Work
from storage import deadlines
from storage.tables import Briefing, Meeting

ONLY = {"raised": risk_cases.RAISED, "high": ("high",)}  # a step's condition, and the levels that meet it


def holds(work: Work, step: Step, meeting: Meeting) -> bool:
    """Whether the meeting has the level that the step is for."""
    return risk_cases.level_of(work, meeting) in ONLY[step.only]


def may_come(work: Work, step: Step, row: Briefing) -> bool:
    """Whether it goes out by the level as it is, where it depends on one."""
    return step.only not in ONLY or holds(work, step, work.session.get_one(Meeting, row.meeting_id))


def changed(work: Work, meeting: Meeting) -> None:
    """A step that was left out because the level was too low is planned again, if it still helps."""
    for row in planner.of(work, meeting):
        step = planner.step_of(work, row)
        if step is None or step.only not in ONLY or not planner.left_out(row):
            continue
        if row.helps_until <= work.now or not holds(work, step, meeting):
            continue
        row.state, row.reason, row.due_at = "planned", "", max(row.due_at, work.now)
        row.acted_at = row.acted_by = None
        work.session.add(row)
        if not step.posted:
            deadlines.promise(work.session, planner.DEADLINE, planner.id_of(row), "", row.due_at)


def agenda_changed(work: Work, meeting: Meeting) -> int:
    """New cases are to be sorted too, also where all had been. Returns how many there are."""
    new = risk_cases.unsorted(work, meeting)
    for row in planner.of(work, meeting) if new else ():
        step = planner.step_of(work, row)
        if step is not None and step.opens == "risk" and row.state == "done" and row.helps_until > work.now:
            row.state = "open" if row.due_at <= work.now else "planned"
            row.acted_by = row.acted_at = None
            work.session.add(row)
    return new
