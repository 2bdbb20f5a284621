"""A shift that its owner offers to the others: who presses first has it, and until then it stays where it is."""

from __future__ import annotations

from bot import turns
from bot.commands import OfferShift
from bot.messages import Message, Part
from bot.services import duty, sending
from bot.services import duty_plan as plan
from bot.services import duty_words as words
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from bot.turns import NOBODY, Turn
from storage import deadlines
from storage.tables import Person, Shift


@performs(OfferShift, Right.UNIT)
def offer(work: Work, actor: Actor, command: OfferShift) -> None:
    """Ask one colleague, or all, whether they take what is left of a shift."""
    duty.alone(work)
    parts = _own(work, actor, command.shift)
    owner = work.session.get_one(Person, parts[0].person)
    asked = _asked(work, owner, command.to, parts)
    plan.offer(work, work.session.get_one(Shift, command.shift), command.to)
    for person in asked:
        voice = work.voice(person)
        spans = words.spans(work, voice, parts)
        said = voice.say("duty.offered", who=owner.name, spans=spans)
        sending.to_person(work, person, Message(said.parts, words.take_buttons(voice, parts[:1])), "info")
    _confirm(work, actor, owner, asked[0].name if command.to else "", parts)


def _own(work: Work, actor: Actor, shift: int) -> list[Turn]:
    """What is left of a shift that the person may offer: the own, for the chief anybody's. Raises Already."""
    parts = duty.left_of(work, shift)
    if not parts:
        raise Already("duty.gone_shift")
    if parts[0].person != actor.id and not actor.chief:
        raise Already("duty.not_yours", who=words.name(work, parts[0].person))
    return parts


def _asked(work: Work, owner: Person, to: int, parts: list[Turn]) -> list[Person]:
    """Whom the offer goes to. Raises Already when they cannot take it."""
    unit = duty.members(work)
    if to and to not in unit:
        raise Already("duty.not_unit", who=words.name(work, to))
    others = [person for number, person in unit.items() if number != owner.id and to in (NOBODY, number)]
    able = [p for p in others if duty.reachable(work, p) and not duty.is_away(work, p.id or 0, parts)]
    if not able:
        raise Already("duty.cannot_then", who=unit[to].name) if to else Already("duty.nobody_else")
    return able


def _confirm(work: Work, actor: Actor, owner: Person, to: str, parts: list[Turn]) -> None:
    """It stays the owner's until somebody takes it, and that is said."""
    voice = work.voice(actor.person)
    values = {"to": to or voice.word("duty.everybody"), "who": owner.name, "spans": words.spans(work, voice, parts)}
    keep = voice.button("duty.button.keep", str(Act("duty_keep", parts[0].row)))
    said = voice.say("duty.offer_sent" if owner.id == actor.id else "duty.offer_sent_for", keep, **values)
    sending.to_account(work, actor.account, said, "answer")
    if owner.id != actor.id:
        theirs = work.voice(owner)
        told = theirs.say("duty.offered_for_you", who=actor.person.name, spans=words.spans(work, theirs, parts))
        sending.to_person(work, owner, told, "info")


@on_number("duty_keep", Right.UNIT)
def keep(work: Work, actor: Actor, shift: int, _: str) -> None:
    """ "Behåll passet": it is offered to nobody any more."""
    duty.alone(work)
    parts = _own(work, actor, shift)
    if not plan.offers(work, shift):
        raise Already("engine.already")
    deadlines.call_off(work.session, shift, plan.OFFER)
    voice = work.voice(actor.person)
    owner = words.name(work, parts[0].person)
    said = voice.say("duty.kept", who=owner, spans=words.spans(work, voice, parts))
    sending.replace_pressed(work, actor.account, said)


@on_number("duty_take", Right.UNIT)
def take(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Jag tar passet": the first press wins; a later one hears who has it."""
    duty.alone(work)
    shift = work.session.get(Shift, number)
    if shift is None:
        raise Already("duty.gone_shift")
    parts = duty.left_of(work, number)
    offered = any(row.step in (str(NOBODY), str(actor.id)) for row in plan.offers(work, number))
    if not offered or not parts or parts[0].person == actor.id:
        _too_late(work, actor, shift)
        return
    if duty.is_away(work, actor.id, parts):
        raise Already("duty.you_are_away")
    owner = parts[0].person
    for part in parts:
        plan.add(work, actor.id, part.starts_at, part.ends_at, "swap")
    deadlines.call_off(work.session, number, plan.OFFER, plan.ASKED)
    plan.ring(work)
    _taken(work, actor, owner, parts)


def _taken(work: Work, actor: Actor, owner: int, parts: list[Turn]) -> None:
    voice = work.voice(actor.person)
    _replace(work, actor, voice.say("duty.you_took", spans=words.spans(work, voice, parts)))
    if parts[0].starts_at > work.now:
        theirs = work.voice(work.session.get_one(Person, owner))
        spans = words.spans(work, theirs, parts)
        words.say(work, owner, theirs.say("duty.was_taken", who=actor.person.name, spans=spans), "info")
    else:
        words.tell_change(work, owner, turns.at(turns.by_person(duty.held(work)), work.now))


def _too_late(work: Work, actor: Actor, shift: Shift) -> None:
    """Why it cannot be taken; nothing has changed."""
    voice = work.voice(actor.person)
    now = turns.at(duty.held(work), max(work.now, shift.starts_at))
    if now is None or shift.ends_at <= work.now:
        said = voice.say("duty.gone_shift")
    elif now.person == actor.id:
        said = voice.say("duty.yours_already")
    else:
        key = "duty.not_offered" if now.row == shift.id else "duty.taken_by"
        said = voice.say(key, who=words.name(work, now.person))
    _replace(work, actor, said)


def _replace(work: Work, actor: Actor, said: Message) -> None:
    """What came of the press, where it was pressed, and what else is free."""
    work.toast = said.fallback
    free = free_for(work, actor)
    voice = work.voice(actor.person)
    more: tuple[Part, ...] = (voice.paragraph("duty.more_free"), words.whose(work, voice, free)) if free else ()
    buttons = words.take_buttons(voice, free) if free else ()
    sending.replace_pressed(work, actor.account, Message((*said.parts, *more), buttons))


def free_for(work: Work, actor: Actor) -> list[Turn]:
    """What the person could take now: of each offered shift the first part that is left."""
    held = duty.held(work)
    found = []
    for row in plan.offers(work):
        part = next((turn for turn in held if turn.row == row.subject), None)
        if part is None or row.step not in (str(NOBODY), str(actor.id)) or part in found:
            continue
        if part.person != actor.id and not duty.is_away(work, actor.id, [part]):
            found.append(part)
    return found


@on_number("duty_free", Right.UNIT)
def free(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Se lediga pass"."""
    shifts = free_for(work, actor)
    voice = work.voice(actor.person)
    if not shifts:
        sending.to_account(work, actor.account, voice.say("duty.none_free"), "answer")
        return
    parts = (voice.title("duty.free"), words.whose(work, voice, shifts))
    sending.to_account(work, actor.account, Message(parts, words.take_buttons(voice, shifts)), "answer")
