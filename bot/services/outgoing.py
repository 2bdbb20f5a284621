"""What goes out by itself, in the unit's hands: one list; each step shown, moved, held, left out, sent, reworded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.catalogue import LANGUAGES, Voice
from bot.commands import MoveBriefing, RewordBriefing
from bot.flows.meeting import OneBriefing
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Title
from bot.plans.plan import Step
from bot.services import (
    alerts,
    audience,
    briefing_views,
    briefings,
    calendar,
    occasions,
    planner,
    sending,
    talks,
    terse,
)
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage import deadlines
from storage.tables import Briefing, Meeting, Person

AHEAD = timedelta(days=30)
PAGE = 6  # steps in one message
NAMED = 8  # people named as out of reach


@on_number("outgoing", Right.UNIT)
def listed(work: Work, actor: Actor, start: int, meeting: str) -> None:
    """The next thirty days; or all the steps of one meeting, with what already went."""
    message = page(work, actor, start, int(meeting) if meeting.isdecimal() else 0)
    if start:
        sending.replace_pressed(work, actor.account, message)
    else:
        sending.to_account(work, actor.account, message, "answer")


def page(work: Work, actor: Actor, start: int, meeting: int) -> Message:
    """What goes out, to whom and why; a page at a time."""
    found = _of_one(work, actor, meeting) if meeting else ahead(work, work.now + AHEAD)
    start = start if start < len(found) else 0
    voice, shown = work.voice(actor.person), found[start : start + PAGE]
    key = "outgoing.of_one" if meeting else "outgoing.title"
    parts: list[Part] = [voice.title(key if found else "outgoing.none", count=len(found))]
    parts += [Fields(tuple(_row(work, voice, number, row) for number, row in enumerate(shown, start + 1)))] * bool(
        shown
    )
    buttons = [
        (Button(voice.word("outgoing.show", number=number), str(Act("brief", planner.id_of(row)))),)
        for number, row in enumerate(shown, start + 1)
    ]
    if start + PAGE < len(found):
        buttons.append((voice.button("button.later_ones", str(Act("outgoing", start + PAGE, str(meeting or "")))),))
    return Message(tuple(parts), tuple(buttons))


def ahead(work: Work, until: datetime) -> list[Briefing]:
    """What has not gone out and is due before then, the next one first."""
    return [row for row in undone(work, until) if stands(work, row)]


def undone(work: Work, until: datetime) -> list[Briefing]:
    """The same with what is not needed as things are."""
    waiting = col(Briefing.state).in_(("planned", "held", "open"))
    query = select(Briefing).where(waiting, col(Briefing.due_at) < until)
    return list(work.session.exec(query.order_by(col(Briefing.due_at), col(Briefing.id))))


def stands(work: Work, row: Briefing) -> bool:
    """Whether its plan has it still, and its condition is met as things are."""
    step = planner.step_of(work, row)
    return step is not None and briefings.holds(work, step, work.session.get_one(Meeting, row.meeting_id))


def _of_one(work: Work, actor: Actor, number: int) -> list[Briefing]:
    return planner.of(work, occasions.find(work, actor, number))


def _row(work: Work, voice: Voice, number: int, row: Briefing) -> tuple[str, Line]:
    """ "2. Ta emot dem som kommer": when, to how many of whom, for what."""
    said, meeting = briefing_views.saying(work, voice, row), work.session.get_one(Meeting, row.meeting_id)
    head = voice.word("outgoing.one", number=number, at=voice.time(row.due_at))
    line: Line = (said.title, ". ", *_to(work, voice, row, meeting), " ", *_why(work, voice, row, meeting))
    if row.state == "planned":
        return head, (*line, *calendar.depends(voice, row, planner.step_of(work, row)))
    return head, (*line, " ", *calendar.state(work, voice, row))


def _to(work: Work, voice: Voice, row: Briefing, meeting: Meeting) -> Line:
    step = planner.step_of(work, row)
    if step is None:
        return ()
    if step.posted:
        return voice.line("outgoing.to_post")
    count = len(_readers(work, row, step, meeting)) if row.state in ("planned", "held") else 0
    whom = voice.word(f"outgoing.to.{step.to}")
    return voice.line("outgoing.to", whom=whom, count=count) if count else voice.line("outgoing.to_whom", whom=whom)


def _readers(work: Work, row: Briefing, step: Step, meeting: Meeting) -> list[audience.Reader]:
    key = ("readers", row.id)
    if key not in work.once:
        work.once[key] = briefings.readers(work, row, step, meeting)
    found: list[audience.Reader] = work.once[key]
    return found


def _why(work: Work, voice: Voice, row: Briefing, meeting: Meeting) -> Line:
    plan = work.house.plans.get(row.plan)
    called = plan.called(voice.language) if plan is not None else row.plan
    return voice.line("outgoing.why", plan=called, meeting=occasions.short(voice, meeting))


def find(work: Work, number: int) -> Briefing:
    """The step; nobody else changes it until this transaction is over. Raises NotFound."""
    row = work.session.get(Briefing, number, with_for_update=True)
    if row is None:
        raise NotFound
    return row


def in_state(row: Briefing, *states: str) -> None:
    """Raises Already where it is in none of these."""
    if row.state not in states:
        raise Already(f"step.already.{row.state}")


@on_number("brief", Right.UNIT)
def show(work: Work, actor: Actor, number: int, _: str) -> None:
    """One step."""
    sending.to_account(work, actor.account, card(work, actor, find(work, number)), "answer")


def card(work: Work, actor: Actor, row: Briefing) -> Message:
    """How it stands, when it goes, to whom and why, who will not get it; and what can be done with it."""
    voice, meeting = work.voice(actor.person), work.session.get_one(Meeting, row.meeting_id)
    said, step = briefing_views.saying(work, voice, row), planner.step_of(work, row)
    parts: list[Part] = [Title((said.title,)), Paragraph(calendar.state(work, voice, row))]
    parts.append(Paragraph((*_to(work, voice, row, meeting), " ", *_why(work, voice, row, meeting))))
    if row.acted_by is not None:
        who = work.session.get_one(Person, row.acted_by).name
        parts.append(voice.paragraph("outgoing.by", who=who, time=voice.when(row.acted_at or work.now)))
    if step is not None and not step.posted and row.state in ("planned", "held"):
        parts += _missed(work, voice, _readers(work, row, step, meeting))
    return Message(tuple(parts), tuple((button,) for button in _buttons(work, actor, row, step)))


def _missed(work: Work, voice: Voice, readers: list[audience.Reader]) -> list[Part]:
    """Who cannot be reached, and why."""
    missed = [reader for reader in readers if reader.account is None]
    names = [
        voice.word("board.unreached_one", name=work.session.get_one(Person, reader.person).name,
                   why=voice.word(f"unreached.{reader.unreached}"))
        for reader in missed[:NAMED]
    ]  # fmt: skip
    more = voice.word("board.and_more", count=len(missed) - NAMED) if len(missed) > NAMED else ""
    return [voice.paragraph("board.unreached", names=", ".join(names), more=more)] if names else []


def _buttons(work: Work, actor: Actor, row: Briefing, step: Step | None) -> list[Button]:
    voice, number = work.voice(actor.person), planner.id_of(row)
    if step is None:
        return []
    if step.posted:
        names = {"planned": ["brief_done", "brief_skip"], "open": ["brief_done", "brief_skip"],
                 "skipped": ["brief_back"], "done": ["brief_undo"]}  # fmt: skip
    else:
        ready = ["brief_show", "brief_send"]
        ready += ["brief_move", "brief_words"] if not work.terse(actor.account) else []
        names = {"planned": [*ready, "brief_hold", "brief_skip"], "held": [*ready, "brief_back", "brief_skip"],
                 "skipped": ["brief_show", "brief_back"], "sent": ["brief_show", "brief_board"]}  # fmt: skip
    wanted = names.get(row.state, [])
    found = [voice.button(f"button.{name}", str(Act(name, number))) for name in wanted if name != "brief_send"]
    if "brief_send" in wanted:
        count = sum(
            r.account is not None for r in _readers(work, row, step, work.session.get_one(Meeting, row.meeting_id))
        )
        label = voice.word("draft.send_one" if count == 1 else "draft.send", count=count)
        found[1:1] = [Button(label, str(Act("brief_send", number)))] if count else []
    if "brief_done" in wanted and step.ask == "done":
        found[0] = Button(step.in_(voice.language).button, found[0].token)
    return found


def _acted(work: Work, actor: Actor, row: Briefing) -> None:
    row.acted_by, row.acted_at = actor.id, work.now
    work.session.add(row)
    work.session.flush()


def _redraw(work: Work, actor: Actor, row: Briefing) -> None:
    sending.replace_pressed(work, actor.account, card(work, actor, row))


@on_number("brief_show", Right.UNIT)
def preview(work: Work, actor: Actor, number: int, _: str) -> None:
    """As each recipient will see it: in each language that one of them reads, and where only notices pass."""
    row = find(work, number)
    meeting, step = work.session.get_one(Meeting, row.meeting_id), planner.step_of(work, row)
    if step is None:
        raise Already("step.already.cancelled")
    readers = [reader for reader in audience.readers(work, briefings.whom(step, meeting)) if reader.account is not None]
    persons = [work.session.get_one(Person, reader.person) for reader in readers]
    spoken = {work.voice(person).language for person in persons} or {work.voice(actor.person).language}
    for language in (language for language in LANGUAGES if language in spoken):
        count = sum(work.voice(person).language == language for person in persons)
        _show_one(work, actor, row, meeting, step, language, count, bare=False)
    silent = [reader for reader in readers if reader.account is not None and reader.account.platform == "telegram"]
    if work.house.notices_only and silent:
        _show_one(work, actor, row, meeting, step, work.voice(actor.person).language, len(silent), bare=True)


def _show_one(work: Work, actor: Actor, row: Briefing, meeting: Meeting, step: Step, language: str, count: int, *,
              bare: bool) -> None:  # fmt: skip
    voice, mine = work.house.voice(language, work.now), work.voice(actor.person)
    message = Message(tuple(briefing_views.preview(work, voice, row, meeting)))
    if bare:
        message = terse.without_words(message, voice.line("terse.by_phone", phone=work.house.number_at(work.now)))
    labels = [voice.word("button.read")] if step.ask == "read" else []
    labels += [button.label for button in briefing_views.buttons(work, voice, row, meeting)]
    key = "outgoing.preview_bare" if bare else "outgoing.preview"
    head = mine.title(key, language=mine.word(f"outgoing.in.{language}"), count=count)
    inside = [Paragraph(part.line) if isinstance(part, Title) else part for part in message.parts]
    parts: list[Part] = [head, *inside, mine.paragraph("draft.buttons", labels=", ".join(labels))]
    sending.to_account(work, actor.account, Message(tuple(parts)), "answer")


@on_number("brief_send", Right.UNIT)
def send_now(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Skicka till 9 personer": now, once."""
    row = find(work, number)
    in_state(row, "planned", "held")
    if wrong := briefings.obstacle(work, row, by=actor.id):
        raise Already(f"step.not_sent.{wrong[1]}")
    row.due_at = work.now
    briefings.go(work, row, by=actor.id)
    work.toast = work.voice(actor.person).word("draft.sent_toast")
    _redraw(work, actor, row)


@on_number("brief_hold", Right.UNIT)
def hold(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Håll kvar": it does not go until somebody lets it."""
    row = find(work, number)
    in_state(row, "planned")
    row.state, row.reason = "held", ""
    deadlines.call_off(work.session, number, planner.DEADLINE)
    _acted(work, actor, row)
    _redraw(work, actor, row)


@on_number("brief_skip", Right.UNIT)
def skip(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Hoppa över": not this time; it can be taken back."""
    row = find(work, number)
    in_state(row, "planned", "held", "open")
    row.state, row.reason = "skipped", "hand"
    deadlines.call_off(work.session, number, planner.DEADLINE)
    _acted(work, actor, row)
    _redraw(work, actor, row)


@on_number("brief_back", Right.UNIT)
def back(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Låt den gå": as planned; at once if its time has come and it still helps."""
    row = find(work, number)
    in_state(row, "held", "skipped")
    if work.now >= row.helps_until:
        raise Already("step.too_late")
    row.state, row.reason = "planned", ""
    _acted(work, actor, row)
    _promise(work, row, row.due_at)
    _redraw(work, actor, row)


def _promise(work: Work, row: Briefing, at: datetime) -> None:
    row.due_at = max(at, work.now)
    work.session.add(row)
    step = planner.step_of(work, row)
    if step is not None and not step.posted and row.state == "planned":
        deadlines.promise(work.session, planner.DEADLINE, planner.id_of(row), "", row.due_at)


@on_number("brief_done", Right.UNIT)
def done(work: Work, actor: Actor, number: int, _: str) -> None:
    """What the unit was to do is done; that is all that chat says of it."""
    row = find(work, number)
    finish(work, actor, row)
    _redraw(work, actor, row)


@on_number("brief_undo", Right.UNIT)
def undo(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Ångra": it was not done after all."""
    row = find(work, number)
    unfinish(work, actor, row)
    _redraw(work, actor, row)


def unfinish(work: Work, actor: Actor, row: Briefing) -> None:
    """It is to be done again. Raises Already."""
    in_state(row, "done")
    row.state, row.reason = "open" if row.due_at <= work.now else "planned", ""
    _acted(work, actor, row)
    work.toast = work.voice(actor.person).word("step.undone_toast")


def finish(work: Work, actor: Actor, row: Briefing) -> None:
    """Note who did it. Raises Already."""
    in_state(row, "planned", "open")
    row.state, row.reason = "done", ""
    _acted(work, actor, row)
    work.toast = work.voice(actor.person).word("step.done_toast")


@on_number("brief_board", Right.UNIT)
def board(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Visa svar": who has read it, party by party; it stays current."""
    alert = briefings.alert_of(work, find(work, number))
    if alert is None:
        raise NotFound
    sending.post_of_alert(work, actor.account, alerts.id_of(alert), alerts.BOARD, "answer")


def _asking(flow: str) -> Callable[[Work, Actor, int, str], None]:
    def ask(work: Work, actor: Actor, number: int, _: str) -> None:
        row = find(work, number)
        in_state(row, "planned", "held")
        said = briefing_views.saying(work, work.voice(actor.person), row)
        bare = work.terse(actor.account)
        talks.start(work, actor, flow, OneBriefing(number, *(("", "") if bare else (str(said.title), str(said.text)))))

    return ask


on_number("brief_move", Right.UNIT)(_asking("brief_move"))  # "Flytta": when?
on_number("brief_words", Right.UNIT)(_asking("brief_words"))  # "Ändra orden": for this once


@performs(MoveBriefing, Right.UNIT)
def move(work: Work, actor: Actor, command: MoveBriefing) -> None:
    """At this time, which stands even when it is not what the plan says; it moves along with its meeting."""
    row = find(work, command.briefing)
    in_state(row, "planned", "held")
    if command.at <= work.now:
        raise Already("engine.past_time")
    row.moved, row.helps_until = True, max(row.helps_until, command.at + timedelta(minutes=5))
    _acted(work, actor, row)
    _promise(work, row, command.at)
    sending.to_account(work, actor.account, card(work, actor, row), "answer")


@performs(RewordBriefing, Right.UNIT)
def reword(work: Work, actor: Actor, command: RewordBriefing) -> None:
    """These words for this once, in the author's language for everybody."""
    row = find(work, command.briefing)
    in_state(row, "planned", "held")
    row.words = {**(row.words or {}), "hand": [" ".join(command.title.split()), command.text.strip()]}
    _acted(work, actor, row)
    sending.to_account(work, actor.account, card(work, actor, row), "answer")
