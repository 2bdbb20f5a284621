"""Shared places: a channel or group of the unit. Notices show there; nothing written there is ever relayed."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from bot.events import Event
from bot.services import people, sending
from bot.services.doing import Already, on_number
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage import deadlines
from storage.tables import SharedPlace

UNANSWERED = timedelta(hours=24)  # then the bot leaves a place that nobody bound


def find(work: Work, event: Event, team: str) -> SharedPlace | None:
    """The shared place of an event."""
    query = select(SharedPlace).where(
        SharedPlace.platform == event.sender.platform,
        SharedPlace.team == team,
        SharedPlace.chat == event.chat.id,
    )
    return work.session.exec(query).first()


def added(work: Work, actor: Actor | None, event: Event) -> bool:
    """The bot was put into a place. True when it should stay: the chief did it, and is asked to confirm."""
    if actor is None or not actor.chief:
        return False
    voice = work.voice(actor.person)
    if event.chat.public:
        sending.to_person(work, actor.person, voice.say("place.public", title=event.chat.title), "answer")
        return False
    place = find(work, event, event.sender.team) or SharedPlace(
        platform=event.sender.platform,
        team=event.sender.team,
        chat=event.chat.id,
        title="",
        state="asked",
        asked_by=actor.id,
        created_at=work.now,
    )
    place.title, place.state, place.asked_by = event.chat.title, "asked", actor.id
    work.session.add(place)
    work.session.flush()
    assert place.id is not None
    deadlines.promise(work.session, "unbound", place.id, "", work.now + UNANSWERED)
    yes = voice.button("place.bind", str(Act("bind", place.id)))
    no = voice.button("place.leave", str(Act("unbind", place.id)))
    sending.to_person(work, actor.person, voice.say("place.asked", yes, no, title=event.chat.title), "question")
    return True


def removed(work: Work, event: Event) -> None:
    """The bot was taken out; the chiefs hear that notices no longer show there."""
    place = find(work, event, event.sender.team)
    if place is None or place.state == "gone":
        return
    was_bound, place.state = place.state == "bound", "gone"
    work.session.add(place)
    for chief in people.chiefs(work.session) if was_bound else []:
        sending.to_person(work, chief, work.voice(chief).say("place.gone", title=place.title), "info")


def moved(work: Work, event: Event) -> None:
    """The group has a new id."""
    place = find(work, event, event.sender.team)
    if place is not None:
        place.chat = event.text
        work.session.add(place)


def _asked(work: Work, number: int) -> SharedPlace:
    place = work.session.get(SharedPlace, number)
    if place is None:
        raise NotFound
    if place.state != "asked":
        raise Already("engine.already")
    deadlines.call_off(work.session, number, "unbound")
    work.session.add(place)
    return place


@on_number("bind", Right.CHIEF)
def bind(work: Work, actor: Actor, number: int, _: str) -> None:
    """The chief confirms in a direct message: notices show in this place from now on."""
    place = _asked(work, number)
    place.state = "bound"
    voice = work.voice(actor.person)
    sending.replace_pressed(work, actor.account, voice.say("place.bound", title=place.title))
    sending.to_place(work, place, voice.say("place.hello"))


@on_number("unbind", Right.CHIEF)
def unbind(work: Work, actor: Actor, number: int, _: str) -> None:
    """The chief did not mean it: the bot leaves."""
    place = _asked(work, number)
    leave(work, place)
    sending.replace_pressed(work, actor.account, work.voice(actor.person).say("place.left", title=place.title))


def leave(work: Work, place: SharedPlace) -> None:
    """Go, and show nothing there any more."""
    place.state = "gone"
    work.session.add(place)
    sending.leave_place(work, place)
