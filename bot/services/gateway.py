"""The last way to somebody who does not answer: an SMS, or a call, that says where to look and whom to call.

What goes out is drawn when it is sent, so neither the number nor the words stand in the outbox; and it holds nothing
that somebody wrote, for a telephone network is open to more people than a chat.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import select

from bot.catalogue import Voice
from bot.commands import Ask, Level
from bot.gateways import SMS, VOICE
from bot.messages import Message
from bot.services import alerts, sending
from bot.services.rights import receipt_of
from bot.services.work import Work
from storage.tables import Alert, Incident, Outbox, Person


def available(work: Work) -> bool:
    """Whether anybody can be reached like this."""
    return SMS in work.house.gateways


def remind(work: Work, person: Person, about: Alert | Incident, *, voice: bool, since: datetime | None = None) -> bool:
    """Remind a person of an alert that they have not answered, or one of the unit of an incident that nobody has taken.

    With `voice` the telephone rings too, where the gateway can. Each is done once, or once after `since`.
    False when there is no gateway, or no number: then it must go another way.
    """
    if not available(work) or not person.phone:
        return False
    for act in ("send", "call") if voice and VOICE in work.house.gateways else ("send",):
        if not _reminded(work, person, about, act, since):
            sending.to_phone(work, person, act, about)
    return True


def _reminded(work: Work, person: Person, about: Alert | Incident, act: str, since: datetime | None) -> bool:
    column = Outbox.alert_id if isinstance(about, Alert) else Outbox.incident_id
    query = select(Outbox.id).where(Outbox.platform == SMS, Outbox.act == act, column == about.id)
    query = query.where(Outbox.chat == sending.phone_of(person))
    return work.session.exec(query.where(Outbox.created_at >= since) if since else query).first() is not None


def draw(work: Work, row: Outbox) -> tuple[str, Message] | None:
    """The number and the message as they are now; None when the person answered meanwhile, or took the number back."""
    person = work.session.get(Person, sending.person_at(row))
    about = _about(work, row)
    if person is None or not person.phone or about is None or not _waits(work, person, about):
        return None
    return person.phone, _message(work, work.voice(person), row, about)


def _about(work: Work, row: Outbox) -> Alert | Incident | None:
    if row.alert_id is not None:
        return work.session.get(Alert, row.alert_id)
    return work.session.get(Incident, row.incident_id)


def _waits(work: Work, person: Person, about: Alert | Incident) -> bool:
    if isinstance(about, Incident):
        return about.taken_by is None and about.status != "closed"
    receipt = receipt_of(work.session, about.id, person.id)
    return about.ended_at is None and (receipt is None or not receipt.answer)


def _message(work: Work, voice: Voice, row: Outbox, about: Alert | Incident) -> Message:
    keys = ["gateway.incident", "gateway.press"] if isinstance(about, Incident) else _of_alert(about)
    keys += ["gateway.repeated"] if row.repeat else []
    keys += ["gateway.no_reply"] if row.act == "send" else []
    values = {
        "unit": work.house.name,
        "number": about.id,
        "phone": work.house.number_at(work.now),
        "level": voice.word(f"alert.level.{about.level}") if isinstance(about, Alert) else "",
        "button": voice.word("button.read" if isinstance(about, Alert) else "button.take"),
    }
    return Message(tuple(voice.paragraph(key, **values) for key in keys))


def _of_alert(alert: Alert) -> list[str]:
    asks = f"gateway.{alerts.wording(alert, alert.ask)}" if alert.ask == Ask.SAFE else "gateway.press"
    if alert.exercise:
        return ["gateway.exercise", "gateway.alert", asks]
    return ["gateway.alert", "alert.danger", asks] if alert.level == Level.EMERGENCY else ["gateway.alert", asks]
