"""Whom to call about an alert: everybody who has not answered, by party, with a number and a press for each."""

from __future__ import annotations

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.commands import RoleKind
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Title, clip
from bot.services import alert_views, alerts, duty, people, phone_list, sending
from bot.services.doing import Already, on_alert
from bot.services.people import Actor
from bot.services.rights import NotFound, Right, receipt_of
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Account, Alert, AlertEntry, Person, Post, Receipt, Role

A_MESSAGE = 8  # people in one message, each with a button
MOST = 80  # people listed in all; the table has everybody
NAME = 14  # UTF-16 units of a name that a button has room for


def hand_out(work: Work, alert: Alert, place: int, _: int = 0) -> None:
    """The list, in messages that stay current, to whoever is on duty and to who sent the alert."""
    waiting = _waiting(work, alert)
    for start in range(0, min(len(waiting), MOST), A_MESSAGE):
        some = waiting[start : min(start + A_MESSAGE, MOST)]
        entry = alerts.add_entry(work, alert, "phone_list", step=place, people=some, more=max(len(waiting) - MOST, 0))
        for person in _callers(work, alert):
            account = people.accounts_of(work.session, person)[0]
            purpose, number = alerts.purpose_of(work, alert), alerts.id_of(alert)
            sending.post_of_alert(work, account, number, "phones", purpose, str(entry.id))


def _callers(work: Work, alert: Alert) -> list[Person]:
    """Who is on duty, else the first in turn, and the author; as far as they are of the unit and can be reached."""
    there = [person for person in people.unit_people(work.session) if people.accounts_of(work.session, person)]
    on_duty, author = duty.on_duty(work), work.session.get_one(Person, alert.author_id)
    turn = [person for person in (on_duty, *duty.in_turn(work)) if person in there and person is not None]
    return list({person.id: person for person in (*turn[:1], author) if person in there}.values())


def _waiting(work: Work, alert: Alert) -> list[int]:
    """The ids of those who have not answered: by party, its contacts first."""
    query = select(Receipt.person_id, Receipt.party_id).where(Receipt.alert_id == alert.id, Receipt.answer == "")
    parties = {party.id: place for place, party in enumerate(people.parties(work.session))}
    kinds = list(RoleKind)
    order: dict[int, int] = {}
    for role in work.session.exec(select(Role).where(col(Role.ended_at).is_(None))):
        order[role.person_id] = min(order.get(role.person_id, len(kinds)), kinds.index(RoleKind(role.kind)))
    found = work.session.exec(query.order_by(col(Receipt.id))).all()
    last = len(parties)
    ordered = sorted(found, key=lambda pair: (parties.get(pair[1], last), order.get(pair[0], len(kinds))))
    return [person for person, _ in ordered]


def draw(work: Work, post: Post) -> Message:
    """Who is left to call now; nothing for who is no longer of the unit."""
    alert, account = work.session.get_one(Alert, post.alert_id), work.session.get_one(Account, post.account_id)
    reader = work.session.get_one(Person, account.person_id)
    voice, entry = work.voice(reader), work.session.get(AlertEntry, int(post.reason))
    if account.state != "active" or not people.actor(work.session, account).unit or entry is None:
        return voice.say("rights.not_found")
    pairs = [(work.session.get_one(Person, n), receipt_of(work.session, alert.id, n)) for n in entry.body["people"]]
    left = [person for person, receipt in pairs if receipt is not None and not receipt.answer]
    head = (*_exercise(voice, alert), *voice.line("phones.call" if left else "phones.done", number=alert.id))
    parts: list[Part] = [Title(head), Paragraph(alert_views.headline(work, voice, alert))]
    parts.append(Fields(tuple(_row(work, voice, reader, *pair) for pair in pairs)))
    if entry.body["more"] and left:
        parts.append(voice.paragraph("phones.more", count=entry.body["more"]))
    open_ = left if alert.ended_at is None else []
    return Message(tuple(parts), tuple((_reached(voice, alert, person),) for person in open_), notice=head)


def _exercise(voice: Voice, alert: Alert) -> Line:
    return (voice.word("alert.exercise") + " · ",) if alert.exercise else ()


def _row(work: Work, voice: Voice, reader: Person, person: Person, receipt: Receipt | None) -> tuple[str, Line]:
    """Name and role; the number to press, or that the person has been heard from since."""
    who = people.described(work, reader, person)
    if receipt is None or receipt.answered_at is None:
        return who, phone_list.number(voice, person.phone)
    return who, voice.line("phones.told" if receipt.answer == "told" else "phones.answered",
                           time=voice.when(receipt.answered_at))  # fmt: skip


def _reached(voice: Voice, alert: Alert, person: Person) -> Button:
    label = voice.word("phones.reached", name=clip(person.name, NAME))
    return Button(label, str(Act("told", alerts.id_of(alert), str(person.id))))


@on_alert("told", Right.UNIT)
def told(work: Work, actor: Actor, alert: Alert, argument: str) -> None:
    """ "Nådd": somebody of the unit has reached the person outside the bot; counts unless they have answered."""
    person = int(argument) if argument.isdecimal() and int(argument) < 2**31 else 0
    if receipt_of(work.session, alert.id, person) is None:
        raise NotFound
    if not alerts.answer(work, alert, person, "told", told_by=actor.id):
        raise Already("phones.already")
    alerts.add_entry(work, alert, "told", actor.id, person=person)
    work.toast = work.voice(actor.person).word("toast.reached")
