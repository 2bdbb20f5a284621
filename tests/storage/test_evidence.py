"""Kept evidence never changes, is read back whole, and is fetched by one process at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from storage import evidence
from storage.database import Database
from storage.evidence import Sealed
from storage.tables import Account, Evidence, EvidenceChunk, Incident, Person
from storage.types import keyring

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONTENT = [b"first piece", b"second piece"]
BOTH = ("telegram", "slack")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.engine) as opened:
        opened.add(Person(name="Alva", language="sv", created_at=NOW))
        opened.flush()
        opened.add(Account(person_id=1, platform="telegram", team="", user="1", state="active", linked_at=NOW))
        opened.add(Incident(imminence="now", reporter_id=1, details={}, raised_at=NOW, sent_at=NOW))
        opened.flush()
        yield opened


def put(session: Session, **more: Any) -> Evidence:
    """A file that waits on the incident."""
    times = {"sent_at": NOW, "received_at": NOW, "not_before": NOW}
    row = Evidence(
        **{
            "incident_id": 1,
            "person_id": 1,
            "account_id": 1,
            "medium": "photo",
            "remote": "r",
            "facts": {"number": 1},
            **times,
            **more,
        }
    )
    session.add(row)
    session.flush()
    return row


def kept(session: Session, **more: Any) -> Evidence:
    """A file of two pieces that is kept."""
    whole = b"".join(CONTENT)
    digest = hashlib.sha256(whole).hexdigest()
    row = put(session, state="kept", kept_at=NOW, media="image/png", size=len(whole), sha256=digest, **more)
    for number, piece in enumerate(CONTENT):
        session.add(EvidenceChunk(evidence_id=row.id or 0, number=number, sealed=keyring.seal(piece)))
    session.flush()
    return row


def test_it_is_read_back_piece_by_piece_and_verified(session: Session) -> None:
    row = kept(session)
    assert list(evidence.read(session, row)) == CONTENT
    assert evidence.verify(session, row)


@pytest.mark.parametrize("damage", ["another byte", "a piece gone", "pieces swapped"])
def test_damage_is_found(session: Session, damage: str) -> None:
    row = kept(session)
    first, second = session.exec(select(EvidenceChunk)).all()
    with evidence.unsealed(session):
        if damage == "another byte":
            first.sealed = keyring.seal(b"First piece")
        elif damage == "a piece gone":
            session.delete(second)
        else:
            first.sealed, second.sealed = second.sealed, first.sealed
    assert not evidence.verify(session, row)


@pytest.mark.parametrize("change", ["state", "size", "sha256", "facts", "medium", "incident_id", "remote", "made_at"])
def test_what_is_kept_on_an_incident_cannot_be_changed(session: Session, change: str) -> None:
    row = kept(session)
    value = {"size": 1, "facts": {"number": 2}, "incident_id": None, "made_at": NOW, "state": "failed"}.get(change, "x")
    row.reason = "x"
    setattr(row, change, value)
    with pytest.raises(Sealed):
        session.flush()


def test_what_is_kept_cannot_be_removed_nor_its_pieces_changed(session: Session) -> None:
    row = kept(session)
    session.commit()
    chunk = session.exec(select(EvidenceChunk)).all()[1]
    chunk.sealed = b"other"
    with pytest.raises(Sealed):
        session.flush()
    for one in (chunk, row):
        session.rollback()
        session.delete(one)
        with pytest.raises(Sealed):
            session.flush()


@pytest.mark.parametrize(
    "statement",
    [
        delete(EvidenceChunk),
        delete(Evidence),
        update(Evidence).values(size=1),
        update(EvidenceChunk).where(col(EvidenceChunk.number) == 0).values(sealed=b"x"),
    ],
)
def test_nor_all_at_once(session: Session, statement: Any) -> None:
    row = kept(session)
    with pytest.raises(Sealed):
        session.execute(statement)
    assert evidence.verify(session, row)


def test_what_a_conversation_held_may_still_find_its_incident(session: Session) -> None:
    row = kept(session, incident_id=None)
    row.incident_id, row.facts = 1, {"number": 3}
    session.flush()
    row.facts = {"number": 4}
    with pytest.raises(Sealed):
        session.flush()


def test_the_seal_closes_again_after_what_may_open_it(session: Session) -> None:
    row = kept(session)
    with pytest.raises(RuntimeError), evidence.unsealed(session):
        raise RuntimeError
    row.size = 1
    with pytest.raises(Sealed):
        session.flush()


def test_one_claim_gives_a_file_to_one_process(session: Session) -> None:
    row = put(session)
    assert [one.id for one in evidence.claim(session, BOTH, NOW, 3, "a")] == [row.id]
    assert evidence.claim(session, BOTH, NOW, 3, "b") == []
    assert evidence.held(session, row.id or 0, "a") is row
    assert evidence.held(session, row.id or 0, "b") is None
    evidence.release(session, "b")
    assert evidence.claim(session, BOTH, NOW, 3, "b") == []
    evidence.release(session, "a")
    assert [one.id for one in evidence.claim(session, BOTH, NOW, 3, "b")] == [row.id]


def test_what_a_dead_process_had_claimed_another_may_fetch_and_what_a_living_one_has_stays(session: Session) -> None:
    lost = put(session)
    evidence.claim(session, BOTH, NOW, 1, "dead")
    held = put(session)
    evidence.claim(session, BOTH, NOW, 1, "living")
    evidence.release_dead(session, {"living", "b"})
    assert [one.id for one in evidence.claim(session, BOTH, NOW, 3, "b")] == [lost.id]
    assert evidence.held(session, held.id or 0, "living") is held


def test_a_claim_clears_what_was_cut_off(session: Session) -> None:
    row = put(session)
    evidence.claim(session, BOTH, NOW, 1, "a")
    assert evidence.put(session, row.id or 0, "a", 0, b"sealed")
    session.flush()
    evidence.release(session, "a")
    evidence.claim(session, BOTH, NOW, 1, "b")
    assert session.exec(select(EvidenceChunk)).all() == []
    assert not evidence.put(session, row.id or 0, "a", 1, b"sealed"), "the first process wrote on"


def test_only_what_is_due_and_can_be_fetched_is_claimed(session: Session) -> None:
    put(session, not_before=NOW + timedelta(seconds=1))
    kept(session)
    put(session, state="refused", reason="too_big")
    assert evidence.claim(session, BOTH, NOW, 9, "a") == []
    put(session)
    assert evidence.claim(session, ("slack",), NOW, 9, "a") == []
    assert len(evidence.claim(session, BOTH, NOW + timedelta(seconds=1), 9, "a")) == 2
    rows = [put(session) for _ in range(3)]
    assert [one.id for one in evidence.claim(session, BOTH, NOW, 2, "a")] == [row.id for row in rows[:2]]


def test_words_are_their_own_content(session: Session) -> None:
    facts = {"text": "Vi vet var du bor", "author": "Okänd", "number": 1}
    row = put(session, medium="message", remote=None, facts=facts, made_at=NOW)
    assert evidence.words(row).decode() == "author: Okänd\nwritten: 2026-11-22T12:00:00+00:00\n\nVi vet var du bor"
    assert list(evidence.read(session, row)) == [evidence.words(row)]
    assert not evidence.is_file(row)


def test_what_never_came_to_an_incident_can_be_forgotten(session: Session) -> None:
    row = kept(session, incident_id=None)
    evidence.drop(session, [row])
    assert not session.exec(select(Evidence)).all()
    assert not session.exec(select(EvidenceChunk)).all()
