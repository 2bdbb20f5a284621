"""Accounts where the bot reaches nobody any more: the chiefs hear of those that ended together, within a minute."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlmodel import col, func, select

from bot.catalogue import Voice
from bot.messages import Line, Message, Paragraph, Phone, Title
from bot.services import people, sending
from bot.services.work import Work
from storage import deadlines
from storage.tables import Account, Deadline, Person

DEADLINE = "unreached"
TOGETHER = timedelta(seconds=30)  # what ends within this time is one message
MOST = 8  # persons named of many


def block(work: Work, account: Account) -> None:
    """Nothing more is sent there until the person writes. The chiefs are told once for each time that it ends."""
    if account.state != "active":
        return
    account.state = "blocked"
    work.session.add(account)
    assert account.id is not None
    first = work.session.exec(select(func.min(Deadline.due_at)).where(*_waiting())).one()
    deadlines.promise(work.session, DEADLINE, account.id, "", first or work.now + TOGETHER)


def tell_chiefs(work: Work) -> None:
    """One message about all that have ended and not come back."""
    ended: dict[int, list[Account]] = {}
    for row in work.session.exec(select(Deadline).where(*_waiting()).order_by(col(Deadline.id))).all():
        deadlines.done(row, work.now)
        account = work.session.get(Account, row.subject)
        if account is not None and account.state == "blocked" and people.roles_of(work.session, account.person_id):
            ended.setdefault(account.person_id, []).append(account)
    persons = [work.session.get_one(Person, number) for number in ended]
    unreached = sorted(persons, key=lambda person: bool(people.accounts_of(work.session, person)))
    for chief in people.chiefs(work.session) if persons else ():
        voice = work.voice(chief)
        lines = [_line(work, voice, chief, person, ended[person.id or 0]) for person in unreached]
        sending.to_person(work, chief, _message(voice, lines), "notice")


def _line(work: Work, voice: Voice, reader: Person, person: Person, accounts: Iterable[Account]) -> Line:
    """Where the person is reached instead, or whom to call."""
    left = people.accounts_of(work.session, person)
    here = voice.word(f"platform.{next(iter(accounts)).platform}")
    if left and person.id == reader.id:
        return voice.line("unreached.you", platform=here)
    if left:
        other = voice.word(f"platform.{left[0].platform}")
        return voice.line("unreached.moved", name=person.name, platform=here, other=other)
    if person.phone:
        return voice.line("unreached.call", name=person.name, phone=Phone(person.phone))
    return voice.line("unreached.nowhere", name=person.name)


def _message(voice: Voice, lines: list[Line]) -> Message:
    if len(lines) == 1:
        return Message((Title(lines[0]),), notice=voice.line("unreached.notice"))
    shown = [Paragraph(line) for line in lines[:MOST]]
    if len(lines) > MOST:
        shown.append(voice.paragraph("unreached.more", count=len(lines) - MOST))
    return Message((voice.title("unreached.several", count=len(lines)), *shown), notice=voice.line("unreached.notice"))


def _waiting() -> tuple[Any, ...]:
    return (Deadline.kind == DEADLINE, col(Deadline.state) == deadlines.WAITING)
