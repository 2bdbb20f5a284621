"""Hand over the duty now: a colleague is asked, with what is open, and has it from the own press on."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from bot import turns
from bot.commands import AskToTakeOver
from bot.services import duty, sending
from bot.services import duty_plan as plan
from bot.services import duty_words as words
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from bot.turns import Turn
from storage import deadlines
from storage.tables import Deadline, Person

PATIENCE = timedelta(minutes=15)  # then whoever asked hears that nobody has taken over yet


@performs(AskToTakeOver, Right.UNIT)
def ask(work: Work, actor: Actor, command: AskToTakeOver) -> None:
    """Ask a colleague. The duty stays where it is until the colleague presses."""
    duty.alone(work)
    now = _own(work, actor, command.shift)
    heir = duty.members(work).get(command.to)
    if heir is None:
        raise Already("duty.not_unit", who=words.name(work, command.to))
    if command.to == now.person or not duty.reachable(work, heir) or duty.is_away(work, command.to, [_this(work)]):
        raise Already("duty.cannot_now", who=heir.name)
    deadlines.promise(work.session, plan.ASKED, now.row, str(command.to), work.now + PATIENCE)
    voice = work.voice(heir)
    press = voice.button("duty.button.take_over", str(Act("duty_over", now.row)))
    holder = words.name(work, now.person)
    asked = voice.say("duty.take_over", press, who=holder, until=voice.time(now.ends_at))
    sending.to_person(work, heir, words.with_incidents(work, voice, asked), "notice")
    key = "duty.asked_over" if now.person == actor.id else "duty.asked_over_for"
    said = work.voice(actor.person).say(key, to=heir.name, who=holder)
    sending.to_account(work, actor.account, said, "answer")


def _own(work: Work, actor: Actor, shift: int) -> Turn:
    """The shift under way, if the person may hand it over. Raises Already."""
    now = duty.current(work)
    if now is None:
        raise Already("duty.no_list")
    if now.row != shift or (now.person != actor.id and not actor.chief):
        raise Already("duty.has_it", who=words.name(work, now.person))
    return now


def _this(work: Work) -> Turn:
    """This very moment."""
    return Turn(turns.NOBODY, work.now, work.now + timedelta(seconds=1))


@on_number("duty_over", Right.UNIT)
def take_over(work: Work, actor: Actor, shift: int, _: str) -> None:
    """ "Jag tar över": the shift is split at this moment, and both are told."""
    duty.alone(work)
    now = duty.current(work)
    if now is None:
        raise Already("duty.gone_shift")
    if now.person == actor.id:
        raise Already("duty.yours_already")
    if now.row != shift or not _was_asked(work, actor, shift):
        raise Already("duty.has_it", who=words.name(work, now.person))
    if duty.is_away(work, actor.id, [_this(work)]):
        raise Already("duty.you_are_away")
    plan.add(work, actor.id, work.now, now.ends_at, "handover")
    deadlines.call_off(work.session, shift, plan.ASKED)
    mine = turns.at(turns.by_person(duty.held(work)), work.now) or now
    begins = words.begins(work, actor.person, mine)
    work.toast = begins.fallback
    sending.replace_pressed(work, actor.account, begins)
    voice = work.voice(work.session.get_one(Person, now.person))
    words.say(work, now.person, voice.say("duty.ends", who=actor.person.name), "notice")
    plan.ring(work)


def _was_asked(work: Work, actor: Actor, shift: int) -> bool:
    """Whether the colleague was asked, and nobody has taken over since."""
    asked = select(Deadline.state).where(
        Deadline.kind == plan.ASKED, Deadline.subject == shift, Deadline.step == str(actor.id)
    )
    return any(state != "void" for state in work.session.exec(asked))


def nobody_yet(work: Work, row: Deadline) -> None:
    """Whoever asked was told that the duty stays; once more, for they may believe that it has moved."""
    now = duty.current(work)
    if now is None or now.row != row.subject:
        return
    voice = work.voice(work.session.get_one(Person, now.person))
    again = voice.button("duty.button.hand_over", str(Act("duty_hand", 0)))
    words.say(work, now.person, voice.say("duty.not_over", again, who=words.name(work, int(row.step))), "notice")
