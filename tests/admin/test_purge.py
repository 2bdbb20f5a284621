"""What is over and old goes, with all that belongs to it; nothing open, nothing recent, nothing that is needed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select

from bot.admin import backup, purge, rows
from bot.admin.terminal import Told
from storage.database import Database
from storage.evidence import Sealed, unsealed
from storage.tables import (
    Conversation,
    Deadline,
    Evidence,
    EvidenceChunk,
    Incident,
    Invitation,
    KeptEvent,
    Outbox,
    Person,
    Role,
    SeenEvent,
)
from tests.admin.conftest import KEY, LONG_AGO, NOW, account_of, call, done, incident, outbox, person, photo, refused

BEFORE = NOW - timedelta(days=2 * 365)
RECENT = NOW - timedelta(days=100)


def counts(house: Database) -> dict[str, int]:
    with backup.snapshot(house.url) as connection:
        found: dict[str, int] = {}
        list(rows.dumped(connection, found))
        return found


def content(house: Database) -> list[bytes]:
    with backup.snapshot(house.url) as connection:
        return list(rows.dumped(connection, {}))


def all_holds(house: Database) -> None:
    """Nothing points at a row that is not there."""
    with house.engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def filled(house: Database) -> None:
    """Old and closed, old and open, and new; the newest of everything is new."""
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        incident(session, alva)
        incident(session, alva)
        incident(session, alva, closed=False)
        incident(session, alva, at=RECENT)
        incident(session, alva, at=RECENT, closed=False)


def test_closed_and_old_incidents_go_with_all_that_is_theirs(house: Database) -> None:
    filled(house)
    before = counts(house)
    gone = purge.purge(house, BEFORE)
    after = counts(house)
    with house.transaction() as session:
        assert session.exec(select(Incident.id)).all() == [3, 4, 5]
    for table in ("entry", "evidence", "evidencechunk", "post", "outbox", "conversation", "deadline"):
        assert after[table] * 5 == before[table] * 3, table
        assert gone[table] == before[table] - after[table]
    assert gone["incident"] == 2 and after["person"] == before["person"]
    all_holds(house)


def test_looking_first_tells_exactly_what_goes_and_changes_nothing(house: Database) -> None:
    filled(house)
    before = content(house)
    seen = purge.look(house, BEFORE)
    assert content(house) == before
    assert purge.purge(house, BEFORE) == seen
    assert purge.purge(house, BEFORE) == {}


def test_the_words_are_gone_from_the_file_itself(house: Database, tmp_path: Path) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        incident(session, alva)
        incident(session, alva, at=RECENT)
        sealed = session.exec(select(EvidenceChunk.sealed).where(EvidenceChunk.evidence_id == 1)).first()
    assert sealed is not None

    def found() -> bool:
        return any(sealed[100:160] in file.read_bytes() for file in tmp_path.glob("bot.db*"))

    assert found()
    purge.purge(house, BEFORE)
    assert purge.shrink(house)
    assert not found()


@pytest.mark.parametrize(
    "keeps",
    [
        lambda session, row: session.add(outbox(incident_id=row.id, state="waiting")),
        lambda session, row: session.add(
            Conversation(person_id=2, flow="more", inputs={}, answers={}, aside={}, incident_id=row.id, updated_at=NOW)
        ),
    ],
    ids=["a message that is still to be sent", "a conversation that is open"],
)
def test_an_incident_that_something_is_under_way_about_stays(
    house: Database, keeps: Callable[[Session, Incident], Any]
) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        row = incident(session, alva)
        keeps(session, row)
        incident(session, alva, at=RECENT)
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.exec(select(Incident.id)).all() == [1, 2]


def test_no_number_is_ever_given_twice(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        incident(session, alva)
        incident(session, alva)
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert incident(session, session.get_one(Person, 2)).id == 3


def test_what_else_is_old_goes_and_what_is_recent_stays(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        account = account_of(session, alva)
        for at in (LONG_AGO, RECENT):
            session.add(SeenEvent(uid=f"telegram:{at}", at=at))
            session.add(KeptEvent(uid=f"telegram:{at}", at=at, body={}, error="KeyError"))
            session.add(outbox(account, state="failed", reason="gone", settled_at=at))
            session.add(
                Invitation(selector=f"A{at:%y}", secret_hash="", person_id=1, role="", created_at=at, expires_at=at)
            )
            talk = Conversation(person_id=2, flow="flag", inputs={}, answers={}, aside={}, state="cancelled",
                                updated_at=at)  # fmt: skip
            session.add(talk)
            session.flush()
            photo(session, None, 2, account, at, talk.id)
        session.add(outbox(account, body={"text": "väntar"}, created_at=LONG_AGO))
        session.add(Conversation(person_id=2, flow="flag", inputs={}, answers={}, aside={}, updated_at=LONG_AGO))
        session.add(
            Conversation(person_id=2, flow="flag", inputs={}, answers={}, aside={}, state="done", updated_at=NOW)
        )
    purge.purge(house, BEFORE)
    left = counts(house)
    assert (left["seenevent"], left["keptevent"], left["invitation"], left["outbox"]) == (1, 1, 1, 2)
    assert (left["conversation"], left["evidence"], left["evidencechunk"]) == (3, 1, 2)
    with house.transaction() as session:
        assert {row.state for row in session.exec(select(Outbox))} == {"failed", "waiting"}
    all_holds(house)


def test_a_conversation_whose_evidence_an_open_incident_has_stays(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        first = incident(session, alva)
        second = incident(session, alva, closed=False)
        photo(session, second.id, 2, account_of(session, alva), LONG_AGO, first.id)
        incident(session, alva, at=RECENT)
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.get_one(Conversation, 1).incident_id is None
        assert session.get(Incident, 1) is None
    all_holds(house)


def test_people_go_when_their_last_role_ended_long_ago_and_nothing_speaks_of_them(house: Database) -> None:
    with house.transaction() as session:
        gone, lately, reporter, invited = (
            person(session, name, role, 1 if role else None)
            for name, role in (("Gå", "contact"), ("Nyss", "deputy"), ("Skrev", "contact"), ("Bjuden", ""))
        )
        person(session, "Sist", "contact", 1)
        for row, ended in ((gone, LONG_AGO), (lately, RECENT), (reporter, LONG_AGO)):
            role = session.exec(select(Role).where(Role.person_id == row.id)).one()
            role.ended_at = ended
            session.add(Deadline(kind="role_ends", subject=role.id or 0, step="", due_at=ended, state="done"))
        incident(session, reporter, closed=False)
        incident(session, reporter, at=RECENT)
        session.add(Invitation(selector="ABCD", secret_hash="", person_id=invited.id or 0, role="contact", party_id=1,
                               created_at=NOW, expires_at=NOW + timedelta(days=1)))  # fmt: skip
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert [row.name for row in session.exec(select(Person))] == ["Siv Almgren", "Nyss", "Skrev", "Bjuden", "Sist"]
        assert {row.subject for row in session.exec(select(Deadline).where(Deadline.kind == "role_ends"))} == {3, 4}
    all_holds(house)


def test_whom_the_bot_asked_long_ago_goes_and_an_incident_of_the_same_number_takes_nothing_with_it(
    house: Database,
) -> None:
    """A day's round and an ask are about nobody's incident, though they have numbers like one."""
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        for number in range(3):
            incident(session, alva, at=LONG_AGO if number < 2 else RECENT)
        asked = alva.id or 0
        for step, due, state in (("7", LONG_AGO, "done"), ("8", RECENT, "void"), ("9", LONG_AGO, "waiting")):
            session.add(Deadline(kind="calm_asked", subject=asked, step=step, due_at=due, state=state))
        for kind in ("calm_round", "coverage_round"):
            session.add(Deadline(kind=kind, subject=0, step="2023-11-22", due_at=LONG_AGO, state="done"))
            session.add(Deadline(kind=kind, subject=0, step="2026-11-20", due_at=RECENT, state="done"))
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        rows = session.exec(select(Deadline).where(Deadline.kind != "chain").order_by(Deadline.id)).all()  # type: ignore[arg-type]
        kept = [(row.kind, row.step) for row in rows if row.kind in ("calm_asked", "calm_round", "coverage_round")]
    assert kept == [
        ("calm_asked", "8"),
        ("calm_asked", "9"),
        ("calm_round", "2026-11-20"),
        ("coverage_round", "2026-11-20"),
    ]


def test_what_followed_an_incident_that_goes_stands_for_itself(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        incident(session, alva)
        for at, closed, lead in ((LONG_AGO, True, 1), (RECENT, True, 1), (RECENT, False, 1), (RECENT, False, 4)):
            incident(session, alva, at=at, closed=closed).linked_to = lead
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        rows = session.exec(select(Incident).order_by(Incident.id)).all()  # type: ignore[arg-type]
        assert [(row.id, row.linked_to) for row in rows] == [(3, None), (4, None), (5, 4)]
    all_holds(house)


def test_every_pointer_at_an_incident_is_thought_of() -> None:
    """A new table that points at an incident, a conversation or evidence must be purged with it."""
    known = {
        "conversation.incident_id", "entry.incident_id", "evidence.incident_id", "outbox.incident_id",
        "post.incident_id", "evidence.conversation_id", "evidencechunk.evidence_id", "outbox.evidence_id",
        "outbox.post_id", "incident.linked_to",
    }  # fmt: skip
    pointing = {
        f"{table.name}.{key.parent.name}"
        for table in SQLModel.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in ("incident", "conversation", "evidence", "post", "outbox", "entry")
    }
    assert pointing == known


def test_kept_evidence_is_still_sealed_to_everybody_else(house: Database) -> None:
    filled(house)
    with house.transaction() as session:
        session.delete(session.get_one(Evidence, 1))
        with pytest.raises(Sealed):
            session.flush()
        session.rollback()
    with house.transaction() as session, unsealed(session):
        assert session.get_one(Evidence, 1).state == "kept"


@pytest.mark.parametrize(
    ("age", "before"),
    [
        ("2y", datetime(2024, 11, 22, 12, tzinfo=UTC)),
        ("2 år", datetime(2024, 11, 22, 12, tzinfo=UTC)),
        ("18m", datetime(2025, 5, 22, 12, tzinfo=UTC)),
        ("90d", datetime(2026, 8, 24, 12, tzinfo=UTC)),
    ],
)
def test_an_age_is_read_as_it_is_said(age: str, before: datetime) -> None:
    assert purge.cutoff(age, NOW) == before


@pytest.mark.parametrize("age", ["", "två år", "2", "-2y", "9999y", "0d", "29d", "0y"])
def test_an_age_that_is_none_or_too_young_is_refused(house: Database, age: str) -> None:
    filled(house)
    before = content(house)
    with pytest.raises(Told):
        purge.cutoff(age, NOW)
    assert re.search("Inget är borttaget|äldre än 30 dagar", refused(call("purge", "--yes", f"--older-than={age}")))
    assert content(house) == before


def test_the_command_shows_what_goes_and_asks(house: Database) -> None:
    filled(house)
    before = content(house)
    said = done(call("purge", "--older-than", "2y", "--dry-run"))
    assert "2  incident" in said and "Inget är borttaget" in said
    assert "Inget är borttaget" in done(call("purge", "--older-than", "2y", answers="n\n"))
    assert content(house) == before
    assert "2  incident" in done(call("purge", "--older-than", "2y", answers="y\n"))
    assert "Inget är så gammalt" in done(call("purge", "--older-than", "2y"))
    assert json.loads(done(call("purge", "--older-than", "2y", "--json", "--yes"))) == {"removed": {}}


def test_it_is_the_same_on_postgresql(house: Database, empty_postgres: str, tmp_path: Path) -> None:
    filled(house)
    backup.make(house.url, [KEY], tmp_path / "copy", NOW)
    backup.restore(empty_postgres, [KEY], tmp_path / "copy")
    there = Database(empty_postgres, [KEY])
    seen = purge.look(there, BEFORE)
    assert purge.purge(there, BEFORE) == seen == purge.look(house, BEFORE)
    assert purge.shrink(there)
    with there.transaction() as session:
        assert session.exec(select(Incident.id).order_by(Incident.id)).all() == [3, 4, 5]  # type: ignore[arg-type]
    there.close()
