"""Meetings: called, listed, cancelled; a broadcast can be for those of one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.commands import CallMeeting
from bot.flows.meeting import Inviting
from bot.messages import Button, Fields, Line, Message, Words
from bot.services import audience, people, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Meeting

BEFORE, AHEAD = timedelta(hours=12), timedelta(days=14)  # which ones a broadcast can be for
LABEL = 20  # characters of a title on a button


@on_number("meeting", Right.UNIT)
def listed(work: Work, actor: Actor, _: int, __: str) -> None:
    """What is coming, and a new one; with none, the questions of a new one."""
    found = _held(work, work.now)
    if not found:
        begin(work, actor, 0, "")
        return
    voice = work.voice(actor.person)
    rows: list[tuple[str, Line]] = []
    buttons: list[tuple[Button, ...]] = []
    for row in found[: talks.MOST]:
        at = voice.time(row.starts_at)
        rows.append((at[0].upper() + at[1:], (Words(row.title),)))
        buttons.append((Button(voice.word("meeting.cancel", number=row.id), str(Act("cancel_meeting", row.id or 0))),))
    if not work.terse(actor.account):
        buttons.append((voice.button("button.new_meeting", str(Act("new_meeting", 0))),))
    title = voice.title("meeting.coming", count=len(found))
    sending.to_account(work, actor.account, Message((title, Fields(tuple(rows))), tuple(buttons)), "answer")


@on_number("new_meeting", Right.UNIT)
def begin(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Nytt möte"."""
    parties = tuple((party.id or 0, party.name) for party in people.parties(work.session))
    talks.start(work, actor, "meeting", Inviting(parties))


@performs(CallMeeting, Right.UNIT)
def call(work: Work, actor: Actor, command: CallMeeting) -> None:
    """Keep it. Nobody is told."""
    if command.at <= work.now:
        raise Already("engine.past_time")
    row = Meeting(
        title=" ".join(command.title.split()), starts_at=command.at, audience=audience.to_json(command.audience),
        created_by=actor.id, created_at=work.now,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    voice = work.voice(actor.person)
    said = voice.say("meeting.kept", title=(Words(row.title),), at=voice.time(row.starts_at))
    sending.to_account(work, actor.account, said, "answer")


@on_number("cancel_meeting", Right.UNIT)
def cancel(work: Work, actor: Actor, number: int, _: str) -> None:
    """It does not take place; it stays, with the time when that was said."""
    row = work.session.get(Meeting, number, with_for_update=True)
    if row is None:
        raise NotFound
    if row.cancelled_at is not None:
        raise Already("meeting.cancelled_already")
    row.cancelled_at = work.now
    work.session.add(row)
    voice = work.voice(actor.person)
    said = voice.say("meeting.cancelled", title=(Words(row.title),), at=voice.time(row.starts_at))
    sending.replace_pressed(work, actor.account, said)


def choices(work: Work, actor: Actor) -> tuple[tuple[int, str], ...]:
    """The meetings that a broadcast can be for: under way or soon. No titles where no words pass."""
    voice = work.voice(actor.person)
    found = [row for row in _held(work, work.now - BEFORE) if row.starts_at <= work.now + AHEAD]
    bare = work.terse(actor.account)
    return tuple((row.id or 0, voice.time(row.starts_at) if bare else _named(work, row)) for row in found)


def _named(work: Work, row: Meeting) -> str:
    """ "Fullmäktige 30/11": the day tells meetings of the same name apart."""
    day = row.starts_at.astimezone(work.house.zone)
    title = row.title if len(row.title) <= LABEL else row.title[: LABEL - 1].rstrip() + "…"
    return f"{title} {day.day}/{day.month}"


def _held(work: Work, since: datetime) -> list[Meeting]:
    query = select(Meeting).where(col(Meeting.cancelled_at).is_(None), col(Meeting.starts_at) >= since)
    return list(work.session.exec(query.order_by(col(Meeting.starts_at), col(Meeting.id))))
