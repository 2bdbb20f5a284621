"""What waited comes: as itself if it is one message, else as one digest, from which each can be shown."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import from_json
from bot.services import digest_views, people, resting, rights, sending
from bot.services.doing import Already, on_number
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from storage import held
from storage.tables import Account, Held, Incident, Outbox, Person, Post


def due(work: Work, account: int, why: str) -> None:
    """Quiet hours, or the minute of a flood, are over: whatever waited for that comes, wherever it would have come."""
    waited_for = work.session.get(Account, account)
    if waited_for is None:
        return
    person = work.session.get_one(Person, waited_for.person_id)
    rows = held.waiting(work.session, _id(person), work.now)
    end = resting.off_duty_until(work, person) if why == "flood" else None
    if end is not None:  # they began meanwhile
        held.put_off(work.session, rows, end, "quiet")
    else:
        send(work, person, rows)


def reconsider(work: Work, person: Person) -> None:
    """The person's quiet hours are others now: what waited for the old ones comes at once, or when the new ones end."""
    soon = work.now + resting.FLOOD  # a flood ebbs by itself
    rows = [row for row in held.waiting(work.session, _id(person)) if row.until > soon]
    end = resting.quiet_until(work, person, "")
    if end is not None:
        held.put_off(work.session, rows, end, "quiet")
    else:
        send(work, person, rows)


def send(work: Work, person: Person, rows: Sequence[Held]) -> None:
    """Let what is not pointless by now come where the person's notices go first."""
    held.settle(rows, work.now)
    account = _where(work, person, rows)
    left, closed = _left(work, account, rows) if account is not None else ([], 0)
    if account is None or not left:
        return
    alone = len(left) == 1 or not people.roles_of(work.session, _id(person))  # who has no role can press nothing
    if alone:
        for row in left:
            held.settle([row], work.now, _itself(work, account, row, row.purpose))
        return
    _as_digest(work, account, left, closed)


def _as_digest(work: Work, account: Account, rows: Sequence[Held], closed: int = 0) -> Outbox:
    voice = work.voice(work.session.get_one(Person, account.person_id))
    sent = sending.at_once(work, account, digest_views.page(work, voice, rows, closed=closed), "notice")
    work.session.flush()
    held.settle(rows, work.now, sent)
    return sent


def _where(work: Work, person: Person, rows: Sequence[Held]) -> Account | None:
    """The preferred account; with none in use the one that it waited for, so that it is seen to fail."""
    if not rows:
        return None
    usable = people.accounts_of(work.session, person)
    account = usable[0] if usable else work.session.get_one(Account, rows[0].account_id)
    return account if account.state != "revoked" else None


def _left(work: Work, account: Account, rows: Sequence[Held]) -> tuple[list[Held], int]:
    """What there is still a point in, the last of each incident; and how many incidents the unit has closed."""
    actor = people.actor(work.session, account)
    left: dict[str, Held] = {}
    closed: set[int | None] = set()
    for row in rows:
        row.account_id = account.id or 0
        post = work.session.get(Post, row.post_id) if row.post_id else None
        if post is None:
            left[f"{row.id}"] = row
            continue
        post.account_id = account.id
        incident = work.session.get(Incident, post.incident_id) if post.incident_id else None
        if _pointless(actor, post, incident):
            post.folded = True
            closed |= {incident.id} if incident is not None and rights.sees(actor, incident) else set()
        elif not post.folded:
            _put_last(work, left, f"incident {incident.id}" if incident is not None else f"{row.id}", row)
    return list(left.values()), len(closed)


def _pointless(actor: Actor, post: Post, incident: Incident | None) -> bool:
    """Whether it is over for the unit, or is not for this person's eyes any more."""
    if incident is None:
        return post.view == "board" and not actor.unit
    return not rights.sees(actor, incident) or (incident.status == "closed" and actor.unit)


def _put_last(work: Work, left: dict[str, Held], what: str, row: Held) -> None:
    """A newer message about the same says more."""
    before = left.pop(what, None)
    if before is not None:
        work.session.get_one(Post, before.post_id).folded = True
    left[what] = row


def _itself(work: Work, account: Account, row: Held, purpose: str) -> Outbox:
    """The message as it would have come, drawn from what is true now."""
    if row.post_id is not None:
        return sending.send_post(work, account, work.session.get_one(Post, row.post_id), purpose)
    message, row.body = from_json(row.body or {}), {}
    sent = sending.at_once(work, account, message, purpose)
    work.session.flush()
    return sent


@on_number("held", Right.LINKED)
def show(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Visa 1": the message itself, alive."""
    row, rows = _pressed(work, actor, number)
    _show(work, actor, [row], rows, digest_views.start_of(rows, row))


@on_number("held_all", Right.LINKED)
def show_all(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Visa alla"."""
    rows = _pressed(work, actor, number)[1]
    _show(work, actor, rows, rows, 0)


@on_number("held_next", Right.LINKED)
def turn(work: Work, actor: Actor, number: int, start: str) -> None:
    """ "Bläddra": the next lines in the same message."""
    row, rows = _pressed(work, actor, number)
    wanted = int(start) if start.isdecimal() and int(start) < len(rows) else 0
    sending.edit_row(work, row.row_id, digest_views.page(work, work.voice(actor.person), rows, wanted))


def _pressed(work: Work, actor: Actor, number: int) -> tuple[Held, list[Held]]:
    """What is pressed, with all that came with it. Raises NotFound for another's, or what has not come."""
    row = work.session.get(Held, number)
    owner = work.session.get_one(Account, row.account_id).person_id if row is not None else None
    if row is None or owner != actor.id or row.row_id is None:
        raise NotFound
    return row, held.came_in(work.session, row.row_id)


def _show(work: Work, actor: Actor, some: Sequence[Held], rows: Sequence[Held], start: int) -> None:
    """Raises Already when they stand here: two presses bring nothing twice."""
    left = digest_views.unsent(work, some)
    if not left:
        raise Already("digest.shown")
    for row in left:
        _itself(work, actor.account, row, "answer")
    sending.edit_row(work, rows[0].row_id, digest_views.page(work, work.voice(actor.person), rows, start))


def _id(person: Person) -> int:
    assert person.id is not None
    return person.id
