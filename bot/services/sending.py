"""Puts messages into the outbox. Nothing is sent here: delivery does, after the commit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, TypeVar, overload

from sqlmodel import col, select

from bot.gateways import SMS
from bot.messages import Message, from_json, split, to_json
from bot.picture.chart import Chart
from bot.services import people, pictures, resting
from bot.services.work import Work
from storage import held
from storage.outbox import PRIORITY, owed_since
from storage.tables import Account, Alert, Held, Incident, Outbox, Person, Post, SharedPlace

Urgent = Literal["answer", "question", "emergency"]
R = TypeVar("R", Outbox, Post)


@overload
def to_account(work: Work, account: Account, message: Message, purpose: Urgent, incident: int | None = None,
               *, alert: int | None = None) -> Outbox: ...  # fmt: skip


@overload
def to_account(work: Work, account: Account, message: Message, purpose: str, incident: int | None = None,
               *, alert: int | None = None) -> Outbox | None: ...  # fmt: skip


def to_account(work: Work, account: Account, message: Message, purpose: str, incident: int | None = None,
               *, alert: int | None = None) -> Outbox | None:  # fmt: skip
    """Send to one account, or let it wait for what may wait. Returns the row that carries the buttons, if any."""
    if wait := resting.wait_for(work, account, purpose, incident=incident):
        _hold(work, account, purpose, wait, body=to_json(message))
        return None
    return at_once(work, account, message, purpose, incident, alert=alert)


def at_once(work: Work, account: Account, message: Message, purpose: str, incident: int | None = None,
            *, alert: int | None = None) -> Outbox:  # fmt: skip
    """Send to one account now; a long message as several. Returns the row that carries the buttons."""
    of = {"incident_id": incident, "alert_id": alert}
    rows = [_row(work, account, purpose, body=to_json(piece), **of) for piece in split(message)]
    offer(account, message)
    return rows[-1]


def offer(account: Account, message: Message) -> None:
    """The buttons of the newest message can be answered by number or by their first word."""
    if message.buttons:
        account.offered = [[b.label, b.token] for line in message.buttons for b in line if not b.form]


def offers_run(account: Account, run: int) -> bool:
    """Whether a number that is typed now means a step of this list: it goes on to, when another section shows."""
    steps = (f"a.tick.{run}.", f"a.step.{run}.")
    return any(token.startswith(steps) for _, token in account.offered or [])


def to_person(work: Work, person: Person, message: Message, purpose: str, incident: int | None = None,
              *, alert: int | None = None) -> Outbox | None:  # fmt: skip
    """Send to the account that the person prefers; None when there is none to send to."""
    accounts = people.accounts_of(work.session, person)
    return to_account(work, accounts[0], message, purpose, incident, alert=alert) if accounts else None


def edit_row(work: Work, target: int | None, message: Message) -> None:
    """Replace the message that an earlier row sent."""
    row = work.session.get(Outbox, target) if target is not None else None
    if row is not None and row.account_id is not None:
        account = work.session.get_one(Account, row.account_id)
        _row(work, account, "answer", act="edit", body=to_json(message), target_row=target)


def draw_later(work: Work, account: Account, evidence: int, incident: int | None) -> None:
    """A receipt for evidence: drawn from what is true when it is sent."""
    _row(work, account, "answer", evidence_id=evidence, incident_id=incident)


def draw_again(work: Work, receipt: Outbox) -> None:
    """Let a receipt for evidence be drawn anew, unless it waits for that already."""
    waits = select(Outbox.id).where(Outbox.target_row == receipt.id, Outbox.state == "waiting")
    if receipt.account_id is None or receipt.state == "waiting" or work.session.exec(waits).first():
        return
    account = work.session.get_one(Account, receipt.account_id)
    _row(work, account, "answer", act="edit", evidence_id=receipt.evidence_id, target_row=receipt.id)


def say_instead(work: Work, row: Outbox, message: Message) -> None:
    """Let a receipt, or a change of one, say this and nothing else from now on."""
    if row.state == "waiting" and row.act in ("send", "edit"):
        row.body = to_json(message)
    elif row.act == "send":
        edit_row(work, row.id, message)


def file_to_account(work: Work, account: Account, message: Message, evidence: int, incident: int | None) -> None:
    """Send a file that is kept, with a message below it."""
    _row(work, account, "answer", act="file", body=to_json(message), evidence_id=evidence, incident_id=incident)


def table_to_account(work: Work, account: Account, message: Message, alert: int | None = None) -> None:
    """Send the table of a broadcast, or the situation's, as a file with a message below it; drawn when it is sent."""
    body = to_json(message) | ({"figures": True} if alert is None else {})
    _row(work, account, "answer", act="file", body=body, alert_id=alert)


def picture_to_account(work: Work, account: Account, message: Message, chart: Chart, purpose: str = "answer") -> None:
    """Send a picture, drawn when it is sent, over a message without buttons; in words where it may not go or waits."""
    if work.terse(account) or resting.wait_for(work, account, purpose):
        to_account(work, account, pictures.in_words(message, chart), purpose)
        return
    for row in pictures.rows(message, chart, unit=people.actor(work.session, account).unit):
        _row(work, account, purpose, **row)


def replace_pressed(work: Work, account: Account, message: Message, *, alert: int | None = None) -> None:
    """Replace the message whose button was pressed: who pressed and what came of it; its buttons go away."""
    if work.event is not None and work.event.message and work.event.chat.private:
        where = {"act": "edit", "target_ref": work.event.message, "alert_id": alert}
        _row(work, account, "answer", body=to_json(message), **where)
        offer(account, message)
    else:
        to_account(work, account, message, "answer", alert=alert)


def leave_place(work: Work, place: SharedPlace) -> None:
    """Leave a channel or group."""
    _row(work, place, "info", act="leave")


def to_place(work: Work, place: SharedPlace, message: Message) -> None:
    """Say something in a shared place."""
    _row(work, place, "info", body=to_json(message))


def pin_row(work: Work, account: Account, target: Outbox) -> None:
    """Pin the message that an earlier row sends."""
    work.session.flush()
    _row(work, account, "info", act="pin", target_row=target.id)


def menu_row(work: Work, account: Account, body: dict[str, Any]) -> None:
    """Set the menu of commands in this account's chat."""
    _row(work, account, "info", act="menu", body=body)


def post_to_account(work: Work, account: Account, incident: int, view: str, reason: str) -> Post:
    """A message to this account that stays current; earlier ones about the incident fold."""
    _fold(work, account, incident)
    post = Post(view=view, reason=reason, incident_id=incident, person_id=account.person_id, account_id=account.id)
    _put(work, account, post, "notice")
    return post


def send_on(work: Work, row: Outbox, post: Post | None, account: Account, body: dict[str, Any] | None) -> Outbox:
    """The same as a row that did not get through, to another account of the person: a post, or what `body` says."""
    about = {"incident_id": row.incident_id, "alert_id": row.alert_id, "owed_since": owed_since(row)}
    if post is None:
        assert body is not None
        offer(account, from_json(body))
        sent = _added(work, _row(work, account, row.purpose, body=body, **about))
        held.came_instead(work.session, row.id, sent.id)
        return sent
    copy = _copy(work, post, account)
    return _added(work, _row(work, account, row.purpose, post_id=copy.id, **about))


def _copy(work: Work, post: Post, account: Account) -> Post:
    """The post's twin on another account, which may be there and never have arrived; earlier ones fold."""
    same = (
        col(Post.incident_id) == post.incident_id,
        col(Post.alert_id) == post.alert_id,
        col(Post.call_id) == post.call_id,
        Post.view == post.view,
        Post.reason == post.reason,
        Post.account_id == account.id,
        col(Post.ref).is_(None),
        col(Post.folded).is_(False),
    )
    twin = work.session.exec(select(Post).where(*same).order_by(col(Post.id).desc())).first()
    if twin is not None:
        return twin
    for old in _unfolded(work, post.incident_id, Post.account_id == account.id) if post.incident_id else ():
        old.folded = True
        refresh_post(work, old)
    twin = Post(view=post.view, reason=post.reason, person_id=post.person_id, account_id=account.id)
    twin.incident_id, twin.alert_id, twin.call_id = post.incident_id, post.alert_id, post.call_id
    return _added(work, twin)


def post_to_place(work: Work, place: SharedPlace, incident: int, reason: str) -> Post:
    """A notice in a shared place that stays current."""
    post = Post(view="notice", reason=reason, incident_id=incident, place_id=place.id)
    work.session.add(post)
    work.session.flush()
    _row(work, place, "notice", post_id=post.id, incident_id=incident)
    return post


def post_of_alert(work: Work, account: Account, alert: int, view: str, purpose: str, reason: str = "sent") -> Post:
    """A message about a broadcast that stays current."""
    post = Post(view=view, reason=reason, alert_id=alert, person_id=account.person_id, account_id=account.id)
    _put(work, account, post, purpose)
    return post


def post_of_run(work: Work, account: Account, run: int) -> Post:
    """A checklist that is ticked off, which stays current."""
    post = Post(view="run", reason="asked", run_id=run, person_id=account.person_id, account_id=account.id)
    _post_row(work, account, _added(work, post), "answer")
    return post


def post_of_call(work: Work, account: Account, call: int, view: str, purpose: str) -> Post:
    """A call for support, which stays current."""
    post = Post(view=view, reason="asked", call_id=call, person_id=account.person_id, account_id=account.id)
    _post_row(work, account, _added(work, post), purpose)
    return post


def refresh_call(work: Work, call: int) -> None:
    """Let the messages about a call for support be drawn anew."""
    for post in work.session.exec(select(Post).where(Post.call_id == call).order_by(col(Post.id))).all():
        refresh_post(work, post)


def run_to_account(work: Work, account: Account, message: Message, run: int) -> None:
    """Send a run's table as a file, with a message below it; it is drawn when it is sent."""
    _row(work, account, "answer", act="file", body=to_json(message), run_id=run)


def _put(work: Work, account: Account, post: Post, purpose: str) -> None:
    """A new post is sent, or waits."""
    work.session.add(post)
    work.session.flush()
    of = {"incident": post.incident_id, "alert": post.alert_id}
    if wait := resting.wait_for(work, account, purpose, view=post.view, **of):
        _hold(work, account, purpose, wait, post_id=post.id)
    else:
        _post_row(work, account, post, purpose)


def _hold(work: Work, account: Account, purpose: str, wait: resting.Wait, **what: Any) -> None:
    assert account.id is not None
    until, why = wait
    waits = Held(account_id=account.id, purpose=purpose, created_at=work.now, until=until, **what)
    held.hold(work.session, [waits], why)


def hold_posts(work: Work, waits: Iterable[tuple[int, int | None, datetime]], purpose: str) -> None:
    """Let new posts wait for the quiet hours of their readers: many at once, with no look at each."""
    rows = [
        Held(account_id=account, purpose=purpose, post_id=post, created_at=work.now, until=until)
        for account, post, until in waits
    ]
    if rows:
        held.hold(work.session, rows, "quiet")


def send_post(work: Work, account: Account, post: Post, purpose: str) -> Outbox:
    """Send a post that has waited, to whichever account it goes now; older ones about the incident fold."""
    if post.incident_id is not None:
        _fold(work, account, post.incident_id, Post.id != post.id)
    post.folded, post.account_id = False, account.id
    row = _post_row(work, account, post, purpose)
    work.session.flush()
    return row


def _post_row(work: Work, account: Account, post: Post, purpose: str) -> Outbox:
    of = {"incident_id": post.incident_id, "alert_id": post.alert_id}
    return _row(work, account, purpose, post_id=post.id, **of)


def _fold(work: Work, account: Account, incident: int, *which: Any) -> None:
    for old in _unfolded(work, incident, Post.account_id == account.id, *which):
        old.folded = True
        refresh_post(work, old)


def refresh_alert(work: Work, alert: int, *which: Any) -> None:
    """Let messages about a broadcast be drawn anew."""
    query = select(Post).where(Post.alert_id == alert, col(Post.folded).is_(False), *which)
    for post in work.session.exec(query.order_by(col(Post.id))).all():
        refresh_post(work, post)


def refresh_run(work: Work, run: int, *which: Any) -> None:
    """Let the messages about a run be drawn anew."""
    query = select(Post).where(Post.run_id == run, col(Post.folded).is_(False), *which)
    for post in work.session.exec(query.order_by(col(Post.id))).all():
        refresh_post(work, post)


def to_phone(work: Work, person: Person, act: str, about: Alert | Incident) -> None:
    """A text (`send`) or a call to a person's telephone. The number stays with the person until it is sent."""
    alert = about.id if isinstance(about, Alert) else None
    incident = about.id if isinstance(about, Incident) else None
    row = Outbox(
        created_at=work.now, not_before=work.now, platform=SMS, team="", chat=phone_of(person), act=act,
        purpose="notice", priority=PRIORITY["notice"], alert_id=alert, incident_id=incident,
    )  # fmt: skip
    work.session.add(row)


def phone_of(person: Person) -> str:
    """How the outbox names a person's telephone."""
    return f"person:{person.id}"


def person_at(row: Outbox) -> int:
    """The id of the person whose telephone a row is for."""
    return int(row.chat.removeprefix("person:"))


def refresh(work: Work, incident: int) -> None:
    """Let every message about the incident be drawn anew; changes that come together are one edit."""
    for post in (*_unfolded(work, incident), *_telling_of(work, incident)):
        refresh_post(work, post)


def refresh_person(work: Work, person: int) -> None:
    """Draw anew all that a person was shown: the rights have changed, and what may not be seen goes away."""
    for post in work.session.exec(select(Post).where(Post.person_id == person, col(Post.folded).is_(False))):
        refresh_post(work, post)


def _telling_of(work: Work, incident: int) -> list[Post]:
    """The unit's messages about what is linked to it, which say how it stands. Nobody else's are touched."""
    lead = select(Incident.linked_to).where(Incident.id == incident).scalar_subquery()
    found = select(Incident.id).where((col(Incident.linked_to) == incident) | (col(Incident.id) == lead))
    linked = work.session.exec(found).all()
    if not linked:
        return []
    unit = [person.id for person in people.unit_people(work.session)]
    which = (col(Post.incident_id).in_(linked), col(Post.person_id).in_(unit), col(Post.folded).is_(False))
    return list(work.session.exec(select(Post).where(*which).order_by(col(Post.id))))


def _unfolded(work: Work, incident: int, *which: Any) -> list[Post]:
    query = select(Post).where(Post.incident_id == incident, col(Post.folded).is_(False), *which)
    return list(work.session.exec(query.order_by(col(Post.id))))


def refresh_post(work: Work, post: Post) -> None:
    """Let one message be drawn anew, unless it waits for that already."""
    assert post.id is not None
    if post.id in work.refreshed:
        return
    work.refreshed.add(post.id)
    unsettled = (col(Outbox.state).in_(("waiting", "claimed")), Outbox.post_id == post.id)
    states = work.session.exec(select(Outbox.state).where(*unsettled)).all()
    never_arrived = post.ref is None and not states  # there is nothing to draw anew, and nobody to send it to
    if "waiting" not in states and not never_arrived:
        of = {"incident_id": post.incident_id, "alert_id": post.alert_id}
        purpose = "alert" if post.alert_id is not None else "answer" if post.run_id is not None else "notice"
        _row(work, _target(work, post), purpose, post_id=post.id, **of)


def _target(work: Work, post: Post) -> Account | SharedPlace:
    if post.account_id is not None:
        return work.session.get_one(Account, post.account_id)
    return work.session.get_one(SharedPlace, post.place_id)


def _row(work: Work, to: Account | SharedPlace, purpose: str, **more: Any) -> Outbox:
    row = Outbox(
        created_at=work.now,
        platform=to.platform,
        team=to.team,
        chat=to.chat if isinstance(to, SharedPlace) else to.user,
        account_id=to.id if isinstance(to, Account) else None,
        purpose=purpose,
        priority=PRIORITY[purpose],
        **{"not_before": work.now, **more},
    )
    work.session.add(row)
    return row


def _added(work: Work, one: R) -> R:
    """With its number."""
    work.session.add(one)
    work.session.flush()
    return one


def shared_places(work: Work) -> list[SharedPlace]:
    """The unit's bound channels and groups."""
    query = select(SharedPlace).where(SharedPlace.state == "bound").order_by(col(SharedPlace.id))
    return list(work.session.exec(query))
