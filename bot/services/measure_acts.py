"""What is done with a measure: done, needed no more, put off, given to somebody else; each hears what concerns them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.commands import MoveMeasure
from bot.flows.promising import Handing, Putting
from bot.messages import Message, Words
from bot.services import by_when, measures, people, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotAllowed, Right
from bot.services.work import Work
from storage import deadlines
from storage.tables import Measure, Meeting, Person, RiskCase


def _open(work: Work, actor: Actor, number: int) -> Measure:
    row = measures.find(work, actor, number)
    if row.state != "open":
        who = work.session.get_one(Person, row.ended_by).name if row.ended_by else ""
        at = work.voice(actor.person).when(row.ended_at or row.due_at)
        raise Already(f"measure.already_{row.state}", who=who, time=at)
    return row


@on_number("measure_done", Right.LINKED)
def done(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Klart": whoever asked for it hears it."""
    row = _open(work, actor, number)
    _end(work, actor, row, "done")
    told = _tell_others(work, actor, row, "measure.told_done")
    work.toast = work.voice(actor.person).word("measure.done_toast_told" if told else "measure.done_toast")


def _tell_others(work: Work, actor: Actor, row: Measure, key: str, **times: datetime) -> int:
    """Whoever asked for it, and whoever's it is, hear what another did with it. Returns how many."""
    found = {row.made_by, row.owner_id} - {actor.id}
    for number in sorted(found):
        person = work.session.get_one(Person, number)
        values = {name: work.voice(person).time(at) for name, at in times.items()}
        _say(work, person, row, key, who=actor.person.name, **values)
    return len(found)


@on_number("measure_drop", Right.LINKED)
def drop(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Behövs inte": the unit says so; of a meeting that is cancelled its owner too."""
    row = _open(work, actor, number)
    if not actor.unit and not measures.is_off(work, row):
        raise NotAllowed
    _end(work, actor, row, "dropped")
    _tell_others(work, actor, row, "measure.told_dropped")


@on_number("measure_keep", Right.LINKED)
def keep(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Ja, det behövs", though the meeting is off."""
    row = _open(work, actor, number)
    voice = work.voice(actor.person)
    said = voice.say("measure.kept", text=(Words(row.text),), at=voice.time(row.due_at))
    sending.replace_pressed(work, actor.account, said)


@on_number("measure_give", Right.UNIT)
def ask_owner(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Ge till någon annan"."""
    row = _open(work, actor, number)
    others = measures.owners(work, row.owner_id)
    if not others:
        raise Already("measure.nobody_else", phone=work.house.number_at(work.now))
    talks.start(work, actor, "hand", Handing("measure", number, others))


def give(work: Work, actor: Actor, number: int, owner: int) -> None:
    """Somebody else does it; who had it and who gets it hear so."""
    row = _open(work, actor, number)
    heir, before = measures.owner_of(work, owner), work.session.get_one(Person, row.owner_id)
    _pass(work, row, heir)
    if before.id != actor.id and before.id != heir.id:
        _say(work, before, row, "measure.told_given", who=heir.name)
    if heir.id != actor.id:
        sending.to_person(work, heir, measures.asking(work, heir, row, "measure.yours"), "notice")
    said = work.voice(actor.person).say("measure.given", text=(Words(row.text),), who=heir.name)
    sending.to_account(work, actor.account, said, "answer")


def _pass(work: Work, row: Measure, heir: Person) -> None:
    row.owner_id = heir.id or 0
    work.session.add(row)
    work.session.flush()


def hand_back(work: Work, person: Person) -> None:
    """Somebody is of the unit, or a helper, no longer: what they promised goes to whoever asked for it, or a chief."""
    if measures.can_own(work, person.id or 0):
        return
    query = select(Measure).where(Measure.owner_id == person.id, Measure.state == "open").order_by(col(Measure.id))
    for row in work.session.exec(query).all():
        heir = _back_to(work, row)
        if heir is not None:
            _pass(work, row, heir)
            sending.to_person(work, heir, measures.asking(work, heir, row, "measure.back", measures.BACK), "notice")


def _end(work: Work, actor: Actor, row: Measure, state: str) -> None:
    row.state, row.ended_by, row.ended_at = state, actor.id, work.now
    work.session.add(row)
    work.session.flush()
    deadlines.call_off(work.session, measures.id_of(row), measures.DEADLINE)
    voice = work.voice(actor.person)
    said = voice.say(f"measure.is_{state}", text=(Words(row.text),), time=voice.when(work.now))
    sending.replace_pressed(work, actor.account, said)


def _say(work: Work, person: Person, row: Measure, key: str, **values: object) -> None:
    if measures.can_own(work, person.id or 0):
        voice = work.voice(person)
        said = voice.say(key, text=(Words(row.text),), about=measures.about(work, voice, row), **values)
        sending.to_person(work, person, Message(said.parts, notice=voice.line("measure.notice")), "info")


@on_number("measure_move", Right.LINKED)
def ask_when(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Ny tid"."""
    _open(work, actor, number)
    talks.start(work, actor, "measure_move", Putting(number, by_when.offers(work.voice(actor.person), measures.DAYS)))


@performs(MoveMeasure, Right.LINKED)
def move(work: Work, actor: Actor, command: MoveMeasure) -> None:
    """By then instead; whoever asked for it hears it."""
    row = _open(work, actor, command.measure)
    if command.at <= work.now:
        raise Already("engine.past_time")
    row.due_at = command.at
    work.session.add(row)
    deadlines.call_off(work.session, measures.id_of(row), measures.DEADLINE)
    measures.promise(work, row)
    voice = work.voice(actor.person)
    said = voice.say("measure.moved", text=(Words(row.text),), at=voice.time(row.due_at))
    sending.to_account(work, actor.account, said, "answer")
    _tell_others(work, actor, row, "measure.told_moved", at=row.due_at)


@on_number("measure_cannot", Right.LINKED)
def cannot(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Jag kan inte": it goes back to whoever asked for it, else to a chief; nobody forgets it."""
    row = _open(work, actor, number)
    if row.owner_id != actor.id:
        raise NotAllowed
    heir = _back_to(work, row)
    if heir is None or heir.id == actor.id:
        raise Already("measure.nobody_else", phone=work.house.number_at(work.now))
    _pass(work, row, heir)
    sending.to_person(work, heir, measures.asking(work, heir, row, "measure.back", measures.BACK), "notice")
    voice = work.voice(actor.person)
    sending.replace_pressed(work, actor.account, voice.say("measure.gone_back", text=(Words(row.text),), who=heir.name))


def _back_to(work: Work, row: Measure) -> Person | None:
    maker = work.session.get_one(Person, row.made_by)
    unit = people.unit_people(work.session)
    mine = [maker] if maker.id in {person.id for person in unit} else []
    asked = (*mine, *people.chiefs(work.session), *unit)
    return next((person for person in asked if person.id != row.owner_id), None)


def cancelled(work: Work, meeting: Meeting) -> None:
    """The meeting does not take place: each owner says whether what was promised for it is needed all the same."""
    _ask_owners(work, meeting, "measure.meeting_off", ("measure_keep", "measure_drop"))


def moved(work: Work, meeting: Meeting) -> None:
    """What is due only after the meeting now: its owner is asked for another time."""
    _ask_owners(work, meeting, "measure.meeting_moved", measures.ANSWERS, col(Measure.due_at) > meeting.starts_at)


def _ask_owners(work: Work, meeting: Meeting, key: str, names: Sequence[str], *which: Any) -> None:
    cases = select(RiskCase.id).where(RiskCase.meeting_id == meeting.id)
    mine = (col(Measure.case_id).in_(cases)) | (col(Measure.meeting_id) == meeting.id)
    query = select(Measure).where(Measure.state == "open", mine, *which).order_by(col(Measure.id))
    for row in work.session.exec(query).all():
        owner = work.session.get_one(Person, row.owner_id)
        if measures.can_own(work, row.owner_id):
            sending.to_person(work, owner, measures.asking(work, owner, row, key, names), "notice")
