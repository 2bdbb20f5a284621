"""A new key first in the setting: everything is sealed anew while the bot writes, and then the old one can go."""

from __future__ import annotations

import threading

import pytest
from sqlmodel import Session, select

from bot.admin import rotation
from storage.database import Database
from storage.evidence import unsealed
from storage.tables import Evidence, EvidenceChunk, Incident, KeptEvent, Person
from storage.types import WrongKey, keyring
from tests.admin.conftest import KEY, NOW, OTHER, PHOTO, call, done, everything, person


@pytest.fixture
def full(house: Database) -> Database:
    """Something sealed with the old key in every table."""
    with house.transaction() as session:
        everything(session)
    return house


def both(database: Database) -> Database:
    return Database(database.url, [OTHER, KEY])


def all_opens(database: Database, keys: list[str]) -> bool:
    """Whether these keys open every sealed value there is."""
    opened = Database(database.url, keys)
    try:
        with opened.transaction() as session:
            for table, column in rotation.sealed_columns():
                for (value,) in session.execute(select(column).select_from(table)):
                    if table.name == "evidencechunk":
                        keyring.open(value)
            assert session.get_one(Incident, 1).details["where"] == "Skolgatan"
            assert session.exec(select(KeptEvent)).one().body == {"text": "half \ud83d"}
            pieces = session.exec(select(EvidenceChunk).where(EvidenceChunk.evidence_id == 1))
            assert b"".join(keyring.open(piece.sealed) for piece in pieces) == PHOTO
    except WrongKey:
        return False
    finally:
        opened.close()
    return True


def test_every_sealed_column_is_known() -> None:
    names = {f"{table.name}.{column.name}" for table, column in rotation.sealed_columns()}
    assert {"person.name", "incident.details", "outbox.body", "evidence.facts", "evidencechunk.sealed"} <= names
    assert len(names) >= 14


def test_everything_is_sealed_with_the_first_key_and_the_old_one_is_not_needed(full: Database) -> None:
    assert not all_opens(full, [OTHER])
    opened = both(full)
    counted = rotation.rotate(opened, [OTHER, KEY], NOW, check=True)
    found = rotation.rotate(opened, [OTHER, KEY], NOW)
    again = rotation.rotate(opened, [OTHER, KEY], NOW)
    opened.close()
    assert counted.older == found.renewed > 20 and counted.renewed == 0
    assert (again.renewed, again.older, again.unreadable) == (0, 0, 0)
    assert all_opens(full, [OTHER])


def test_counting_changes_nothing(full: Database) -> None:
    opened = both(full)
    rotation.rotate(opened, [OTHER, KEY], NOW, check=True)
    opened.close()
    assert all_opens(full, [KEY]) and not all_opens(full, [OTHER])


def test_stopped_halfway_it_goes_on_where_it_was(full: Database) -> None:
    opened, turns = both(full), 0

    def stops(_: float) -> None:
        nonlocal turns
        turns += 1
        if turns == 4:
            raise KeyboardInterrupt

    total = rotation.rotate(opened, [OTHER, KEY], NOW, check=True).older
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(opened, [OTHER, KEY], NOW, pause=stops)
    left = rotation.rotate(opened, [OTHER, KEY], NOW, check=True).older
    assert 0 < left < total
    assert rotation.rotate(opened, [OTHER, KEY], NOW).renewed == left
    opened.close()
    assert all_opens(full, [OTHER])


def test_what_the_bot_writes_meanwhile_is_neither_lost_nor_left(full: Database) -> None:
    opened, stop = both(full), threading.Event()
    names: list[str] = []

    def write() -> None:
        while not stop.wait(0.005):  # as fast as many people, but not so that nobody else gets a turn
            with opened.transaction() as session:
                siv = session.get_one(Person, 1)
                siv.name = f"Siv {len(names)}"
                session.add(siv)
                person(session, f"Ny {len(names)}")
                names.append(siv.name)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        rotation.rotate(opened, [OTHER, KEY], NOW)
    finally:
        stop.set()
        thread.join()
    with opened.transaction() as session:
        assert session.get_one(Person, 1).name == names[-1]
        assert len(session.exec(select(Person)).all()) == 2 + len(names)
    opened.close()
    assert all_opens(full, [OTHER])


def test_many_rows_take_several_transactions(house: Database) -> None:
    def add(session: Session) -> None:
        for number in range(rotation.AT_ONCE * 2):
            person(session, f"Person {number}")

    with house.transaction() as session:
        add(session)
    opened = both(house)
    assert rotation.rotate(opened, [OTHER, KEY], NOW).renewed == rotation.AT_ONCE * 2 + 1
    opened.close()


def test_the_command_says_when_the_old_key_can_go(full: Database, env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", f"{OTHER},{KEY}")
    assert "behöver fortfarande en äldre nyckel" in done(call("rotate-keys", "--check"), 1)
    said = done(call("rotate-keys"))
    assert "1 öppna inbjudningar" in said and "kan tas bort" in said
    assert all_opens(full, [OTHER])
    assert "kan tas bort" in done(call("rotate-keys", "--check"))


def test_what_no_key_opens_is_counted_and_left_as_it_is(full: Database, env: pytest.MonkeyPatch) -> None:
    lost = b"gAAAAA" + b"x" * 90
    with full.transaction() as session, unsealed(session):
        chunk = session.get_one(EvidenceChunk, 2)
        chunk.sealed = lost
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", f"{OTHER},{KEY}")
    assert "1 värden går inte att öppna" in done(call("rotate-keys"), 1)
    with full.transaction() as session:
        assert session.get_one(EvidenceChunk, 2).sealed == lost
        assert session.get_one(Evidence, 1).state == "kept"


def test_with_one_key_alone_there_is_nothing_to_do(full: Database) -> None:
    assert "kan tas bort" not in done(call("rotate-keys"))
