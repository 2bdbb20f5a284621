"""The chair's decision on a security check at one meeting: written down, with who and when; nobody is searched by it.

Lag (2010:294), prop. 2009/10:117: only where a crime is feared that seriously endangers life, health or freedom, or
much property; for a certain meeting; decided by its chair after consulting the police, who lead the check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.catalogue import Voice
from bot.commands import DecideCheck
from bot.flows.meeting_day import Checking
from bot.messages import Button, Line
from bot.services import attending, chair_steps, meeting_entries, occasions, order_book, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.meeting_entries import DECISION, STATUS
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Meeting, MeetingEntry


@on_number("check", Right.LINKED)
def begin(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Säkerhetskontroll"."""
    _open(work, actor, number)
    talks.start(work, actor, "check", Checking(number, occasions.is_chair(actor)))


def _open(work: Work, actor: Actor, number: int) -> Meeting:
    """One that the person leads, and that takes place still. Raises Already."""
    meeting = occasions.led(work, actor, number, to_change=True)
    if meeting.cancelled_at is not None:
        raise Already("day.cancelled", time=work.voice(actor.person).when(meeting.cancelled_at))
    if order_book.is_over(work, meeting):
        raise Already("day.past")
    return meeting


@performs(DecideCheck, Right.LINKED)
def decide(work: Work, actor: Actor, command: DecideCheck) -> None:
    """It takes the place of the decision before, which stays in what happened."""
    meeting = _open(work, actor, command.meeting)
    by_chair = command.by_chair and occasions.is_chair(actor)
    row = meeting_entries.add(
        work, meeting, DECISION, actor.id, yes=command.yes, grounds=list(command.grounds), by_chair=by_chair,
        police_at=command.police_at.isoformat(),
    )  # fmt: skip
    voice = work.voice(actor.person)
    said = voice.say("check.kept_yes" if command.yes else "check.kept_no", _to_day(voice, meeting),
                     meeting=occasions.line(voice, meeting))  # fmt: skip
    sending.to_account(work, actor.account, said, "answer")
    _tell_unit(work, actor, meeting, row)


def _to_day(voice: Voice, meeting: Meeting) -> Button:
    return voice.button("button.day", str(Act("day", occasions.id_of(meeting))))


def _tell_unit(work: Work, actor: Actor, meeting: Meeting, row: MeetingEntry) -> None:
    """Whoever is on duty hears what somebody else has written down; the chair too, whose decision it is."""
    chairs = chair_steps.chairs(work) if not row.body["by_chair"] else []
    for person in {one.id: one for one in (*attending.whom(work), *chairs)}.values():
        if person.id != actor.id:
            voice = work.voice(person)
            said = voice.say("check.told", _to_day(voice, meeting), meeting=occasions.line(voice, meeting))
            sending.to_person(work, person, replace(said, notice=voice.line("check.notice")), "notice")


def lines(work: Work, voice: Voice, meeting: Meeting) -> Iterator[Line]:
    """The decision that counts: yes or no, the police, what is feared, who wrote it down and when."""
    moved = [row.id or 0 for row in meeting_entries.of(work, meeting, STATUS) if not row.body["status"]]
    rows = [row for row in meeting_entries.of(work, meeting, DECISION) if (row.id or 0) > max(moved, default=0)]
    if rows:  # it was for a certain meeting: one that was moved to another day needs another
        row = rows[-1]
        yield voice.line("check.is_yes" if row.body["yes"] else "check.is_no")
        grounds = ", ".join(voice.word(f"check.ground.{name}") for name in row.body["grounds"])
        asked = voice.when(datetime.fromisoformat(row.body["police_at"]))
        yield voice.line("check.basis", asked=asked, grounds=grounds)
        key = "check.by_chair" if row.body["by_chair"] else "check.for_chair"
        yield voice.line(key, who=meeting_entries.who(work, row), time=voice.when(row.at))


def in_short(voice: Voice, row: MeetingEntry) -> str:
    """What was decided, among what happened."""
    return voice.word("check.log_yes" if row.body["yes"] else "check.log_no")
