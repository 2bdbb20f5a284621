"""Somebody of the unit is away: their shifts are covered at once and offered to the others; and is back again."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile

from sqlmodel import col, select

from bot import turns
from bot.commands import BeAway, BeBack
from bot.messages import Message
from bot.services import duty, duty_covers, sending
from bot.services import duty_plan as plan
from bot.services import duty_words as words
from bot.services.doing import Already, NotAllowed, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.turns import Turn
from storage import deadlines
from storage.tables import Absence, Person, Shift


@performs(BeAway, Right.UNIT)
def be_away(work: Work, actor: Actor, command: BeAway) -> None:
    """From now or then until then: never is nobody on duty because of it."""
    duty.alone(work)
    starts, ends = _checked(work, actor, command)
    absence = Absence(person_id=command.person, starts_at=starts, ends_at=ends, created_at=work.now)
    work.session.add(absence)
    work.session.flush()
    mended = plan.mend(work)
    plan.ring(work)
    covers = [duty.as_turn(shift) for person, shift in mended.covers if person == command.person]
    _confirm(work, actor, absence, covers)
    duty_covers.announce(work, mended)


def _checked(work: Work, actor: Actor, command: BeAway) -> tuple[datetime, datetime]:
    """The time that is left of it. Raises NotAllowed, Already."""
    if command.person != actor.id and not actor.chief:
        raise NotAllowed
    if command.person not in duty.members(work):
        raise Already("duty.not_unit", who=words.name(work, command.person))
    starts, ends = command.starts_at, command.ends_at
    if starts is None or ends is None or ends <= starts or ends <= work.now:
        raise Already("duty.past")
    return max(starts, work.now), ends


def _confirm(work: Work, actor: Actor, absence: Absence, covers: list[Turn]) -> None:
    gone = work.session.get_one(Person, absence.person_id)
    sending.to_account(work, actor.account, _receipt(work, actor.person, gone, absence, covers), "answer")
    if gone.id != actor.id:
        sending.to_person(work, gone, _receipt(work, gone, gone, absence, covers), "info")


def _receipt(work: Work, reader: Person, gone: Person, absence: Absence, covers: list[Turn]) -> Message:
    """That it is written down, and who has which shift until somebody takes it."""
    voice = work.voice(reader)
    span = words.span(work, voice, duty.as_turn(absence))
    title = voice.say("duty.away_yours" if gone.id == reader.id else "duty.away_of", who=gone.name, span=span)
    if not covers:
        return Message((*title.parts, voice.paragraph("duty.no_shift_then")))
    return Message((*title.parts, voice.paragraph("duty.covered"), words.whose(work, voice, covers)))


@performs(BeBack, Right.UNIT)
def be_back(work: Work, actor: Actor, command: BeBack) -> None:
    """An absence is over, or will not be: what was only covered is the owner's again; what somebody took stays so."""
    duty.alone(work)
    absence = work.session.get(Absence, command.absence)
    if absence is None or absence.ends_at <= work.now:
        raise Already("duty.gone_absence")
    if absence.person_id != actor.id and not actor.chief:
        raise NotAllowed
    before = duty.held(work)
    for row in _covers_of(work, duty.as_turn(absence)):
        deadlines.call_off(work.session, row.id or 0, plan.OFFER, plan.ASKED)
        _over(work, row)
    gone = work.session.get_one(Person, absence.person_id)
    _over(work, absence)
    work.session.flush()
    mended = plan.mend(work)
    plan.ring(work)
    sending.to_account(work, actor.account, work.voice(actor.person).say("duty.back_noted"), "answer")
    words.tell_new_turns(work, before, "duty.back", who=gone.name)
    was = turns.at(before, work.now)
    words.tell_change(work, was.person if was else None, turns.at(turns.by_person(duty.held(work)), work.now))
    duty_covers.announce(work, mended)


def _covers_of(work: Work, absence: Turn) -> list[Shift]:
    """The shifts that stand only because the person is away then."""
    query = select(Shift).where(Shift.ends_at > work.now).order_by(col(Shift.id).desc())
    rows = list(work.session.exec(query))
    found: dict[int, Shift] = {}
    for turn in duty.held(work):
        below = [row for row in rows if (row.id or 0) <= turn.row and row.starts_at <= turn.starts_at < row.ends_at]
        covers = list(takewhile(lambda row: row.cause == "cover", below))
        owner = below[len(covers)].person_id if len(below) > len(covers) else 0
        if owner == absence.person and turn.within(absence.starts_at, absence.ends_at):
            found |= {row.id or 0: row for row in covers}
    return list(found.values())


def _over(work: Work, row: Shift | Absence) -> None:
    """It ends now; what has not begun yet is as if it had never been."""
    if row.starts_at < work.now:
        row.ends_at = work.now
    else:
        work.session.delete(row)
