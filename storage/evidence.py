"""Evidence as it is stored: claimed, sealed piece by piece, read back whole. Once kept it never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnClause, delete, event, func, inspect, literal_column, update
from sqlalchemy.orm import ORMExecuteState, object_session
from sqlalchemy.orm import Session as AnySession
from sqlmodel import Session, col, select

from storage.tables import Account, Evidence, EvidenceChunk, Outbox
from storage.types import keyring

# Written into the statement, not bound to it: a partial index serves only a state that the planner can read.
WAITING: ColumnClause[str] = literal_column("'waiting'")
HOMING = {
    "incident_id",
    "conversation_id",
    "facts",
    "run_id",
    "step",
}  # what an incident, once there is one, may still set
TOGETHER = timedelta(minutes=2)  # what comes within this is one batch: one receipt, one notice
_OPEN = "unsealed"


class Sealed(Exception):
    """Something tried to change or remove evidence that is kept."""


def claim(session: Session, platforms: Sequence[str], now: datetime, most: int, by: str) -> list[Evidence]:
    """Take up to `most` files that are due, the oldest first, and remove what is left of a fetch that was cut off."""
    query = (
        select(Evidence)
        .join(Account, col(Account.id) == col(Evidence.account_id))
        .where(
            col(Evidence.state) == WAITING,
            Evidence.claimed_by == "",
            col(Evidence.not_before) <= now,
            col(Account.platform).in_(platforms),
        )
        .order_by(col(Evidence.id))
        .limit(most)
    )
    rows = list(session.exec(query.with_for_update(skip_locked=True, of=Evidence)))
    for row in rows:
        row.claimed_by = by
        drop_pieces(session, row)
    session.flush()
    return rows


def release_dead(session: Session, living: set[str]) -> None:
    """What a process had claimed that is no longer living, another may fetch."""
    waiting = (col(Evidence.state) == WAITING, Evidence.claimed_by != "")
    for holder in set(session.exec(select(Evidence.claimed_by).where(*waiting))) - living:
        release(session, holder)


def release(session: Session, holder: str) -> None:
    """Nobody is fetching what this process had claimed: its next life, or another process, may."""
    with unsealed(session):
        session.execute(
            update(Evidence)
            .where(col(Evidence.state) == WAITING, col(Evidence.claimed_by) == holder)
            .values(claimed_by="")
        )


def held(session: Session, number: int, by: str) -> Evidence | None:
    """The row, while this process still holds it; None when it was dropped, or another process took it over."""
    row = session.get(Evidence, number, with_for_update=True)
    return row if row is not None and row.state == "waiting" and row.claimed_by == by else None


def put(session: Session, number: int, by: str, piece: int, sealed: bytes) -> bool:
    """Store one sealed piece; False when it is no longer ours to fetch."""
    if held(session, number, by) is None:
        return False
    session.add(EvidenceChunk(evidence_id=number, number=piece, sealed=sealed))
    return True


def of_incident(session: Session, incident: int) -> list[Evidence]:
    """Everything on the incident, in the order in which it was put there."""
    query = select(Evidence).where(Evidence.incident_id == incident).order_by(col(Evidence.id))
    return sorted(session.exec(query), key=lambda row: row.facts.get("number", 0))


def of_conversation(session: Session, conversation: int) -> list[Evidence]:
    """What a conversation holds until there is an incident."""
    loose = (col(Evidence.incident_id).is_(None), col(Evidence.run_id).is_(None))
    query = select(Evidence).where(Evidence.conversation_id == conversation, *loose)
    return list(session.exec(query.order_by(col(Evidence.id))))


def together(session: Session, first: Evidence) -> list[Evidence]:
    """What came with it or soon after it, from the same account to the same place."""
    query = select(Evidence).where(
        Evidence.account_id == first.account_id,
        col(Evidence.id) >= first.id,
        col(Evidence.received_at) <= first.received_at + TOGETHER,
        Evidence.incident_id == first.incident_id,
    )
    if first.incident_id is None:
        query = query.where(Evidence.conversation_id == first.conversation_id)
    return list(session.exec(query.order_by(col(Evidence.id))))


def receipt_of(session: Session, row: Evidence) -> Outbox | None:
    """The row of the outbox that is the receipt of the batch that it came in."""
    query = select(Outbox).where(
        Outbox.act == "send",
        Outbox.account_id == row.account_id,
        col(Outbox.evidence_id).is_not(None),
        col(Outbox.evidence_id) <= row.id,
    )
    receipt = session.exec(query.order_by(col(Outbox.evidence_id).desc()).limit(1)).first()
    if receipt is None or receipt.evidence_id is None:
        return None
    others = together(session, session.get_one(Evidence, receipt.evidence_id))
    return receipt if row.id in {other.id for other in others} else None


def waiting_of(session: Session, person: int) -> int:
    """How much of what a person sent is still to be fetched."""
    query = select(func.count()).select_from(Evidence)
    return session.exec(query.where(Evidence.person_id == person, col(Evidence.state) == WAITING)).one()


def is_file(evidence: Evidence) -> bool:
    """Whether there are bytes; a place and a message are words, and kept in the row itself."""
    return evidence.remote is not None


def words(evidence: Evidence) -> bytes:
    """A place or a message as the text that its sha256 is over."""
    head = [("author", evidence.facts.get("author", "")), ("name", evidence.facts.get("name", ""))]
    made = evidence.made_at.isoformat() if evidence.made_at else ""
    lines = [f"{name}: {value}" for name, value in (*head, ("written", made)) if value]
    return "\n".join([*lines, "", evidence.facts["text"]]).encode("utf-8", "surrogatepass")


def sealed_piece(session: Session, number: int, piece: int) -> bytes | None:
    """One piece of a file as it is stored, to be opened in another thread; None after the last."""
    query = select(EvidenceChunk.sealed)
    return session.exec(query.where(EvidenceChunk.evidence_id == number, EvidenceChunk.number == piece)).first()


def read(session: Session, evidence: Evidence) -> Iterator[bytes]:
    """The content, decrypted, a piece at a time. Raises WrongKey."""
    if not is_file(evidence):
        yield words(evidence)
        return
    query = select(EvidenceChunk.sealed).where(EvidenceChunk.evidence_id == evidence.id)
    for sealed in session.exec(query.order_by(col(EvidenceChunk.number)).execution_options(yield_per=1)):
        yield keyring.open(sealed)


def verify(session: Session, evidence: Evidence) -> bool:
    """Whether what is stored is what was kept, byte for byte. Raises WrongKey."""
    digest, size = hashlib.sha256(), 0
    for piece in read(session, evidence):
        digest.update(piece)
        size += len(piece)
    return (digest.hexdigest(), size) == (evidence.sha256, evidence.size)


def drop(session: Session, rows: Sequence[Evidence]) -> None:
    """Forget what never came to an incident: whoever sent it broke off or threw it away."""
    with unsealed(session):
        for row in rows:
            session.execute(update(Outbox).where(col(Outbox.evidence_id) == row.id).values(evidence_id=None))
            drop_pieces(session, row)
            session.delete(row)


def drop_pieces(session: Session, row: Evidence) -> None:
    """Remove what was stored of a file that is not whole."""
    with unsealed(session):
        session.execute(delete(EvidenceChunk).where(col(EvidenceChunk.evidence_id) == row.id))


@contextmanager
def unsealed(session: Session) -> Iterator[None]:
    """Inside this, kept evidence may be changed or removed: for purging, a change of keys, and nothing else."""
    before = session.info.get(_OPEN, False)
    session.flush()
    session.info[_OPEN] = True
    try:
        yield
        session.flush()
    finally:
        session.info[_OPEN] = before


@event.listens_for(Evidence, "before_update")
def _unchanged(_: Any, __: Any, row: Evidence) -> None:
    state = inspect(row).attrs
    was = state.state.history.deleted or (row.state,)
    changed = {name for name in Evidence.model_fields if state[name].history.has_changes()}
    homes = (state.incident_id.history.deleted or (row.incident_id,), state.run_id.history.deleted or (row.run_id,))
    homeless = all(home[0] is None for home in homes)
    if was[0] == "kept" and changed and not (homeless and changed <= HOMING):
        _refuse(row)


@event.listens_for(Evidence, "before_delete")
@event.listens_for(EvidenceChunk, "before_update")
@event.listens_for(EvidenceChunk, "before_delete")
def _there(_: Any, __: Any, row: Any) -> None:
    _refuse(row)


@event.listens_for(AnySession, "do_orm_execute")
def _in_bulk(asked: ORMExecuteState) -> None:
    table = asked.bind_mapper.class_ if (asked.is_update or asked.is_delete) and asked.bind_mapper else None
    if table in (Evidence, EvidenceChunk) and not asked.session.info.get(_OPEN):
        raise Sealed(table.__name__)


def _refuse(row: Any) -> None:
    session = object_session(row)
    if session is None or not session.info.get(_OPEN):
        raise Sealed(type(row).__name__)
