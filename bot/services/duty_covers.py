"""Somebody cannot have their shifts: who covers is told, the others are asked, and the chief when there is nobody."""

from __future__ import annotations

from bot.messages import Message
from bot.services import duty, people, sending
from bot.services import duty_words as words
from bot.services.duty_plan import Mended
from bot.services.work import Work
from bot.turns import Turn
from storage.tables import Person


def announce(work: Work, mended: Mended) -> None:
    """Everybody whom it concerns hears it at once."""
    for gone in dict.fromkeys(person for person, _ in mended.covers if person):
        covers = [duty.as_turn(shift) for person, shift in mended.covers if person == gone]
        for number, person in duty.members(work).items():
            if number != gone:
                _tell(work, person, words.name(work, gone), covers)
    if mended.lacking:
        lacking(work, mended.lacking)


def _tell(work: Work, person: Person, gone: str, covers: list[Turn]) -> None:
    mine = [turn for turn in covers if turn.person == person.id]
    if mine:
        sending.to_person(work, person, _covering(work, person, gone, mine), _purpose(work, mine))
    others = [t for t in covers if t.person != person.id and not duty.is_away(work, person.id or 0, [t])]
    if others:
        voice = work.voice(person)
        said = voice.say("duty.offer_away", who=gone)
        asked = Message((*said.parts, words.whose(work, voice, others)), words.take_buttons(voice, others))
        sending.to_person(work, person, asked, _purpose(work, others))


def _purpose(work: Work, shifts: list[Turn]) -> str:
    """What is about this moment breaks quiet hours."""
    return "notice" if any(shift.starts_at <= work.now for shift in shifts) else "info"


def _covering(work: Work, person: Person, gone: str, mine: list[Turn]) -> Message:
    voice = work.voice(person)
    spans = words.spans(work, voice, mine)
    if mine[0].starts_at > work.now:
        return voice.say("duty.cover", words.list_button(voice), who=gone, spans=spans)
    said = voice.say("duty.cover_now", words.list_button(voice), who=gone, spans=spans)
    return words.with_incidents(work, voice, said)


def lacking(work: Work, times: list[Turn]) -> None:
    """Nobody can: the chief is asked to find somebody."""
    for chief in people.chiefs(work.session):
        voice = work.voice(chief)
        spans = words.spans(work, voice, times)
        said = voice.say("duty.lacking", words.list_button(voice), spans=spans)
        sending.to_person(work, chief, said, "notice")
