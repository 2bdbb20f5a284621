"""Whether the unit is at a party's event: asked, asked anew when the event moves, and told when it is off."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Button, Message
from bot.services import duty, occasions, people, sending
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Meeting, Person

ANSWERS = ("coming", "call")


def ask(work: Work, row: Meeting) -> None:
    """Whoever is on duty is asked, else the chiefs; the morning post says it until somebody has answered."""
    for person in whom(work):
        sending.to_person(work, person, asking(work, person, row), "notice")


def whom(work: Work) -> list[Person]:
    """Who of the unit is asked: whoever is on duty, else the chiefs."""
    on_duty = duty.on_duty(work)
    return [on_duty] if on_duty is not None and duty.reachable(work, on_duty) else people.chiefs(work.session)


def asking(work: Work, person: Person, row: Meeting) -> Message:
    """The question, with the answers."""
    voice = work.voice(person)
    said = voice.say("event.asks", party=occasions.named_party(work, row), what=occasions.line(voice, row))
    buttons = tuple((button,) for button in answers(work, person, row))
    return Message(said.parts, buttons, notice=voice.line("event.notice"))


def answers(work: Work, person: Person, row: Meeting) -> list[Button]:
    """What the unit can answer."""
    voice = work.voice(person)
    return [voice.button(f"button.support_{name}", str(Act("event_support", row.id or 0, name))) for name in ANSWERS]


def moved(work: Work, row: Meeting) -> None:
    """What was promised for another time is promised no more: the unit is asked for the new one."""
    if row.support:
        row.support, row.support_by = "asked", None
        work.session.add(row)
        ask(work, row)


def cancelled(work: Work, row: Meeting) -> None:
    """Who promised to be there, and whoever is on duty, hears that there is nothing to come to."""
    promised = work.session.get(Person, row.support_by) if row.support_by is not None else None
    wanted = {person.id: person for person in [*([promised] if promised else []), *whom(work)]}
    for person in wanted.values() if row.support in ANSWERS else ():
        voice = work.voice(person)
        said = voice.say("event.off", party=occasions.named_party(work, row), what=occasions.line(voice, row))
        sending.to_person(work, person, replace(said, notice=voice.line("event.notice_off")), "notice")
