"""A party's own events, which its contacts put into the calendar; and whether the unit is there."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import AddEvent, Audience, RoleKind
from bot.flows.meeting import Hosting
from bot.services import attending, audience, meetings, occasions, people, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotAllowed, Right
from bot.services.work import Work
from storage.tables import Meeting, Person


@on_number("new_event", Right.LINKED)
def begin(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Lägg in händelse": for the contacts of a party."""
    mine = tuple((p.id or 0, p.name) for p in people.parties(work.session) if p.id in actor.contact_of)
    if not mine:
        raise NotAllowed
    talks.start(work, actor, "event", Hosting(mine))


@performs(AddEvent, Right.LINKED)
def add(work: Work, actor: Actor, command: AddEvent) -> None:
    """Keep it; the party and the unit see it, and the unit is asked where that was wanted."""
    if command.party not in actor.contact_of:
        raise NotAllowed
    if command.at <= work.now:
        raise Already("engine.past_time")
    own = Audience((RoleKind.CONTACT, RoleKind.DEPUTY, RoleKind.OFFICIAL), (command.party,))
    row = Meeting(
        title="", kind=command.kind, starts_at=command.at, place=" ".join(command.place.split()) or None,
        audience=audience.to_json(own), party_id=command.party, support="asked" if command.support else "",
        created_by=actor.id, created_at=work.now,
    )  # fmt: skip
    meetings.keep(work, row)
    if command.support:
        attending.ask(work, row)
    meetings.say(work, actor, row, "event.kept_asked" if command.support else "event.kept",
                 phone=work.house.number_at(work.now))  # fmt: skip


@on_number("event_support", Right.UNIT)
def answer(work: Work, actor: Actor, number: int, said: str) -> None:
    """ "Vi är där" or "Vi ringer först": the party hears it, and who of the unit it was."""
    row = occasions.find(work, actor, number, to_run=True)
    if row.cancelled_at is not None:
        raise Already("meeting.cancelled_already")
    if said not in attending.ANSWERS or row.support == "":
        raise Already("engine.already")
    if row.support == said:
        raise Already("event.answered", who=work.session.get_one(Person, row.support_by).name)
    row.support, row.support_by = said, actor.id
    work.session.add(row)
    for person in people.people_with(work.session, people.PARTY_CONTACTS, row.party_id):
        voice = work.voice(person)
        text = voice.say(f"event.{said}", who=actor.person.name, what=occasions.line(voice, row),
                         phone=work.house.number_at(work.now))  # fmt: skip
        sending.to_person(work, person, replace(text, notice=voice.line("event.notice_answer")), "notice")
    voice = work.voice(actor.person)
    work.toast = voice.word("event.answered_toast")
    told = voice.say(f"event.said_{said}", party=occasions.named_party(work, row), what=occasions.line(voice, row))
    sending.replace_pressed(work, actor.account, told)
