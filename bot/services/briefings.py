"""Briefings: a step of a plan whose time has come goes out, late where that still helps; and what a change leads to.

A briefing that goes out is a broadcast of its own: it has the same receipts and the same board.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlmodel import col, select

from bot.commands import Ask, Audience, Level, RoleKind, Task
from bot.plans.plan import DATA, Step
from bot.services import alerts, attention, audience, duty, occasions, people, planner, risk_cases, risk_levels
from bot.services.audience import Reader
from bot.services.rights import receipt_of
from bot.services.work import Work
from storage import deadlines
from storage.tables import Alert, Briefing, Deadline, Meeting, Person, Receipt, Role

DAY = 1440  # minutes within which an answer is asked for, at most
SOON = 15  # and at least
WHOM: dict[str, Audience] = {
    "unit": Audience((RoleKind.CHIEF, RoleKind.OFFICER)),
    "contacts": Audience((RoleKind.CONTACT,)),
    "officials": Audience((RoleKind.CONTACT, RoleKind.DEPUTY, RoleKind.OFFICIAL)),
    "election": Audience((RoleKind.HELPER,), tasks=(Task.ELECTION,)),
    "chair": Audience((RoleKind.HELPER,), tasks=(Task.CHAIR,)),
}


def due(work: Work, row: Deadline) -> None:
    """Its time has come. What was moved, held or sent meanwhile is left alone."""
    briefing = work.session.get(Briefing, row.subject, with_for_update=True)
    if briefing is not None and briefing.state == "planned" and briefing.due_at <= work.now:
        go(work, briefing)


def go(work: Work, briefing: Briefing, *, by: int | None = None) -> Alert | None:
    """Let it go out, or say why it did not. `by` is who sends it by hand, and then it is never too late."""
    meeting, step = work.session.get_one(Meeting, briefing.meeting_id), planner.step_of(work, briefing)
    wrong = obstacle(work, briefing, by=by)
    alert = _alert(work, briefing, step, meeting) if step is not None and not wrong else None
    if step is None or alert is None:
        _over(work, briefing, *(wrong or ("skipped", "nobody")))
        return None
    found = readers(work, briefing, step, meeting)
    _over(work, briefing, "sent", "", by)
    briefing.words, briefing.counts = snapshot(work, briefing, step), step.budget != "asked" and step.to != "unit"
    work.session.add(alert)
    work.session.flush()
    alerts.send(work, alert, found)
    return alert


def obstacle(work: Work, row: Briefing, *, by: int | None = None) -> tuple[str, str] | None:
    """Why it does not go out as things are: the state that it would get, and the reason."""
    meeting, step = work.session.get_one(Meeting, row.meeting_id), planner.step_of(work, row)
    if step is None:
        return "cancelled", "plan"
    if meeting.cancelled_at is not None:
        return "cancelled", "meeting"
    if work.now >= row.helps_until and by is None:
        return "missed", "late"
    if not holds(work, step, meeting):
        return "skipped", "condition"
    if any(reader.account for reader in readers(work, row, step, meeting)):
        return None
    return "skipped", _why_nobody(audience.readers(work, whom(step, meeting)))


def _why_nobody(meant: list[Reader]) -> str:
    """Nobody has the role; all have had enough; or nobody can be reached, which the chief must know."""
    if not meant:
        return "empty"
    return "budget" if any(reader.account for reader in meant) else "nobody"


def _over(work: Work, briefing: Briefing, state: str, reason: str, by: int | None = None) -> None:
    """It has gone, or will not; when, and by whom if by anybody."""
    briefing.state, briefing.reason, briefing.acted_at, briefing.acted_by = state, reason, work.now, by
    work.session.add(briefing)
    deadlines.call_off(work.session, planner.id_of(briefing), planner.DEADLINE)


def whom(step: Step, meeting: Meeting) -> Audience:
    """For whom a step is."""
    if step.to == "meeting":
        return Audience((), (), occasions.id_of(meeting))
    if step.to == "party":
        return Audience((RoleKind.CONTACT,), (meeting.party_id or 0,))
    parties = tuple(meeting.audience.get("parties", ()))
    if parties and step.to in ("contacts", "officials") and meeting.kind not in DATA:
        return replace(WHOM[step.to], parties=parties)  # a meeting of some parties is no other's
    return WHOM[step.to]


def readers(work: Work, briefing: Briefing, step: Step, meeting: Meeting) -> list[Reader]:
    """Who gets it now. What may be left out does not go to somebody who has had enough this month."""
    found = audience.readers(work, whom(step, meeting))
    if step.budget != "may" or step.to == "unit":
        return found
    left = attention.spare(work, {reader.person for reader in found})
    return [reader for reader in found if left[reader.person] > 0]


def holds(work: Work, step: Step, meeting: Meeting) -> bool:
    """Whether the step's condition is met."""
    match step.only:
        case "support":
            return meeting.support != ""
        case "unanswered":
            return meeting.support == "asked"
        case "agenda":
            return bool(occasions.agenda(work, meeting))
        case "raised" | "high":
            return risk_levels.holds(work, step, meeting)
        case _:
            return True


def snapshot(work: Work, briefing: Briefing, step: Step) -> dict[str, Any]:
    """What it says, kept with it: the file and the cases may change, what was sent does not."""
    said = {language: [words.title, words.text] for language, words in step.said}
    meeting = work.session.get_one(Meeting, briefing.meeting_id)
    named = risk_cases.raised(work, meeting, listed=step.to != "unit") if step.reasons else []
    cases = [[case.title, case.level] for case in named]
    return {**(briefing.words or {}), "said": said, "checklist": step.checklist, "cases": cases}


def _alert(work: Work, briefing: Briefing, step: Step, meeting: Meeting) -> Alert | None:
    """The broadcast; None when there is nobody in the unit in whose name it could go."""
    author = _author(work)
    if author is None:
        return None
    hand = (briefing.words or {}).get("hand")
    said = step.in_(work.house.languages[0])
    minutes = int((briefing.helps_until - work.now).total_seconds() // 60)
    ask = Ask.READ if step.ask == "read" else Ask.NOTHING
    return Alert(
        level=Level.INFORMATION, headline=hand[0] if hand else said.title, text=hand[1] if hand else said.text,
        audience=audience.to_json(whom(step, meeting)), ask=ask,
        minutes=min(max(minutes, SOON), DAY) if ask is Ask.READ else 0, meeting_id=meeting.id, briefing_id=briefing.id,
        author_id=author.id or 0, created_at=work.now,
    )  # fmt: skip


def _author(work: Work) -> Person | None:
    """In whose name it goes: the chief's, else whoever's is on duty."""
    return next(iter([*people.chiefs(work.session), *duty.in_turn(work)]), None)


def alert_of(work: Work, briefing: Briefing) -> Alert | None:
    """The broadcast that it went out as."""
    return work.session.exec(select(Alert).where(Alert.briefing_id == briefing.id)).first()


def tell(work: Work, meeting: Meeting, change: str) -> int:
    """Tell those who were briefed for it that it was moved or cancelled; each once. Returns how many."""
    author = _author(work)
    found = briefed(work, meeting)
    if author is None or not found:
        return 0
    voice = work.house.voice("", work.now)
    left = int((meeting.starts_at - work.now).total_seconds() // 60)
    whom_of = {"roles": [], "parties": [], "meeting": occasions.id_of(meeting)}
    alert = Alert(
        level=Level.INFORMATION, headline=voice.word(f"briefing.{change}"), text="", audience=whom_of, ask=Ask.READ,
        minutes=min(max(left, SOON), DAY), meeting_id=meeting.id, change=change, author_id=author.id or 0,
        created_at=work.now,
    )  # fmt: skip
    work.session.add(alert)
    work.session.flush()
    alerts.send(work, alert, found)
    return len(found)


def briefed(work: Work, meeting: Meeting) -> list[Reader]:
    """Who got something about it and has a role still (in the party, where it is a party's event), each once."""
    query = select(Receipt).join(Alert).where(Alert.meeting_id == meeting.id, Alert.state == "sent")
    here = select(Role.person_id).where(col(Role.ended_at).is_(None))
    if meeting.party_id is not None:
        here = here.where(Role.party_id == meeting.party_id)
    still = set(work.session.exec(here))
    receipts = {row.person_id: row for row in work.session.exec(query) if row.person_id in still}
    where = {spot.person_id: spot for spot in audience.spots(work, list(receipts))}
    return [_reader(receipts[person], where) for person in sorted(receipts)]


def _reader(receipt: Receipt, where: dict[int, audience.Spot]) -> Reader:
    spot = where.get(receipt.person_id)
    return Reader(receipt.person_id, receipt.party_id, spot, "" if spot else audience.NO_ACCOUNT)


def left_out(work: Work, actor: people.Actor, meeting: Meeting) -> Iterable[Briefing]:
    """What went out for it and is for this person too, who had had enough that month."""
    for row in planner.of(work, meeting):
        step = planner.step_of(work, row)
        if (
            step is None
            or row.state not in ("sent", "skipped")
            or row.reason not in ("", "budget")
            or step.to == "unit"
        ):
            continue
        alert = alert_of(work, row)
        got = alert is not None and receipt_of(work.session, alerts.id_of(alert), actor.id) is not None
        if not got and actor.id in {reader.person for reader in audience.readers(work, whom(step, meeting))}:
            yield row
