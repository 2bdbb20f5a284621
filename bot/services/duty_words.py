"""How times on duty are said, and the messages that several parts of the duty list send.

What changes who is on duty this moment goes out as a notice, which breaks quiet hours; all else may wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, select

from bot import turns
from bot.catalogue import Voice
from bot.messages import Button, Fields, Line, Message, Part
from bot.services import duty, sending, views
from bot.services.work import Work
from bot.tokens import Act
from bot.turns import Turn
from storage.tables import Incident, Person

MOST = 8  # shifts, or incidents, in one message


def span(work: Work, voice: Voice, turn: Turn) -> str:
    """From when to when: "mån 30 nov–mån 7 dec"; with the time of day where it is not the list's own."""
    rota = duty.rota(work)
    usual = rota.starts_at.astimezone(voice.zone).time() if rota else None

    def said(at: datetime) -> str:
        hour = "" if at.astimezone(voice.zone).time() == usual else f" {voice.hour(at)}"
        return f"{voice.short_day(at)}{hour}"

    if turn.starts_at <= work.now:
        return f"{voice.word('duty.from_now')}–{said(turn.ends_at)}"
    if voice.short_day(turn.starts_at) == voice.short_day(turn.ends_at):
        return f"{voice.short_day(turn.starts_at)} {voice.hour(turn.starts_at)}–{voice.hour(turn.ends_at)}"
    return f"{said(turn.starts_at)}–{said(turn.ends_at)}"


def spans(work: Work, voice: Voice, parts: Sequence[Turn], most: int = MOST) -> str:
    """Several of them."""
    shown = [span(work, voice, part) for part in parts[:most]]
    return ", ".join([*shown, "…"] if len(parts) > most else shown)


def name(work: Work, person: int) -> str:
    """The person's name."""
    return work.session.get_one(Person, person).name


def open_incidents(work: Work, voice: Voice) -> list[Part]:
    """What is open: number, imminence and how it stands, and nothing that anybody wrote."""
    query = select(Incident).where(Incident.status != "closed").order_by(col(Incident.id))
    found = list(work.session.exec(query))
    if not found:
        return [voice.paragraph("duty.no_incidents")]
    rows: list[tuple[str, Line]] = []
    for incident in found[:MOST]:
        imminence = voice.word(f"imminence.{incident.imminence}")
        label = voice.word("duty.incident", number=incident.id, imminence=imminence)
        rows.append((label, views.status(work, voice, incident)))
    parts: list[Part] = [voice.paragraph("duty.incidents"), Fields(tuple(rows))]
    more = len(found) - MOST
    return [*parts, voice.paragraph("duty.more_incidents", count=more)] if more > 0 else parts


def with_incidents(work: Work, voice: Voice, message: Message) -> Message:
    """A message to whoever has the duty, or may take it over: below it what is open."""
    parts = (*message.parts, *open_incidents(work, voice))
    return Message(parts, message.buttons, notice=(message.fallback,))


def begins(work: Work, person: Person, turn: Turn) -> Message:
    """You are on duty now."""
    voice = work.voice(person)
    return with_incidents(work, voice, voice.say("duty.begins", until=voice.time(turn.ends_at)))


def tell_change(work: Work, before: int | None, now: Turn | None) -> None:
    """Who is on duty has changed this moment: who comes on hears it, and who leaves."""
    if before == (now.person if now else None):
        return
    if now is not None:
        person = work.session.get_one(Person, now.person)
        sending.to_person(work, person, begins(work, person, now), "notice")
    if before in duty.members(work):
        person = work.session.get_one(Person, before)
        voice = work.voice(person)
        said = voice.say("duty.ends", who=name(work, now.person)) if now else voice.say("duty.ends_nobody")
        sending.to_person(work, person, said, "notice")


def tell_new_turns(work: Work, before: Sequence[Turn], key: str, *, but: Iterable[int] = (), **values: object) -> None:
    """Everybody of the unit whose turns are others than they were hears why, and which are theirs now."""
    after = duty.held(work)
    for number, person in duty.members(work).items():
        mine = _turns_of(after, number)
        if number in but or mine == _turns_of(before, number):
            continue
        voice = work.voice(person)
        theirs = voice.paragraph("duty.mine", spans=spans(work, voice, mine)) if mine else voice.paragraph("duty.none")
        said = voice.say(key, list_button(voice), **values)
        sending.to_person(work, person, Message((*said.parts, theirs), said.buttons), "info")


def _turns_of(all_: Sequence[Turn], person: int) -> list[Turn]:
    mine = [Turn(turn.person, turn.starts_at, turn.ends_at) for turn in all_ if turn.person == person]
    return turns.by_person(mine)


def list_button(voice: Voice) -> Button:
    """See the duty list."""
    return voice.button("duty.button.list", str(Act("duty", 0)))


def take_buttons(voice: Voice, shifts: Sequence[Turn]) -> tuple[tuple[Button, ...], ...]:
    """One press for each shift that may be taken; with several, each says when it begins."""
    if len(shifts) == 1:
        return ((voice.button("duty.button.take", str(Act("duty_take", shifts[0].row))),),)
    labels = [(voice.word("duty.button.take_one", day=voice.short_day(s.starts_at)), s.row) for s in shifts[:MOST]]
    return tuple((Button(label, str(Act("duty_take", row))),) for label, row in labels)


def whose(work: Work, voice: Voice, shifts: Sequence[Turn]) -> Fields:
    """When each shift is, and who has it as long as nobody takes it."""
    return Fields(tuple((span(work, voice, turn), (name(work, turn.person),)) for turn in shifts[:MOST]))


def say(work: Work, person: int, message: Message, purpose: str) -> None:
    """To one person, where notices go first."""
    sending.to_person(work, work.session.get_one(Person, person), message, purpose)
