"""Draws an order of support: the question to the unit, how each stands on a meeting's card and in the morning post."""

from __future__ import annotations

from collections.abc import Iterator

from bot.catalogue import Voice
from bot.messages import Button, Line, Message, Paragraph, Part, Words
from bot.services import meeting_entries, occasions, order_book, people
from bot.services.meeting_entries import NO, YES
from bot.services.order_book import Order
from bot.services.people import Actor
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Meeting, MeetingEntry, Person

SHOWN = 5  # in one message, each with a button


def what(voice: Voice, row: MeetingEntry) -> str:
    """What is ordered, inside a sentence."""
    return voice.word(f"order.what.{row.body['what']}")


def asking(work: Work, reader: Person, order: Order) -> Message:
    """What is asked, by whom and why; with the answers, or the answer."""
    voice = work.voice(reader)
    meeting, ordered = order_book.meeting_of(work, order), what(voice, order.entry)
    key = "order.asks_again" if order.entry.body.get("again") else "order.asks"
    parts: list[Part] = [voice.title(key, what=ordered), Paragraph(occasions.line(voice, meeting))]
    parts.append(voice.paragraph("order.by", who=_asker(work, reader, order), time=voice.when(order.entry.at)))
    if why := order.entry.body["why"]:
        parts.append(voice.paragraph("order.why", why=(Words(why),)))
    buttons = [voice.button(f"button.{name}", str(Act(name, order.number))) for name in (YES, NO)]
    if order.answer is not None:
        parts.append(Paragraph(state(work, voice, order)))
    open_ = order.answer is None and meeting.cancelled_at is None
    return Message(tuple(parts), tuple((b,) for b in buttons if open_), notice=voice.line("order.notice"))


def _asker(work: Work, reader: Person, order: Order) -> str:
    person = work.session.get(Person, order.entry.author_id)
    return people.described(work, reader, person) if person is not None else ""


def lines(work: Work, actor: Actor, meeting: Meeting) -> Iterator[Line]:
    """How each stands, with who and when."""
    voice = work.voice(actor.person)
    for order in order_book.seen(work, actor, meeting):
        if order.answer is None:
            who = meeting_entries.who(work, order.entry)
            yield voice.line("order.waits", what=what(voice, order.entry), who=who, time=voice.when(order.entry.at))
        else:
            yield state(work, voice, order)


def state(work: Work, voice: Voice, order: Order) -> Line:
    """What the unit has said to it, who and when."""
    assert order.answer is not None
    who, at = meeting_entries.who(work, order.answer), voice.when(order.answer.at)
    return voice.line(f"order.is.{order.answer.kind}", what=what(voice, order.entry), who=who, time=at)


def buttons(work: Work, actor: Actor, meeting: Meeting) -> list[Button]:
    """For the unit a way to answer each that waits; for who may order, a way to do so."""
    voice = work.voice(actor.person)
    open_ = [order for order in order_book.seen(work, actor, meeting) if order.answer is None] if actor.unit else []
    found = [_to_answer(voice, order) for order in open_[:SHOWN] if meeting.cancelled_at is None]
    if order_book.may_order(work, actor, meeting):
        found.append(voice.button("button.order", str(Act("order", occasions.id_of(meeting)))))
    return found


def _to_answer(voice: Voice, order: Order) -> Button:
    short = voice.word(f"order.short.{order.entry.body['what']}")
    return Button(voice.word("order.answer", what=short), str(Act("order_show", order.number)))


def post_lines(work: Work, voice: Voice, orders: list[Order]) -> Iterator[Line]:
    """In the morning post: what nobody has answered."""
    for order in orders[:SHOWN]:
        meeting = occasions.line(voice, order_book.meeting_of(work, order))
        who, at = meeting_entries.who(work, order.entry), voice.when(order.entry.at)
        yield voice.line("morning.order", what=what(voice, order.entry), meeting=meeting, who=who, time=at)


def post_buttons(voice: Voice, orders: list[Order]) -> Iterator[tuple[Button, ...]]:
    """A way to answer each."""
    yield from ((_to_answer(voice, order),) for order in orders[:SHOWN])
