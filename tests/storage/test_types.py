"""What people wrote cannot be read in the file, and a stored time always says which moment it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError
from sqlmodel import Session, select

from storage.database import Database
from storage.tables import Deadline, Person
from storage.types import Encrypted, Keyring, UtcDateTime, WrongKey, keyring
from tests.storage.conftest import KEY

SECRET = "Mannen i grön jacka står vid skolan"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


def save(url: str, keys: list[str], name: str) -> None:
    """Write a person with these keys in force."""
    work(url, keys, lambda session: session.add(Person(name=name, language="sv", created_at=NOON)))


def names(url: str, keys: list[str]) -> list[str]:
    """All persons' names, read with these keys in force."""
    return list(work(url, keys, lambda session: [person.name for person in session.exec(select(Person))]))


def work(url: str, keys: list[str], act: Callable[[Session], Any]) -> Any:
    database = Database(url, keys)
    try:
        with database.transaction() as session:
            return act(session)
    finally:
        database.close()


def test_what_people_wrote_is_nowhere_in_the_file(url: str, file: Path) -> None:
    save(url, [KEY], SECRET)
    raw = b"".join(found.read_bytes() for found in file.parent.iterdir())
    for words in (SECRET, "Mannen", "jacka", "skolan"):
        assert words.encode() not in raw
    assert b"CREATE TABLE person" in raw, "the bytes that were searched are not the database"
    assert names(url, [KEY]) == [SECRET]


def test_the_same_words_twice_do_not_look_the_same(url: str, file: Path) -> None:
    save(url, [KEY], SECRET)
    save(url, [KEY], SECRET)
    with sqlite3.connect(file) as raw:
        first, second = (row[0] for row in raw.execute("SELECT name FROM person"))
    assert first != second


def test_a_new_key_first_still_reads_what_the_old_one_wrote_and_writes_for_itself(url: str) -> None:
    new = Fernet.generate_key().decode()
    save(url, [KEY], "old")
    save(url, [new, KEY], "new")
    assert names(url, [new, KEY]) == ["old", "new"]
    with pytest.raises(WrongKey):
        names(url, [new])
    with pytest.raises(WrongKey):
        names(url, [KEY])


def test_another_key_does_not_open_what_is_stored(url: str) -> None:
    save(url, [KEY], SECRET)
    with pytest.raises(WrongKey) as found:
        names(url, [Fernet.generate_key().decode()])
    assert KEY not in str(found.value)


@pytest.mark.parametrize(
    "key", ["", "kort", "å" * 44, KEY[:-2], "x" * 44 + "=="], ids=["empty", "short", "å", "cut", "padded"]
)
def test_a_malformed_key_is_refused_without_being_quoted(key: str) -> None:
    with pytest.raises(WrongKey) as found:
        Keyring().use([key])
    assert not key or key not in str(found.value)


def test_without_any_key_nothing_is_written_or_read() -> None:
    with pytest.raises(WrongKey):
        Keyring().use([])
    with pytest.raises(WrongKey):
        Keyring().seal(b"words")
    with pytest.raises(WrongKey):
        Keyring().open(b"words")


def test_refusing_a_malformed_key_leaves_the_one_in_force() -> None:
    ring = Keyring()
    ring.use([KEY])
    sealed = ring.seal(b"words")
    with pytest.raises(WrongKey):
        ring.use(["kort"])
    assert ring.open(sealed) == b"words"


def test_a_digest_is_recognised_with_every_key_and_is_not_the_secret() -> None:
    old, both = Keyring(), Keyring()
    old.use([KEY])
    both.use([Fernet.generate_key().decode(), KEY])
    (digest,) = old.digests("ABCD")
    assert digest in both.digests("ABCD") and digest not in both.digests("ABCE")
    assert "ABCD" not in digest


@given(values)
def test_any_json_value_comes_back_as_it_was_sealed(value: Any) -> None:
    keyring.use([KEY])
    sealed = Encrypted().process_bind_param(value, None)  # type: ignore[arg-type]
    assert Encrypted().process_result_value(sealed, None) == value  # type: ignore[arg-type]


def test_half_a_smiley_is_kept_as_it_came() -> None:
    keyring.use([KEY])
    sealed = Encrypted().process_bind_param("hjälp \ud83d", None)  # type: ignore[arg-type]
    assert Encrypted().process_result_value(sealed, None) == "hjälp \ud83d"  # type: ignore[arg-type]


def test_a_naive_time_is_refused(database: Database) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError, match="without a zone"), database.transaction() as session:
        session.add(Deadline(kind="k", subject=1, step="s", due_at=naive))


def test_a_time_of_another_zone_is_the_same_moment_in_utc(database: Database, file: Path) -> None:
    local = datetime(2026, 11, 22, 13, tzinfo=timezone(timedelta(hours=1)))
    with database.transaction() as session:
        session.add(Deadline(kind="k", subject=1, step="s", due_at=local))
    with database.transaction() as session:
        found = session.exec(select(Deadline)).one().due_at
    assert found == local and found.tzinfo is UTC and found.hour == 12
    with sqlite3.connect(file) as raw:
        assert raw.execute("SELECT due_at FROM deadline").fetchone() == ("2026-11-22 12:00:00.000000",)


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001
def test_every_aware_time_comes_back_as_the_same_moment(at: datetime) -> None:
    stored = UtcDateTime().process_bind_param(at, None)  # type: ignore[arg-type]
    assert stored is not None and stored.tzinfo is None
    assert UtcDateTime().process_result_value(stored, None) == at.astimezone(UTC)  # type: ignore[arg-type]
