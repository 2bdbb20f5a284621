"""A contact passes a broadcast on to members outside the bot, and says whom they have reached."""

from __future__ import annotations

from sqlmodel import col, select

from bot.messages import Button, Message, Paragraph, Title
from bot.services import alert_views, alerts, sending
from bot.services.doing import Already, on_alert
from bot.services.people import Actor
from bot.services.rights import NotAllowed, NotFound, Right, receipt_of
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Alert, Person, Receipt

MOST = 8  # people in one list


@on_alert("pass_on", Right.RECEIVED)
def pass_on(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Skicka vidare": the words to forward, and below them whom the bot cannot reach."""
    if not actor.contact_of:
        raise NotAllowed
    voice = work.voice(actor.person)
    head = alert_views.headline(work, voice, alert)
    text = [Paragraph(line) for line in alert_views.words(work, voice, alert)]
    sender = voice.paragraph("forward.from", municipality=work.house.name, phone=work.house.number_at(work.now))
    sending.to_account(work, actor.account, Message((Title(head), *text, sender)), "answer", alert=alert.id)
    sending.to_account(work, actor.account, _list(work, actor, alert), "answer", alert=alert.id)


def _list(work: Work, actor: Actor, alert: Alert) -> Message:
    """Whom of the party the bot does not reach, each with the press that says that somebody did."""
    voice, missing = work.voice(actor.person), _missing(work, actor, alert)
    outside = _outside(work, actor, alert)
    number = alerts.id_of(alert)
    buttons = [
        Button(voice.word("forward.reached", name=person.name), str(Act("reached", number, str(person.id))))
        for person in missing[:MOST]
    ]
    buttons.append(voice.button("button.outside", str(Act("outside", number, str(outside + 1)))))
    said = voice.say("forward.list", *buttons)
    count = (voice.paragraph("forward.outside", count=outside),) if outside else ()
    return Message((*said.parts, *count), said.buttons)


def _missing(work: Work, actor: Actor, alert: Alert) -> list[Person]:
    query = select(Person).join(Receipt, col(Receipt.person_id) == col(Person.id)).where(
        Receipt.alert_id == alert.id, Receipt.answer == "", Receipt.unreached != "",
        col(Receipt.party_id).in_(actor.contact_of),
    )  # fmt: skip
    return list(work.session.exec(query.order_by(col(Person.id))))


def _outside(work: Work, actor: Actor, alert: Alert) -> int:
    """How many people who are not in the bot at all the person has said to have reached."""
    return max((e.body["count"] for e in alerts.entries(work, alert, "outside") if e.author_id == actor.id), default=0)


@on_alert("reached", Right.RECEIVED)
def reached(work: Work, actor: Actor, alert: Alert, whom: str) -> None:
    """ "Jag har nått personen": the person counts as told, by whom."""
    _told(work, actor, alert, whom, people_of=actor.contact_of)
    sending.replace_pressed(work, actor.account, _list(work, actor, alert), alert=alert.id)


def _told(work: Work, actor: Actor, alert: Alert, whom: str, people_of: set[int]) -> None:
    """Raises NotFound for another party's people, Already when the person has answered."""
    person = int(whom) if whom.isdecimal() and int(whom) < 2**31 else 0
    receipt = receipt_of(work.session, alert.id, person)
    if receipt is None or receipt.party_id not in people_of:
        raise NotFound
    if not alerts.answer(work, alert, person, "told", told_by=actor.id):
        raise Already("forward.already")
    alerts.add_entry(work, alert, "told", actor.id, person=person)
    work.toast = work.voice(actor.person).word("toast.reached")


@on_alert("outside", Right.RECEIVED)
def outside(work: Work, actor: Actor, alert: Alert, count: str) -> None:
    """One person more who is not in the bot: the same press twice is one."""
    if not actor.contact_of:
        raise NotAllowed
    if not count.isdecimal() or int(count) != _outside(work, actor, alert) + 1:
        raise Already("engine.already")
    alerts.add_entry(work, alert, "outside", actor.id, count=int(count))
    alerts.changed(work, alert)
    work.toast = work.voice(actor.person).word("toast.reached")
    sending.replace_pressed(work, actor.account, _list(work, actor, alert), alert=alert.id)


def outside_in_all(work: Work, alert: Alert) -> int:
    """How many people outside the bot the contacts have reached together."""
    most: dict[int | None, int] = {}
    for entry in alerts.entries(work, alert, "outside"):
        most[entry.author_id] = max(most.get(entry.author_id, 0), entry.body["count"])
    return sum(most.values())
