"""Lets each meeting have the steps of its plans: planned once, moved with it, called off with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.plans import plan as plans
from bot.plans.plan import DATA, Plan, Step
from bot.services import occasions
from bot.services.work import Work
from storage import deadlines
from storage.tables import Briefing, Deadline, Meeting

DEADLINE = "briefing"
GRACE = timedelta(minutes=5)  # what was moved by hand past the time when it helps still goes
UNDONE = ("planned", "held")
AFTERWARDS = timedelta(
    days=60
)  # how long after an occasion its steps are still looked at; the longest plan has 30 days
AT_ONCE = 200  # meetings looked at together: a press must not wait for a thousand


def of_meeting(work: Work, meeting: Meeting, moved_by: timedelta = timedelta()) -> None:
    """Bring its steps in line with the plans and with its time."""
    of_meetings(work, [meeting], moved_by)


def of_meetings(work: Work, meetings: Sequence[Meeting], moved_by: timedelta = timedelta()) -> None:
    """The same for many, with one look at what there is."""
    known: dict[int, dict[tuple[str, str], Briefing]] = {occasions.id_of(meeting): {} for meeting in meetings}
    for row in work.session.exec(select(Briefing).where(col(Briefing.meeting_id).in_(known))):
        known[row.meeting_id][row.plan, row.step] = row
    new: list[tuple[Briefing, Step]] = []
    times: list[Briefing] = []
    for meeting in meetings:
        mine = known[occasions.id_of(meeting)]
        wanted = {(plan.name, step.key): step for plan, step in _wanted(work, meeting)}
        for key, step in wanted.items():
            if key in mine:
                times += _retimed(work, meeting, mine[key], step, moved_by)
            elif (made := _new(work, meeting, *key, step)) is not None:
                new.append((made, step))
        for key in mine.keys() - wanted.keys():
            _call_off(work, mine[key], "plan" if meeting.cancelled_at is None else "meeting")
    work.session.add_all([row for row, _ in new])
    work.session.flush()
    times += [row for row, step in new if not step.posted]
    retimed = {id_of(row) for row in times}
    times += _unpromised(work, [row for mine in known.values() for row in mine.values() if row.id not in retimed])
    deadlines.promise_many(work.session, DEADLINE, "", {id_of(row): row.due_at for row in times})


def _unpromised(work: Work, rows: Sequence[Briefing]) -> list[Briefing]:
    """What was for the morning's post, and is a message by the plan as it is now."""
    planned = [(row, step_of(work, row)) for row in rows if row.state == "planned"]
    messages = [row for row, step in planned if step is not None and not step.posted]
    waiting = (Deadline.kind == DEADLINE, Deadline.state == "waiting")
    query = select(Deadline.subject).where(*waiting, col(Deadline.subject).in_([row.id for row in messages]))
    promised = set(work.session.exec(query)) if messages else set()
    return [row for row in messages if row.id not in promised]


def _wanted(work: Work, meeting: Meeting) -> Iterator[tuple[Plan, Step]]:
    if meeting.cancelled_at is None:
        for plan in work.house.plans.of(meeting.kind):
            # A whole day has no hour to count from; the days of the data file are told when they begin.
            timed = not meeting.whole_day or meeting.kind in DATA
            yield from ((plan, step) for step in plan.steps if timed or step.hours is None)


def _new(work: Work, meeting: Meeting, plan: str, step_key: str, step: Step) -> Briefing | None:
    """Its row; None for what would no longer help. What is late because the meeting is new comes at once."""
    at, until = _times(work, meeting, step)
    if until <= work.now:
        return None
    return Briefing(
        meeting_id=occasions.id_of(meeting), plan=plan, step=step_key, due_at=max(at, work.now), helps_until=until
    )


def _times(work: Work, meeting: Meeting, step: Step) -> tuple[datetime, datetime]:
    zone = work.house.zone
    return plans.due(step, meeting.starts_at, zone), plans.helps_until(step, meeting.starts_at, zone)


def _retimed(work: Work, meeting: Meeting, row: Briefing, step: Step, moved_by: timedelta) -> list[Briefing]:
    """The row, if it is to go out at another time than was promised. What was moved by hand moves along."""
    revived = row.state == "cancelled" and row.reason in ("meeting", "plan")
    at, until = _times(work, meeting, step)
    if revived:
        row.state, row.reason, row.moved = "planned", "", False
    if left_out(row) and at > work.now:
        row.state, row.reason = "planned", ""  # at another time its condition may be met
    _reopened(work, row, step, at, until)
    if row.state not in UNDONE:
        return []
    if row.moved:
        at = row.due_at + moved_by
    row.helps_until = max(until, at + GRACE) if row.moved else until
    late = at < row.due_at <= work.now  # it was late already when it was planned, and comes as soon as it can
    if (at == row.due_at or late) and not revived:
        return []
    row.due_at = max(at, work.now)
    work.session.add(row)
    return [row] if row.state == "planned" and not step.posted else []


def _reopened(work: Work, row: Briefing, step: Step, at: datetime, until: datetime) -> None:
    """What the unit was to do, or has done, on the day itself is to be done again when that day is another one now."""
    if row.state == "open":
        row.helps_until = until
    near = step.posted and (row.state == "open" or (row.state == "done" and step.days >= 0))
    day, before = (moment.astimezone(work.house.zone).date() for moment in (at, row.due_at))
    if near and at > work.now and day != before:
        row.state, row.reason, row.acted_by, row.acted_at = "planned", "", None, None


def _call_off(work: Work, row: Briefing, why: str) -> None:
    if row.state in (*UNDONE, "open") or left_out(row):
        row.state, row.reason = "cancelled", why
        work.session.add(row)
        deadlines.call_off(work.session, id_of(row), DEADLINE)


def left_out(row: Briefing) -> bool:
    """Whether it did not go because its condition was not met."""
    return (row.state, row.reason) == ("skipped", "condition")


def everything(work: Work, after: int = 0) -> int:
    """Bring some meetings' steps in line, from the one after this id on. Returns the last one if there may be more."""
    query = select(Meeting).where(col(Meeting.id) > after, col(Meeting.starts_at) > work.now - AFTERWARDS)
    some = work.session.exec(query.order_by(col(Meeting.id)).limit(AT_ONCE)).all()
    of_meetings(work, some)
    return occasions.id_of(some[-1]) if len(some) == AT_ONCE else 0


def step_of(work: Work, row: Briefing) -> Step | None:
    """Its step in the plan as the plan is now; None when the plan no longer has it."""
    plan = work.house.plans.get(row.plan)
    return plan.step(row.step) if plan is not None else None


def of(work: Work, meeting: Meeting) -> list[Briefing]:
    """A meeting's steps, in the order of their times."""
    query = select(Briefing).where(Briefing.meeting_id == meeting.id)
    return list(work.session.exec(query.order_by(col(Briefing.due_at), col(Briefing.id))))


def id_of(row: Briefing) -> int:
    """Its number."""
    assert row.id is not None
    return row.id
