"""Draws a briefing: what it is, when and where, what is asked, who is on duty; and what one press leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.catalogue import Voice
from bot.messages import Button, Line, Paragraph, Part, Title, Words
from bot.services import advice_views, duty, occasions, planner, risk_cases
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Alert, Briefing, Meeting

CASES = 4  # that a briefing names
LATE = timedelta(minutes=15)  # what comes later than that says so


@dataclass(frozen=True)
class Saying:
    """What a briefing says to a reader."""

    title: str
    text: str
    checklist: str


def saying(work: Work, voice: Voice, briefing: Briefing) -> Saying:
    """By hand for this once, else as it was sent, else as the plan has it now; each in the reader's language."""
    kept = briefing.words or {}
    step = planner.step_of(work, briefing)
    said = kept.get("said", {})
    checklist = kept.get("checklist", step.checklist if step is not None else "")
    if "hand" in kept:
        return Saying(Words(kept["hand"][0]), Words(kept["hand"][1]), checklist)
    if said:
        title, text = said.get(voice.language) or next(iter(said.values()))
        return Saying(title, text, checklist)
    if step is None:
        return Saying(voice.word("briefing.gone"), "", "")
    words = step.in_(voice.language)
    return Saying(words.title, words.text, checklist)


def text_of(work: Work, voice: Voice, alert: Alert) -> tuple[str, str]:
    """Headline and text of what went out by a plan, or because a meeting was changed."""
    if alert.briefing_id is not None:
        said = saying(work, voice, work.session.get_one(Briefing, alert.briefing_id))
        return said.title, said.text
    return voice.word(f"briefing.{alert.change}"), ""


def parts(work: Work, voice: Voice, alert: Alert) -> list[Part]:
    """All but what is asked and answered."""
    meeting = work.session.get(Meeting, alert.meeting_id) if alert.meeting_id is not None else None
    if alert.briefing_id is None:
        return _changed(voice, alert, meeting)
    briefing = work.session.get_one(Briefing, alert.briefing_id)
    at = alert.sent_at or work.now
    late = alert.sent_at is not None and at - briefing.due_at > LATE
    return _said(work, voice, briefing, meeting, [voice.line("briefing.late", at=voice.time(briefing.due_at))] * late)


def preview(work: Work, voice: Voice, briefing: Briefing, meeting: Meeting) -> list[Part]:
    """The same of one that has not gone out."""
    return _said(work, voice, briefing, meeting, [])


def _said(work: Work, voice: Voice, briefing: Briefing, meeting: Meeting | None, late: list[Line]) -> list[Part]:
    said = saying(work, voice, briefing)
    lines: list[Line] = [occasions.line(voice, meeting)] if meeting is not None else []
    lines += [(type(said.text)(line),) for line in said.text.split("\n") if line.strip()]
    lines += _reasons(work, voice, briefing, meeting)
    lines += late
    lines.append(_on_duty(work, voice, meeting))
    return [Title((said.title,)), *(Paragraph(line) for line in lines)]


def _reasons(work: Work, voice: Voice, briefing: Briefing, meeting: Meeting | None) -> list[Line]:
    """The cases that raise the risk: by their names, which whoever sees the meeting reads; to the unit their levels."""
    step, kept = planner.step_of(work, briefing), (briefing.words or {}).get("cases")
    if step is None or not step.reasons or meeting is None:
        return []
    now = risk_cases.raised(work, meeting, listed=step.to != "unit") if kept is None else []
    cases = kept if kept is not None else [[case.title, case.level] for case in now]
    named: list[Line] = [(Words(title),) for title, _ in cases]
    if step.to == "unit":
        named = [(Words(title), f" ({voice.word(f'risk.level.{level}').lower()})") for title, level in cases]
    told = (
        named[:CASES] if len(named) <= CASES else [*named[:CASES], (voice.word("risk.more", count=len(named) - CASES),)]
    )
    joined = tuple(span for place, line in enumerate(told) for span in (*((", ",) if place else ()), *line))
    return [voice.line("risk.reasons", titles=joined)] if joined else []


def _on_duty(work: Work, voice: Voice, meeting: Meeting | None) -> Line:
    """Whom to call: whoever is on duty when it takes place, or now."""
    at = max(meeting.starts_at, work.now) if meeting is not None else work.now
    who, phone = duty.on_duty_at(work, at), work.house.number_at(at)
    return voice.line("briefing.duty", who=who.name, phone=phone) if who else voice.line("briefing.unit", phone=phone)


def _changed(voice: Voice, alert: Alert, meeting: Meeting | None) -> list[Part]:
    head = Title((voice.word(f"briefing.{alert.change}"),))
    if meeting is None:
        return [head]
    return [head, Paragraph(voice.line(f"briefing.{alert.change}_line", meeting=occasions.line(voice, meeting)))]


def buttons(work: Work, voice: Voice, briefing: Briefing | None, meeting: Meeting | None) -> list[Button]:
    """The right checklist, and a word to the unit."""
    found: list[Button] = []
    if briefing is not None:
        advice = work.house.library.get(saying(work, voice, briefing).checklist)
        found += [row[0] for row in advice_views.buttons(voice, [advice])] if advice is not None else []
    if meeting is not None and meeting.cancelled_at is None:
        found.append(voice.button("button.worried", str(Act("worried", occasions.id_of(meeting)))))
    return found


def buttons_of(work: Work, voice: Voice, alert: Alert) -> list[Button]:
    """The same for what went out."""
    briefing = work.session.get(Briefing, alert.briefing_id) if alert.briefing_id is not None else None
    meeting = work.session.get(Meeting, alert.meeting_id) if alert.meeting_id is not None else None
    return buttons(work, voice, briefing, meeting)
