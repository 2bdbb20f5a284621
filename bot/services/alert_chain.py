"""Who has not answered an alert in time is reminded, then the party's deputies, other accounts, and people who call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlmodel import col, exists, select

from bot.commands import RoleKind
from bot.services import alert_phones, alerts, audience, chains, gateway, people
from bot.services.steps import AlertStep
from bot.services.work import Work
from storage import deadlines
from storage.tables import Alert, Person, Post, Receipt

MORE = "alert_more"  # the deadline of what is left of a step
LOOKED_AFTER = timedelta(days=7)  # how long after its answer was due an alert's chain is looked after


def _frozen(work: Work, number: int) -> chains.Frozen:
    return list(work.session.get_one(Alert, number).chain)


def _waits(work: Work, number: int) -> bool:
    alert = work.session.get(Alert, number)
    return alert is not None and alerts.waits(work, alert)


def _subjects(work: Work) -> list[int]:
    waiting = exists().where(col(Receipt.alert_id) == Alert.id, col(Receipt.answer) == "")
    sent = (Alert.state == "sent", col(Alert.ended_at).is_(None), col(Alert.answer_by) > work.now - LOOKED_AFTER)
    query = select(Alert.id).where(*sent, waiting).order_by(col(Alert.id))
    return [number for number in work.session.exec(query) if number is not None]


def _run(work: Work, number: int, place: int, data: dict[str, Any]) -> None:
    """A step, for everybody who has not answered by now."""
    alert, step = work.session.get_one(Alert, number), AlertStep.from_json(data)
    alerts.add_entry(work, alert, "chain", step=place, do=step.do)
    ACTS[step.do](work, alert, place, 0)


chains.register(chains.Sort(alerts.CHAIN, _frozen, _waits, _run, _subjects))


def go_on(work: Work, number: int, step: str) -> None:
    """The rest of a step that has more people than a transaction should hold, from behind a receipt."""
    alert, (place, _, after) = work.session.get_one(Alert, number), step.partition(".")
    if alerts.waits(work, alert):
        ACTS[alert.chain[int(place)]["do"]](work, alert, int(place), int(after))


def _nudge(work: Work, alert: Alert, place: int, after: int = 0) -> None:
    """A short reminder where each is told first."""
    some = _portion(work, alert, place, after)
    alerts.post(work, alert, audience.spots(work, some), f"nudge.{place}")


def _other(work: Work, alert: Alert, place: int, after: int = 0) -> None:
    """The alert on the accounts that have not had it."""
    some = _portion(work, alert, place, after)
    had = select(Post.account_id).where(Post.alert_id == alert.id, Post.view == "alert", col(Post.person_id).in_(some))
    seen = set(work.session.exec(had))
    others = [spot for ways in audience.all_spots(work, some) for spot in ways if spot.id not in seen]
    alerts.post(work, alert, others, f"other.{place}")


def _sms(work: Work, alert: Alert, place: int, after: int = 0) -> None:
    _remind(work, alert, place, after, voice=False)


def _voice(work: Work, alert: Alert, place: int, after: int = 0) -> None:
    _remind(work, alert, place, after, voice=True)


def _remind(work: Work, alert: Alert, place: int, after: int, *, voice: bool) -> None:
    """Outside the chats, to the number of each who has one. The gateway does each once for an alert."""
    for number in _portion(work, alert, place, after):
        gateway.remind(work, work.session.get_one(Person, number), alert, voice=voice)


def _portion(work: Work, alert: Alert, place: int, after: int) -> list[int]:
    """The next of those who have not answered; the rest have their turn when this is committed."""
    query = select(Receipt.id, Receipt.person_id).where(Receipt.alert_id == alert.id, Receipt.answer == "")
    next_ones = query.where(col(Receipt.id) > after).order_by(col(Receipt.id)).limit(alerts.AT_ONCE)
    some = work.session.exec(next_ones).all()
    if len(some) == alerts.AT_ONCE:
        deadlines.promise(work.session, MORE, alerts.id_of(alert), f"{place}.{some[-1][0]}", work.now)
    return [person for _, person in some]


def _deputies(work: Work, alert: Alert, _: int, __: int = 0) -> None:
    """The alert to the deputies of each party of which no contact has answered; not where it asks who is out."""
    if alerts.musters(alert):
        return
    query = select(Receipt.party_id).where(Receipt.alert_id == alert.id, Receipt.answer == "").distinct()
    answered = select(Receipt.person_id).where(Receipt.alert_id == alert.id, Receipt.answer != "")
    reached, placed = set(work.session.exec(answered)), _placed(work, alert)
    for party in sorted(party for party in work.session.exec(query) if party is not None):
        contacts = people.people_with(work.session, people.PARTY_CONTACTS, party)
        if reached.isdisjoint(person.id for person in contacts):
            for deputy in people.people_with(work.session, (RoleKind.DEPUTY,), party):
                if deputy.id not in placed:
                    _to_deputy(work, alert, deputy, party)


def _placed(work: Work, alert: Alert) -> set[int]:
    return set(work.session.exec(select(Receipt.person_id).where(Receipt.alert_id == alert.id)))


def _to_deputy(work: Work, alert: Alert, deputy: Person, party: int) -> None:
    accounts = people.accounts_of(work.session, deputy)
    alerts.to_person(work, alert, deputy, accounts[:1], "deputy", party)


ACTS: dict[str, Callable[[Work, Alert, int, int], None]] = {
    "nudge": _nudge,
    "deputy": _deputies,
    "other": _other,
    "phone_list": alert_phones.hand_out,
    "sms": _sms,
    "voice": _voice,
}
