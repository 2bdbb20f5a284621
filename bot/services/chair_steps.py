"""What to do when a meeting is disturbed, for whoever chairs it: the list with its steps, and whom to call."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import col, select

from bot.commands import RoleKind, Task
from bot.messages import Message
from bot.services import advice_views, people, sending
from bot.services.work import Work
from storage.tables import Account, Person, Role

STEPS = "fullmaktige-under"  # the piece of advice


def chairs(work: Work) -> list[Person]:
    """Who helps by chairing."""
    query = select(Role.person_id).where(Role.kind == RoleKind.HELPER, Role.task == Task.CHAIR)
    numbers = work.session.exec(query.where(col(Role.ended_at).is_(None)).order_by(col(Role.id)))
    return [work.session.get_one(Person, number) for number in dict.fromkeys(numbers)]


def send(work: Work, away: set[int]) -> None:
    """To each who is there, at once: not even quiet hours hold it back."""
    for person in chairs(work):
        accounts = people.accounts_of(work.session, person) if person.id not in away else []
        for account in accounts[:1]:
            sending.at_once(work, account, _steps(work, account), "notice")


def _steps(work: Work, account: Account) -> Message:
    """The list with its way to tick it off. Where a municipality has none like it, the number alone."""
    actor, phone = people.actor(work.session, account), work.house.number_at(work.now)
    voice, advice = work.voice(actor.person), work.house.library.get(STEPS)
    notice = voice.line("day.steps_notice")
    if advice is None:
        return replace(voice.say("day.steps_none", phone=phone), notice=notice)
    section = advice_views.section(work, voice, actor, advice, 0)
    return replace(section, parts=(*section.parts, voice.paragraph("briefing.unit", phone=phone)), notice=notice)
