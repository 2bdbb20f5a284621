"""Meetings: called, moved, cancelled, given cases; who was briefed hears it. A broadcast can be for those of one."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.commands import CallMeeting, MoveMeeting, SetAgenda
from bot.flows.meeting import Inviting, OneMeeting
from bot.messages import Button, Message
from bot.services import (
    attending,
    audience,
    briefing_views,
    briefings,
    measure_acts,
    meeting_status,
    occasions,
    people,
    planner,
    risk_levels,
    sending,
    support_orders,
    talks,
    titles,
)
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Briefing, Meeting

AHEAD = timedelta(days=14)  # which ones a broadcast can be for
MOST = 60  # cases of one meeting


@on_number("new_meeting", Right.UNIT)
def begin(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Nytt möte"."""
    parties = tuple((party.id or 0, party.name) for party in people.parties(work.session))
    talks.start(work, actor, "meeting", Inviting(parties))


@performs(CallMeeting, Right.UNIT)
def call(work: Work, actor: Actor, command: CallMeeting) -> None:
    """Keep it, and plan what prepares for it. Nobody is told."""
    _to_come(work, command.at)
    row = Meeting(
        title=" ".join(command.title.split()), kind=command.kind, starts_at=command.at, place=_one_line(command.place),
        audience=audience.to_json(command.audience), created_by=actor.id, created_at=work.now,
    )  # fmt: skip
    keep(work, row)
    steps = planner.of(work, row)
    hurry = [step for step in steps if step.due_at <= work.now and _posted(work, step)]
    if hurry:  # the next post may be too late
        voice = work.voice(actor.person)
        titles = "; ".join(briefing_views.saying(work, voice, step).title for step in hurry)
        say(work, actor, row, "meeting.kept_hurry", titles=titles)
    else:
        say(work, actor, row, "meeting.kept_planned" if steps else "meeting.kept", count=len(steps))


def _posted(work: Work, row: Briefing) -> bool:
    step = planner.step_of(work, row)
    return (
        step is not None and step.posted and briefings.holds(work, step, work.session.get_one(Meeting, row.meeting_id))
    )


def keep(work: Work, row: Meeting) -> None:
    """Into the calendar, with the steps of its plans."""
    work.session.add(row)
    work.session.flush()
    planner.of_meeting(work, row)


def _one_line(text: str) -> str | None:
    return " ".join(text.split()) or None


def _to_come(work: Work, at: datetime) -> None:
    if at <= work.now:
        raise Already("engine.past_time")


def say(work: Work, actor: Actor, row: Meeting, key: str, **values: object) -> None:
    """An answer that names the meeting, with the way to it."""
    voice = work.voice(actor.person)
    show = voice.button("button.show", str(Act("occasion", occasions.id_of(row))))
    said = voice.say(key, show, title=(occasions.title(voice, row),), at=occasions.when(voice, row), **values)
    sending.to_account(work, actor.account, said, "answer")


@on_number("move_meeting", Right.LINKED)
def ask_when(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Flytta"."""
    row = _open(work, actor, number)
    talks.start(work, actor, "meeting_move", OneMeeting(number, told=len(briefings.briefed(work, row))))


@performs(MoveMeeting, Right.LINKED)
def move(work: Work, actor: Actor, command: MoveMeeting) -> None:
    """It begins then; what prepares for it moves along, and who was briefed hears it."""
    row = _open(work, actor, command.meeting)
    _to_come(work, command.at)
    told = change(work, row, command.at)
    say(work, actor, row, "meeting.moved_told" if told else "meeting.moved", count=told)


def change(work: Work, row: Meeting, at: datetime) -> int:
    """Move it. Returns how many were told."""
    moved_by, day_before = at - row.starts_at, row.starts_at.astimezone(work.house.zone).date()
    if not moved_by:
        return 0
    row.starts_at, row.ends_at = at, row.ends_at + moved_by if row.ends_at is not None else None
    work.session.add(row)
    work.session.flush()
    told = briefings.tell(work, row, "moved")
    attending.moved(work, row)
    meeting_status.moved(work, row, day_before)
    support_orders.renewed(work, row)
    measure_acts.moved(work, row)
    planner.of_meeting(work, row, moved_by)
    return told


def again(work: Work, row: Meeting) -> int:
    """It takes place after all. Returns how many were told."""
    row.cancelled_at = None
    work.session.add(row)
    work.session.flush()
    told = briefings.tell(work, row, "again")
    support_orders.renewed(work, row)
    planner.of_meeting(work, row)
    return told


@on_number("cancel_meeting", Right.LINKED)
def ask_cancel(work: Work, actor: Actor, number: int, sure: str) -> None:
    """ "Ställ in": asks once more, and says how many will be told."""
    row = _open(work, actor, number)
    told = len(briefings.briefed(work, row))
    voice = work.voice(actor.person)
    if not sure:
        yes = Button(voice.word("meeting.cancel_yes"), str(Act("cancel_meeting", number, "yes")))
        key = "meeting.cancel_sure" if told else "meeting.cancel_alone"
        said = voice.say(key, yes, title=(occasions.title(voice, row),), count=told)
        sending.to_account(work, actor.account, said, "answer")
        return
    cancel(work, row)
    key = "meeting.cancelled_told" if told else "meeting.cancelled"
    said = voice.say(key, title=(occasions.title(voice, row),), at=occasions.when(voice, row), count=told)
    sending.replace_pressed(work, actor.account, Message(said.parts))


def cancel(work: Work, row: Meeting) -> None:
    """It does not take place; it stays, with the time when that was said. Who was briefed hears it."""
    row.cancelled_at = work.now
    work.session.add(row)
    work.session.flush()
    briefings.tell(work, row, "cancelled")
    attending.cancelled(work, row)
    support_orders.cancelled(work, row)
    measure_acts.cancelled(work, row)
    planner.of_meeting(work, row)


@on_number("agenda", Right.UNIT)
def ask_agenda(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Ärenden": what stands there now is shown."""
    row = _open(work, actor, number)
    talks.start(work, actor, "agenda", OneMeeting(number, "\n".join(occasions.agenda(work, row))))


@performs(SetAgenda, Right.UNIT)
def set_agenda(work: Work, actor: Actor, command: SetAgenda) -> None:
    """These cases and no others."""
    row = _open(work, actor, command.meeting)
    words = titles.lines(command.text)[:MOST]
    occasions.set_agenda(work, row, words)
    new = risk_levels.agenda_changed(work, row)
    say(work, actor, row, "meeting.agenda_unsorted" if new else "meeting.agenda_kept", count=len(words), new=new)
    titles.warn(work, actor, words, Act("agenda", command.meeting))


def _open(work: Work, actor: Actor, number: int) -> Meeting:
    """One that the person may change, and that takes place. Raises NotFound, Already."""
    row = occasions.find(work, actor, number, to_run=True)
    if row.cancelled_at is not None:
        raise Already("meeting.cancelled_already")
    return row


def choices(work: Work, actor: Actor) -> tuple[tuple[int, str], ...]:
    """The meetings that a broadcast can be for: under way or soon. No titles where no words pass."""
    voice = work.voice(actor.person)
    found = occasions.coming(work, work.now - occasions.UNDER_WAY, work.now + AHEAD)
    bare = work.terse(actor.account)
    meetings = (row for row in found if not row.whole_day)
    return tuple((row.id or 0, voice.time(row.starts_at) if bare else occasions.label(voice, row)) for row in meetings)
