"""`/kalender`: what comes, for whom it concerns; and one meeting with its cases and what prepares for it."""

from __future__ import annotations

from sqlmodel import select

from bot.catalogue import Voice
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Title, Words
from bot.plans.plan import Step
from bot.services import (
    attending,
    briefing_views,
    briefings,
    measures,
    meeting_status,
    occasions,
    order_views,
    planner,
    risk_cases,
    risk_levels,
    sending,
)
from bot.services.doing import on_number
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Briefing, Meeting, Receipt

PAGE = 6  # meetings in one message
CASES = 12  # that are shown of a meeting; the summons has them all


@on_number("calendar", Right.LINKED)
def listed(work: Work, actor: Actor, start: int, _: str) -> None:
    """What comes, a page at a time."""
    found = [row for row in occasions.coming(work, work.now - occasions.UNDER_WAY) if occasions.sees(actor, row)]
    start = start if start < len(found) else 0
    shown, voice = found[start : start + PAGE], work.voice(actor.person)
    bare = work.terse(actor.account)
    rows = tuple(_row(work, voice, actor, row) for row in shown)
    buttons = [_one(voice, row, bare=bare) for row in shown]
    if start + PAGE < len(found):
        buttons.append((voice.button("button.later_ones", str(Act("calendar", start + PAGE))),))
    buttons += _adding(voice, actor, bare=bare)
    key = "calendar.title" if found else "calendar.empty"
    parts: list[Part] = [voice.title(key, count=len(found))]
    parts += [Fields(rows)] if rows else []
    parts += [voice.paragraph("calendar.file")] if actor.unit and not bare else []
    message = Message(tuple(parts), tuple(buttons))
    if start:
        sending.replace_pressed(work, actor.account, message)
    else:
        sending.to_account(work, actor.account, message, "answer")


def _one(voice: Voice, row: Meeting, *, bare: bool) -> tuple[Button, ...]:
    """Its button; without the words of its title where none pass."""
    label = voice.short_day(row.starts_at) if bare else occasions.label(voice, row)
    return (Button(label, str(Act("occasion", row.id or 0))),)


def _row(work: Work, voice: Voice, actor: Actor, row: Meeting) -> tuple[str, Line]:
    at = occasions.when(voice, row)
    party = occasions.named_party(work, row)
    whose: Line = (f" ({party})",) if party and actor.unit else ()
    place: Line = (", ", Words(row.place)) if row.place else ()
    return at[0].upper() + at[1:], (occasions.title(voice, row), *whose, *place)


def _adding(voice: Voice, actor: Actor, *, bare: bool) -> list[tuple[Button, ...]]:
    names = [("new_meeting", "new_meeting")] if actor.unit and not bare else []
    names += [("outgoing", "outgoing")] if actor.unit else []
    names += [("new_event", "new_event")] if actor.contact_of and not bare else []
    return [(voice.button(f"button.{words}", str(Act(action, 0))),) for words, action in names]


@on_number("occasion", Right.LINKED)
def show(work: Work, actor: Actor, number: int, _: str) -> None:
    """One of them."""
    row = occasions.find(work, actor, number)
    sending.to_account(work, actor.account, card(work, actor, row), "answer")


def card(work: Work, actor: Actor, row: Meeting) -> Message:
    """When and where, its cases, and for the unit what prepares for it and how that stands."""
    voice = work.voice(actor.person)
    parts: list[Part] = [Title(occasions.line(voice, row))]
    if row.cancelled_at is not None:
        parts.append(voice.paragraph("meeting.is_cancelled", time=voice.when(row.cancelled_at)))
    if party := occasions.named_party(work, row):
        parts.append(voice.paragraph("calendar.party", party=party))
    if row.support:
        parts.append(voice.paragraph(f"event.state.{row.support}"))
    parts += [Paragraph(line) for line in order_views.lines(work, actor, row)]
    parts += _cases(voice, occasions.agenda(work, row))
    parts += _risk(work, voice, row) if actor.unit else []
    parts += _prepared(work, voice, row) if actor.unit else _unread(work, voice, actor, row)
    return Message(tuple(parts), tuple((button,) for button in _buttons(work, voice, actor, row)))


def _cases(voice: Voice, titles: list[str]) -> list[Part]:
    if not titles:
        return []
    lines: list[Part] = [voice.paragraph("calendar.cases", count=len(titles))]
    lines += [Paragraph((f"{n}. ", Words(title))) for n, title in enumerate(titles[:CASES], 1)]
    return [
        *lines,
        *([voice.paragraph("calendar.more_cases", count=len(titles) - CASES)] if len(titles) > CASES else []),
    ]


def _risk(work: Work, voice: Voice, row: Meeting) -> list[Part]:
    """The level that counts, and what is promised for the meeting itself."""
    level, new = risk_cases.level_of(work, row), risk_cases.unsorted(work, row)
    found: list[Part] = [voice.paragraph("risk.of_meeting", level=voice.word(f"risk.level.{level}"))] if level else []
    found += [voice.paragraph("risk.unsorted", count=new)] if new else []
    return found + [Paragraph(line) for line in measures.of_meeting(work, voice, row)]


def _prepared(work: Work, voice: Voice, row: Meeting) -> list[Part]:
    rows = []
    for step in planner.of(work, row):
        said = briefing_views.saying(work, voice, step)
        rows.append((said.title, state(work, voice, step)))
    return [voice.paragraph("calendar.prepared"), Fields(tuple(rows))] if rows else []


def state(work: Work, voice: Voice, row: Briefing) -> Line:
    """How a step stands, in a few words."""
    step = planner.step_of(work, row)
    alert = briefings.alert_of(work, row) if row.state == "sent" else None
    happened = alert.sent_at if alert is not None else row.acted_at if row.state == "done" else None
    values = {"at": voice.time(row.due_at), "day": voice.day(row.due_at), "time": voice.time(happened or row.due_at)}
    if row.state == "sent" and alert is not None:
        return (voice.word("step.sent", **values), *_answered(work, voice, alert.id or 0, alert.ask))
    posted = step is not None and step.posted and row.state == "planned"
    key = f"step.{row.state}_{row.reason}" if row.reason else f"step.{'posted' if posted else row.state}"
    said = voice.line(key if voice.catalogue.has(key) else f"step.{row.state}", **values)
    return (*said, *depends(voice, row, step))


def depends(voice: Voice, row: Briefing, step: Step | None) -> Line:
    """That it goes out at a certain level only, while that is to come."""
    if step is None or row.state != "planned" or step.only not in risk_levels.ONLY:
        return ()
    return voice.line(f"step.only_{step.only}")


def _answered(work: Work, voice: Voice, alert: int, ask: str) -> Line:
    answered, all_ = briefing_counts(work, alert)
    key = "step.read" if ask == "read" else "step.reached"
    return (" ", *voice.line(key, answered=answered, people=all_))


def briefing_counts(work: Work, alert: int) -> tuple[int, int]:
    """How many have read it, of how many."""
    found = work.session.exec(select(Receipt.answer).where(Receipt.alert_id == alert)).all()
    return sum(bool(answer) for answer in found), len(found)


def _unread(work: Work, voice: Voice, actor: Actor, row: Meeting) -> list[Part]:
    """What went out to others while this person had had enough that month: here it can be read."""
    parts: list[Part] = []
    for briefing in briefings.left_out(work, actor, row):
        said = briefing_views.saying(work, voice, briefing)
        parts.append(voice.paragraph("calendar.to_read", title=(said.title,)))
        parts += [Paragraph((type(said.text)(line),)) for line in said.text.split("\n") if line.strip()]
    return parts


def _buttons(work: Work, voice: Voice, actor: Actor, row: Meeting) -> list[Button]:
    number, bare = occasions.id_of(row), work.terse(actor.account)
    if row.cancelled_at is not None:
        return []
    found: list[Button] = []
    if occasions.leads(actor, row) and meeting_status.is_on(work, row):
        found.append(voice.button("button.day", str(Act("day", number))))
    if actor.unit and row.support == "asked":
        found += attending.answers(work, actor.person, row)
    if actor.unit and planner.of(work, row):
        found.append(voice.button("button.steps", str(Act("outgoing", 0, str(number)))))
    if not actor.unit:
        found += briefing_views.buttons(work, voice, next(iter(briefings.left_out(work, actor, row)), None), row)
    if actor.unit and occasions.agenda(work, row):
        found.append(voice.button("button.risk", str(Act("risk", number))))
    if actor.unit and not bare:
        found.append(voice.button("button.agenda", str(Act("agenda", number))))
    found += order_views.buttons(work, actor, row)
    if occasions.leads(actor, row) and not meeting_status.is_on(work, row) and row.starts_at > work.now:
        found.append(voice.button("button.check", str(Act("check", number))))  # it may be decided days before
    if occasions.runs(actor, row):
        found += [voice.button("button.move_meeting", str(Act("move_meeting", number)))] if not bare else []
        found.append(voice.button("button.cancel_meeting", str(Act("cancel_meeting", number))))
    return found
