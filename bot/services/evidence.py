"""Evidence: where it belongs, what is taken, and what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.commands import (
    AddWords,
    AttachTo,
    CloseIncident,
    CloseTogether,
    NoteStep,
    Nothing,
    RaiseIncident,
    SendAnswer,
)
from bot.events import Attached, Medium
from bot.messages import Message
from bot.prompts import Command
from bot.services import filekinds, incidents, notices, sending, timeline
from bot.services.doing import performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from storage import evidence as stored
from storage.tables import Account, Conversation, Evidence, Incident, Outbox, Person, RunEntry

LIMIT = 20 * 1024 * 1024  # bytes of one file: Telegram gives a bot no larger one
MOST, MOST_WAITING = 50, 10  # pieces on one incident; files of one person that are still to be fetched
MOST_EVEN_REFUSED = 4 * MOST  # on one incident: a card is drawn from them all
WORDS = (Medium.PLACE, Medium.MESSAGE)  # complete as they come; everything else is fetched


@dataclass(frozen=True)
class Home:
    """Where it belongs: an incident, or the conversation that holds it until there is one.

    With both it is on the incident, and came in that conversation.
    """

    incident: Incident | None = None
    talk: Conversation | None = None


@dataclass(frozen=True)
class Arrived:
    """How many were taken, and whether they are the first of their batch."""

    taken: int
    first: bool


def arrive(work: Work, actor: Actor, home: Home, attached: tuple[Attached, ...], caption: str = "") -> Arrived:
    """Take in what came with one event."""
    attached = _told(attached)
    room = _room(work, actor, home, attached)
    rows = [_row(work, actor, home, one) for one in attached[:room]]
    taken = [row for row in rows if row.state != "refused"]
    if caption and taken:
        taken[0].facts = {**taken[0].facts, "caption": caption}
    work.session.add_all(rows)
    work.session.flush()
    if home.incident is not None:
        _attach(work, actor, rows, home.incident, unit=_of_the_unit(actor, home.incident))
    for reason, row in {row.reason: row for row in rows if row.state == "refused"}.items():  # each said once
        tell(work, row, f"evidence.{reason}")
    first = bool(taken) and stored.receipt_of(work.session, taken[0]) is None
    if first:
        sending.draw_later(work, actor.account, _id(taken[0]), home.incident.id if home.incident else None)
        if home.incident is not None:
            _notify(work, actor, home.incident)
    elif taken:
        refresh_receipt(work, taken[0])
    return Arrived(len(taken), first)


def _told(attached: tuple[Attached, ...]) -> tuple[Attached, ...]:
    """A file that comes with somebody's message is by the same hand; a message that is only files says nothing."""
    found: list[Attached] = []
    message: Attached | None = None
    for one in attached:
        message = one if one.medium is Medium.MESSAGE else message
        if message is not None and one is not message and not one.author:
            one = replace(one, author=message.author, made_at=one.made_at or message.made_at)
        found.append(one)
    said = [one for one in found if one.medium is not Medium.MESSAGE or one.text.strip()]
    return tuple(said or found)


def _room(work: Work, actor: Actor, home: Home, attached: tuple[Attached, ...]) -> int:
    """How many of them are taken; what is left is said, with what to do about it."""
    rows = _there(work, home)
    free = min(MOST - sum(row.state in ("waiting", "kept") for row in rows), MOST_EVEN_REFUSED - len(rows))
    if free < len(attached) and home.incident is not None:
        say(work, actor, "evidence.full", number=home.incident.id, most=MOST)
    elif free < len(attached):
        say(work, actor, "evidence.full_held", most=MOST)
    files = sum(one.medium not in WORDS for one in attached)
    quick = MOST_WAITING - stored.waiting_of(work.session, actor.id)
    if files > quick:
        say(work, actor, "evidence.busy", count=files - max(quick, 0))
        free = min(free, max(quick, 0))
    return max(free, 0)


def _there(work: Work, home: Home) -> list[Evidence]:
    if home.incident is not None:
        return stored.of_incident(work.session, _number(home.incident))
    return stored.of_conversation(work.session, home.talk.id or 0) if home.talk else []


def _row(work: Work, actor: Actor, home: Home, one: Attached) -> Evidence:
    assert work.event is not None
    assert actor.account.id is not None
    claims = {"name": one.name, "media": one.media, "author": one.author, "claimed": one.size}
    row = Evidence(
        conversation_id=home.talk.id if home.talk else None,
        person_id=actor.id,
        account_id=actor.account.id,
        medium=one.medium,
        facts={name: value for name, value in claims.items() if value},
        made_at=one.made_at,
        sent_at=work.event.sent_at,
        received_at=work.event.received_at,
        not_before=work.now,
    )
    if one.medium in WORDS:
        row.facts = {**row.facts, "text": one.text}
        if one.text.strip():
            _keep_words(work, row)
        else:
            row.state, row.reason = "refused", "empty"
    else:
        row.remote = one.remote
        if reason := _refused_at_once(one):
            row.state, row.reason = "refused", reason
    return row


def _refused_at_once(one: Attached) -> str:
    if one.size > LIMIT:
        return "too_big"
    if filekinds.active_name(one.name):
        return "program"
    return "" if one.remote else "gone"


def _keep_words(work: Work, row: Evidence) -> None:
    content = stored.words(row)
    row.media, row.size, row.sha256 = "text/plain", len(content), hashlib.sha256(content).hexdigest()
    row.state, row.kept_at = "kept", work.now


def follow(work: Work, actor: Actor, talk: Conversation, command: Command, result: Any) -> None:
    """What a conversation held goes where its command went, in the same transaction."""
    rows = stored.of_conversation(work.session, talk.id) if talk.id is not None else []
    if not rows:
        return
    match command:
        case RaiseIncident(practice=False):
            number = int(result)
        case AddWords() | SendAnswer() | CloseIncident() | CloseTogether() | AttachTo():
            number = command.incident
        case NoteStep():
            _put_on_step(work, actor, rows, command)
            return
        case Nothing():
            drop(work, actor, talk)
            return
        case _:
            return
    incident = work.session.get_one(Incident, number)
    unit = isinstance(command, AttachTo) and _of_the_unit(actor, incident)
    _attach(work, actor, rows, incident, unit=unit)
    refresh_receipt(work, rows[-1])
    if isinstance(command, AttachTo):
        _notify(work, actor, incident)
    sending.refresh(work, number)


def holds(work: Work, talk: Conversation) -> bool:
    """Whether something was attached to a conversation that has no place yet."""
    return bool(stored.of_conversation(work.session, talk.id or 0))


def _put_on_step(work: Work, actor: Actor, rows: list[Evidence], command: NoteStep) -> None:
    """What came while a note was asked for belongs to that step of the run."""
    for row in rows:
        row.run_id, row.step = command.run, command.step
        entry = RunEntry(run_id=command.run, at=work.now, kind="evidence", step=command.step, author_id=actor.id)
        entry.body = {"item": row.id, "medium": row.medium}
        work.session.add(entry)
    work.session.flush()
    refresh_receipt(work, rows[-1])
    sending.refresh_run(work, command.run)


@performs(AttachTo, Right.SEE)
def attach_to(work: Work, actor: Actor, command: AttachTo) -> None:
    """Here only the right is checked: the conversation's evidence follows."""


def _of_the_unit(actor: Actor, incident: Incident) -> bool:
    """What the unit puts on another's incident is its own: the reporter gets what comes with an answer."""
    return actor.unit and incident.reporter_id != actor.id


def _attach(work: Work, actor: Actor, rows: list[Evidence], incident: Incident, *, unit: bool) -> None:
    number = len(stored.of_incident(work.session, _number(incident)))
    for row in rows:
        number += 0 if row.incident_id else 1
        row.incident_id = incident.id
        row.facts = {**row.facts, "number": number, **({"unit": True} if unit else {})}
        work.session.flush()
        if row.state != "waiting":
            _write_down(work, row)
        if caption := row.facts.get("caption"):
            timeline.add(work, incident, "words", actor.person, text=caption, **({"unit": True} if unit else {}))


def _write_down(work: Work, row: Evidence) -> None:
    """One line more on the timeline: it is kept, or it did not come."""
    if row.incident_id is None:
        return
    incident = work.session.get_one(Incident, row.incident_id)
    body = {"item": row.facts["number"], "medium": row.medium, **({"unit": True} if row.facts.get("unit") else {})}
    author = work.session.get(Person, row.person_id)
    if row.state == "kept":
        timeline.add(work, incident, "evidence", author, **body)
    else:
        timeline.add(work, incident, "evidence_lost", author, why=row.reason, **body)


def _notify(work: Work, actor: Actor, incident: Incident) -> None:
    """The neutral notice that something came: to whoever has it, or to everybody while nobody has."""
    if incident.status == "closed" and incident.reporter_id == actor.id:
        incidents.open_again(work, incident)
    elif incident.taken_by is not None and incident.taken_by != actor.id:
        notices.to_person(work, incident, incident.taken_by, "evidence")
    elif incident.taken_by is None and not _of_the_unit(actor, incident):
        notices.to_unit(work, incident, "evidence")
    sending.refresh(work, _number(incident))


# What became of a file


def kept(work: Work, row: Evidence, media: str, size: int, sha256: str) -> None:
    """All of it is here, sealed."""
    row.media, row.size, row.sha256, row.claimed_by = media, size, sha256, ""
    row.state, row.kept_at = "kept", work.now
    _write_down(work, row)
    _settled(work, row)


def lost(work: Work, row: Evidence, state: str, reason: str) -> None:
    """It will not come: refused for what it is, or failed because the platform no longer has it."""
    row.state, row.reason, row.claimed_by = state, reason, ""
    stored.drop_pieces(work.session, row)
    _write_down(work, row)
    tell(work, row, f"evidence.{reason}")
    incident = work.session.get(Incident, row.incident_id) if row.incident_id else None
    if incident is not None and state == "failed" and incident.taken_by is not None:
        notices.to_person(work, incident, incident.taken_by, "evidence_lost")
    _settled(work, row)


def later(row: Evidence, at: datetime, *, failed: bool) -> None:
    """Fetch it at or after this time; asking for patience is no failure."""
    row.not_before, row.claimed_by = at, ""
    row.attempts += 1 if failed else 0


def _settled(work: Work, row: Evidence) -> None:
    work.session.flush()
    refresh_receipt(work, row)
    if row.incident_id is not None:
        sending.refresh(work, row.incident_id)
    if row.run_id is not None:
        sending.refresh_run(work, row.run_id)


def sent_in(work: Work, talk: Conversation) -> int | None:
    """The incident that got evidence in this conversation already; None when it got none."""
    query = select(Evidence.incident_id).where(Evidence.conversation_id == talk.id)
    return next((number for number in work.session.exec(query) if number is not None), None)


def drop(work: Work, actor: Actor, talk: Conversation, said: str = "evidence.dropped") -> None:
    """Who breaks off or throws away leaves nothing behind, and the receipt says so."""
    assert talk.id is not None
    rows = stored.of_conversation(work.session, talk.id)
    if not rows:
        return
    gone = Message((work.voice(actor.person).paragraph(said),))
    for number in _receipts(work, rows):
        sending.say_instead(work, number, gone)
    stored.drop(work.session, rows)


def _receipts(work: Work, rows: list[Evidence]) -> list[Outbox]:
    """Every row of the outbox that draws or changes a receipt for these, the receipts themselves first."""
    query = select(Outbox).where(col(Outbox.evidence_id).in_([row.id for row in rows]))
    return list(work.session.exec(query.order_by(col(Outbox.id))))


def refresh_receipt(work: Work, row: Evidence) -> None:
    """Let the batch's receipt say what is true now."""
    receipt = stored.receipt_of(work.session, row)
    if receipt is not None:
        receipt.incident_id = row.incident_id  # who answers it writes on that incident
        sending.draw_again(work, receipt)


def say(work: Work, actor: Actor, key: str, **values: Any) -> None:
    """A clear answer to who sent it."""
    voice = work.voice(actor.person)
    message = voice.say(key, phone=work.house.number_at(work.now), **values)
    sending.to_account(work, actor.account, message, "answer")


def tell(work: Work, row: Evidence, key: str) -> None:
    """Say to who sent it what became of it, where it was sent from."""
    person, account = work.session.get_one(Person, row.person_id), work.session.get_one(Account, row.account_id)
    voice = work.voice(person)
    values = {"what": voice.word(f"evidence.{row.medium}"), "phone": work.house.number_at(work.now)}
    sending.to_account(work, account, voice.say(key, **values), "answer", row.incident_id)


def _number(incident: Incident) -> int:
    return incidents.number_of(incident)


def _id(row: Evidence) -> int:
    assert row.id is not None
    return row.id
