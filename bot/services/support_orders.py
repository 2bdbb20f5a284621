"""Support that is ordered for a meeting: whoever is on duty says whether it is possible, and who asked hears it.

Who asked and the unit see it, and nobody else.
"""

from __future__ import annotations

from dataclasses import replace

from bot.commands import DeclineOrder, OrderSupport
from bot.flows.meeting_day import Declining, Ordering
from bot.messages import Message, Paragraph, Words
from bot.services import attending, meeting_entries, occasions, order_book, order_views, people, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.meeting_entries import NO, ORDER, YES
from bot.services.order_book import Order
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from storage.tables import Meeting, Person

# Asked


@on_number("order", Right.LINKED)
def begin(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Beställ stöd"."""
    _orderable(work, actor, number)
    talks.start(work, actor, "order", Ordering(number, work.terse(actor.account)))


def _orderable(work: Work, actor: Actor, number: int) -> Meeting:
    """Raises Already: the same words for what the person may not see as for what is not there."""
    meeting = occasions.find(work, actor, number)
    if occasions.leads(actor, meeting) or actor.contact_of:
        if meeting.cancelled_at is not None:
            raise Already("day.cancelled", time=work.voice(actor.person).when(meeting.cancelled_at))
        if occasions.sees(actor, meeting) and order_book.is_over(work, meeting):
            raise Already("day.past")
    if not order_book.may_order(work, actor, meeting):
        raise Already("calendar.not_found")
    return meeting


@performs(OrderSupport, Right.LINKED)
def order(work: Work, actor: Actor, command: OrderSupport) -> None:
    """Keep it, and ask whoever is on duty."""
    meeting = _orderable(work, actor, command.meeting)
    why = " ".join(command.why.split())
    row = meeting_entries.add(work, meeting, ORDER, actor.id, what=command.what, why=why)
    _ask(work, Order(row))
    voice = work.voice(actor.person)
    said = voice.say("order.kept", what=order_views.what(voice, row), meeting=occasions.line(voice, meeting),
                     phone=work.house.number_at(work.now))  # fmt: skip
    sending.to_account(work, actor.account, said, "answer")


def _ask(work: Work, order: Order) -> None:
    asker = order.entry.author_id
    unit = attending.whom(work)
    others = [person for person in (*unit, *people.chiefs(work.session)) if person.id != asker]
    for person in [person for person in unit if person.id != asker] or others[:1] or unit:
        sending.to_person(work, person, order_views.asking(work, person, order), "notice")


# Answered


@on_number("order_show", Right.UNIT)
def show(work: Work, actor: Actor, number: int, _: str) -> None:
    """One of them, to be answered."""
    message = order_views.asking(work, actor.person, order_book.find(work, number))
    sending.to_account(work, actor.account, message, "answer")


def _unanswered(work: Work, actor: Actor, number: int) -> Order:
    """Raises Already for what has an answer, or needs none any more."""
    order, voice = order_book.find(work, number), work.voice(actor.person)
    if (off := order_book.meeting_of(work, order).cancelled_at) is not None:
        raise Already("day.cancelled", time=voice.when(off))
    if order.answer is not None:
        values = {"who": meeting_entries.who(work, order.answer), "time": voice.when(order.answer.at)}
        raise Already(f"order.already.{order.answer.kind}", **values)
    return order


@on_number(YES, Right.UNIT)
def yes(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Ordnat"."""
    order = _answer(work, actor, _unanswered(work, actor, number), YES)
    sending.replace_pressed(work, actor.account, order_views.asking(work, actor.person, order))


@on_number(NO, Right.UNIT)
def no(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Går inte": why, where words are taken; who asked is asked to call in any case."""
    order = _unanswered(work, actor, number)
    if work.terse(actor.account):
        order = _answer(work, actor, order, NO)
        sending.replace_pressed(work, actor.account, order_views.asking(work, actor.person, order))
    else:
        talks.start(work, actor, "order_no", Declining(number))


@performs(DeclineOrder, Right.UNIT)
def decline(work: Work, actor: Actor, command: DeclineOrder) -> None:
    """With a sentence, or without one."""
    order = _answer(work, actor, _unanswered(work, actor, command.order), NO, " ".join(command.why.split()))
    sending.to_account(work, actor.account, order_views.asking(work, actor.person, order), "answer")


def _answer(work: Work, actor: Actor, order: Order, kind: str, why: str = "") -> Order:
    """Keep it, and tell who asked."""
    meeting = order_book.meeting_of(work, order)
    answered = replace(order, answer=meeting_entries.add(work, meeting, kind, actor.id, asked=order.number, why=why))
    work.toast = work.voice(actor.person).word("order.toast")
    for person in _still(work, order.entry.author_id):
        voice, phone = work.voice(person), work.house.number_at(work.now)
        said = voice.say(f"order.told.{kind}", what=order_views.what(voice, order.entry), who=actor.person.name,
                         phone=phone, meeting=occasions.line(voice, meeting))  # fmt: skip
        words = (Paragraph((Words(why),)),) if why else ()
        told = Message((*said.parts, *words), notice=voice.line("event.notice_answer"))
        sending.to_person(work, person, told, "notice")
    return answered


def _still(work: Work, number: int | None) -> list[Person]:
    """The person, if they have a role still."""
    person = work.session.get(Person, number) if number is not None else None
    return [person] if person is not None and people.roles_of(work.session, person.id or 0) else []


# When the meeting changes


def cancelled(work: Work, meeting: Meeting) -> None:
    """Who asked, and who promised, hears that it falls away."""
    for order in order_book.of_meeting(work, meeting) if not order_book.is_over(work, meeting) else ():
        promised = order.answer.author_id if order.answer is not None and order.answer.kind == YES else None
        _tell(work, order, "order.off", order.entry.author_id, promised)


def renewed(work: Work, meeting: Meeting) -> None:
    """What was ordered for another time is asked for anew, and who asked hears that."""
    for order in order_book.of_meeting(work, meeting) if meeting.starts_at > work.now else ():
        if order.entry.body.get("again") and order.entry.at == work.now:
            continue  # it was asked anew in this moment
        kept = {name: order.entry.body[name] for name in ("what", "why")}
        row = meeting_entries.add(work, meeting, ORDER, order.entry.author_id, **kept, again=order.number)
        _ask(work, Order(row))
        _tell(work, order, "order.moved", order.entry.author_id)


def _tell(work: Work, order: Order, key: str, *numbers: int | None) -> None:
    for number in dict.fromkeys(numbers):
        for person in _still(work, number):
            voice, phone = work.voice(person), work.house.number_at(work.now)
            said = voice.say(key, what=order_views.what(voice, order.entry), phone=phone,
                             meeting=occasions.line(voice, order_book.meeting_of(work, order)))  # fmt: skip
            sending.to_person(work, person, replace(said, notice=voice.line("order.notice_change")), "notice")
