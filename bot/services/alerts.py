"""Broadcasts: sent to everybody whom they are for, and answered once by each person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlmodel import col, select

from bot.commands import Ask, Level
from bot.services import audience, chains, duty, people, resting, sending
from bot.services.audience import Reader, Spot
from bot.services.rights import receipt_of
from bot.services.work import Work
from storage import deadlines
from storage.outbox import PRIORITY
from storage.tables import Account, Alert, AlertEntry, Outbox, Person, Post, Receipt

AT_ONCE = 500  # readers in one transaction: a press must not wait for thousands
BOARD_AFTER = timedelta(seconds=2)  # the board's changes come together, however fast people press
LISTS = ("board", "phones")  # what shows how others answer
ANSWERS = ("read", "safe", "help")
DEADLINE = "alert_out"
CHAIN = "alert_chain"
CHANGES = ("moved", "cancelled", "again")  # what those are told of who were briefed for a meeting
STATUSES = ("started", "disturbed", "adjourned", "resumed", "evacuated", "ended")  # what those are told who are at it
MUSTER = "evacuated"  # the one that asks who is out
BOARD = "board"
AWAY = "away"
EXERCISE = "exercise"
EXERCISE_ENDS = timedelta(hours=1)


def send(work: Work, alert: Alert, found: Sequence[Reader] | None = None) -> None:
    """Let it go out: to the first readers in this transaction, to the others at once after it.

    `found` are the readers where they are known already. A briefing has no chain, and its board is shown who asks.
    """
    alert.state, alert.sent_at = "sent", work.now
    if asks(alert):
        alert.answer_by = work.now + timedelta(minutes=alert.minutes)
    work.session.add(alert)
    add_entry(work, alert, "sent", alert.author_id)
    work.session.flush()
    if not by_itself(alert):
        to_keepers(work, alert)
        _watch(work, alert)
    enroll(work, alert, readers(work, alert) if found is None else found)
    go_on(work, alert)
    if alert.exercise and alert.follows is None:  # it ends by itself some time after the answers were due
        deadlines.promise(work.session, EXERCISE, id_of(alert), "", (alert.answer_by or work.now) + EXERCISE_ENDS)
    if alert.follows is not None:
        _mark_first(work, alert)


def _watch(work: Work, alert: Alert) -> None:
    """Begin the chain of its level, counted from when the answer is due; see `alert_chain`."""
    chain = work.house.plan.alerts.get(alert.level)
    if chain is not None and alert.answer_by is not None:
        alert.chain = list(chains.start(work, CHAIN, id_of(alert), chain.steps, alert.answer_by))


def waits(work: Work, alert: Alert) -> bool:
    """Whether somebody has to answer it still."""
    over = alert.ended_at is not None or first_of(work, alert).ended_at is not None
    if alert.state != "sent" or over or not asks(alert):
        return False
    unanswered = select(Receipt.id).where(Receipt.alert_id == alert.id, Receipt.answer == "")
    return work.session.exec(unanswered.limit(1)).first() is not None


def _mark_first(work: Work, alert: Alert) -> None:
    """The first message says that it is over, or that there is a newer one; its board shows what followed."""
    first = first_of(work, alert)
    if alert.change == "allclear":
        first.ended_at = work.now
        work.session.add(first)
        for one in (first, *following(work, first)):
            chains.stop(work, CHAIN, id_of(one))
    if alert.change in ("allclear", "correction"):
        sending.refresh_alert(work, id_of(first), Post.view == "alert")
    changed(work, first)


def first_of(work: Work, alert: Alert) -> Alert:
    """The alert that this one hangs on, or itself."""
    return alert if alert.follows is None else work.session.get_one(Alert, alert.follows)


def following(work: Work, alert: Alert) -> list[Alert]:
    """What was sent after it, oldest first."""
    query = select(Alert).where(Alert.follows == alert.id, Alert.state == "sent")
    return list(work.session.exec(query.order_by(col(Alert.id))))


def asks(alert: Alert) -> bool:
    """Whether an answer is asked for."""
    return alert.ask in (Ask.READ, Ask.SAFE)


def by_itself(alert: Alert) -> bool:
    """Whether it went out by a plan, or because of a meeting: nobody keeps an eye on it, for nothing burns."""
    return alert.briefing_id is not None or alert.change in CHANGES or (of_status(alert) and not musters(alert))


def of_status(alert: Alert) -> bool:
    """Whether it tells those who are at a meeting how that stands: at once, for later it is of no use to anybody."""
    return alert.change in STATUSES


def musters(alert: Alert) -> bool:
    """Whether it asks who is out: then "safe" means that, and has other words (`wording`)."""
    return alert.change == MUSTER


def wording(alert: Alert, word: str) -> str:
    """What an ask, an answer or a button is called in the texts."""
    return "out" if word == "safe" and musters(alert) else word


def enroll(work: Work, alert: Alert, found: Sequence[Reader]) -> None:
    """A place in it for everybody whom it is for, with why the bot cannot reach them where it cannot."""
    some = [
        {"alert_id": id_of(alert), "person_id": r.person, "party_id": r.party, "answer": "", "unreached": r.unreached}
        for r in found
    ]
    if some:
        work.session.execute(insert(Receipt), some)


def go_on(work: Work, alert: Alert, after: int = 0) -> None:
    """A message to the next of those who can be reached, from behind this receipt; to the rest after the commit."""
    query = select(Receipt.id, Receipt.person_id).where(Receipt.alert_id == alert.id, Receipt.unreached == "")
    some = work.session.exec(query.where(col(Receipt.id) > after).order_by(col(Receipt.id)).limit(AT_ONCE)).all()
    post(work, alert, audience.spots(work, [person for _, person in some]))
    if len(some) == AT_ONCE:
        deadlines.promise(work.session, DEADLINE, id_of(alert), str(some[-1][0]), work.now)


def readers(work: Work, alert: Alert) -> list[Reader]:
    """Whom it is for: what follows an earlier alert goes to the same people."""
    if alert.follows is None:
        return audience.readers(work, audience.from_json(alert.audience))
    query = select(Receipt).where(Receipt.alert_id == alert.follows).order_by(col(Receipt.person_id))
    receipts = work.session.exec(query).all()
    where = {spot.person_id: spot for spot in audience.spots(work, [receipt.person_id for receipt in receipts])}
    return [_again(receipt, where.get(receipt.person_id)) for receipt in receipts]


def _again(receipt: Receipt, spot: Spot | None) -> Reader:
    unreached = "" if spot else receipt.unreached or audience.NO_ACCOUNT
    return Reader(receipt.person_id, receipt.party_id, spot, unreached)


def post(work: Work, alert: Alert, spots: Sequence[Spot], reason: str = "sent") -> None:
    """The alert to these accounts: many at once, for there may be thousands."""
    if not spots:
        return
    posts = [
        {"view": "alert", "reason": reason, "alert_id": id_of(alert), "person_id": spot.person_id,
         "account_id": spot.id, "folded": False, "drawn": ""}
        for spot in spots
    ]  # fmt: skip
    made = work.session.scalars(insert(Post).returning(col(Post.id), sort_by_parameter_order=True), posts).all()
    later = _later(work, alert, spots)
    pairs = list(zip(spots, made, strict=True))
    if rows := [_row(work, alert, spot, post) for spot, post in pairs if spot.person_id not in later]:
        work.session.execute(insert(Outbox), rows)
    waits = [(spot.id, post, later[spot.person_id]) for spot, post in pairs if spot.person_id in later]
    sending.hold_posts(work, waits, purpose_of(work, alert))


def _later(work: Work, alert: Alert, spots: Sequence[Spot]) -> dict[int, datetime]:
    """Who is in their quiet hours, and when those end. Who is at a meeting hears of it whatever the hour."""
    if purpose_of(work, alert) == "emergency" or of_status(alert):
        return {}
    ids = [spot.person_id for spot in spots]
    resting_now = work.session.exec(select(Person).where(col(Person.id).in_(ids), Person.quiet != "")).all()
    return resting.waiting_for(work, resting_now, alert.level)


def _row(work: Work, alert: Alert, account: Spot, post: int | None) -> dict[str, object]:
    purpose = purpose_of(work, alert)
    priority = PRIORITY["info" if by_itself(alert) and not of_status(alert) else purpose]  # what can wait gives way
    return {
        "created_at": work.now, "not_before": work.now, "platform": account.platform, "team": account.team,
        "chat": account.user, "account_id": account.id, "act": "send", "purpose": purpose,
        "priority": priority, "post_id": post, "alert_id": alert.id, "claimed_by": "", "state": "waiting",
        "repeat": False, "attempts": 0, "reason": "",
    }  # fmt: skip


def purpose_of(work: Work, alert: Alert) -> str:
    """How much it hurries. What follows an emergency, such as its all clear, hurries as much."""
    return "emergency" if Level.EMERGENCY in (alert.level, first_of(work, alert).level) else "alert"


def to_person(
    work: Work,
    alert: Alert,
    person: Person,
    accounts: list[Account],
    reason: str = "sent",
    party: int | None = None,
) -> int:
    """The alert to these accounts of one person, who gets a place in it (for this party) if there is none yet.

    Returns how many.
    """
    if receipt_of(work.session, alert.id, person.id) is None:
        roles = people.roles_of(work.session, person.id or 0)
        party = party or next((role.party_id for role in roles if role.kind in people.PARTY_CONTACTS), None)
        unreached = "" if people.accounts_of(work.session, person) else audience.NO_ACCOUNT
        work.session.add(Receipt(alert_id=id_of(alert), person_id=person.id or 0, party_id=party, unreached=unreached))
        work.session.flush()
    for account in accounts:
        sending.post_of_alert(work, account, id_of(alert), "alert", purpose_of(work, alert), reason)
    return len(accounts)


def keepers(work: Work, alert: Alert) -> list[Person]:
    """Who keeps an eye on it: the one who sent it, the chiefs and whoever is on duty, all of the unit still.

    Of an evacuation everybody of the unit, for they may be there.
    """
    wanted = {alert.author_id, *(p.id for p in people.chiefs(work.session))}
    if (on_duty := duty.on_duty(work)) is not None:
        wanted.add(on_duty.id)
    unit = people.unit_people(work.session)
    return unit if musters(alert) else [person for person in unit if person.id in wanted]


def to_keepers(work: Work, alert: Alert) -> None:
    """The board of a first alert; what follows one shows on that board."""
    if alert.follows is not None:
        return
    for person in keepers(work, alert):
        for account in people.accounts_of(work.session, person)[:1]:
            sending.post_of_alert(work, account, id_of(alert), "board", "alert")


def answer(work: Work, alert: Alert, person: int, said: str, *, told_by: int | None = None) -> bool:
    """Count a person's answer once; "I need help" counts after another one too. False when nothing has changed."""
    receipt = receipt_of(work.session, alert.id, person)
    if receipt is None or not _counts(receipt.answer, said):
        return False
    other = AWAY in (receipt.answer, said)  # to be somewhere else than one was counts from when it is said
    receipt.answered_at = work.now if other else receipt.answered_at or work.now
    receipt.answer, receipt.told_by = said, told_by
    if said != "told":
        receipt.unreached = ""
    work.session.add(receipt)
    work.session.flush()
    changed(work, alert, person)
    if alert.chain and not waits(work, alert):
        chains.stop(work, CHAIN, id_of(alert))
    return True


def _counts(before: str, said: str) -> bool:
    """Whether it says more than what was said before; that somebody else reached the person is the least."""
    rank = {"": 0, "told": 1, "read": 2, "safe": 3, "help": 3, AWAY: 3}
    return before != said and rank[said] >= rank[before]


def take_back(work: Work, alert: Alert, receipt: Receipt) -> None:
    """What the person answered does not hold any more."""
    receipt.answer, receipt.answered_at, receipt.told_by = "", None, None
    work.session.add(receipt)
    work.session.flush()
    changed(work, alert, receipt.person_id)


def changed(work: Work, alert: Alert, person: int | None = None) -> None:
    """The person's own copies show it at once, the board soon: nothing else in its chat waits for it."""
    if person is not None:
        sending.refresh_alert(work, id_of(alert), Post.view == "alert", Post.person_id == person)
    first = id_of(first_of(work, alert))
    deadlines.promise_unless_waiting(work.session, BOARD, first, work.now + BOARD_AFTER)


def redraw_boards(work: Work, alert: int) -> None:
    """The figures, and whom to call, as they are now."""
    sending.refresh_alert(work, alert, col(Post.view).in_(LISTS))
    for one in following(work, work.session.get_one(Alert, alert)):
        sending.refresh_alert(work, id_of(one), col(Post.view).in_(LISTS))


def out_of_reach(work: Work, alert: Alert, person: int, reason: str) -> None:
    """No way of the person's leads to them any more."""
    receipt = receipt_of(work.session, alert.id, person)
    if receipt is not None and not receipt.answer and not receipt.unreached:
        receipt.unreached = reason
        work.session.add(receipt)
        changed(work, alert)


def add_entry(work: Work, alert: Alert, kind: str, author: int | None = None, **body: object) -> AlertEntry:
    """Write down one thing more that happened with it."""
    entry = AlertEntry(alert_id=id_of(alert), at=work.now, kind=kind, author_id=author, body=body)
    work.session.add(entry)
    work.session.flush()
    return entry


def entries(work: Work, alert: Alert, *kinds: str) -> list[AlertEntry]:
    """What happened with it, oldest first; of these kinds only where some are named."""
    query = select(AlertEntry).where(AlertEntry.alert_id == alert.id).order_by(col(AlertEntry.id))
    return list(work.session.exec(query.where(col(AlertEntry.kind).in_(kinds)) if kinds else query))


def late(alert: Alert, receipt: Receipt) -> bool:
    """Whether the answer came after it was due."""
    return bool(alert.answer_by and receipt.answered_at and receipt.answered_at > alert.answer_by)


def id_of(alert: Alert) -> int:
    """The alert's number."""
    assert alert.id is not None
    return alert.id
