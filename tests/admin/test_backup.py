"""A backup is whole, sealed and taken while others write; the way back fills an empty database or changes nothing."""

from __future__ import annotations

import hashlib
import json
import random
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from bot.admin import backup, rows, vault
from bot.admin.terminal import Told
from storage import migrate
from storage.database import Database, make_engine
from storage.tables import Incident, Lease, Party, Person
from tests.admin.conftest import KEY, NOW, OTHER, call, done, everything, person, refused


def content(url: str) -> list[bytes]:
    """Every row, as a backup would write it."""
    with backup.snapshot(url) as connection:
        return list(rows.dumped(connection, {}))


def made(house: Database, file: Path) -> backup.Backup:
    with house.transaction() as session:
        everything(session)
    return backup.make(house.url, [KEY], file, NOW)


@pytest.fixture
def copy(house: Database, tmp_path: Path) -> Path:
    """A backup of a database with something in every table."""
    made(house, tmp_path / "copy")
    return tmp_path / "copy"


def test_what_comes_back_is_what_there_was(house: Database, copy: Path, tmp_path: Path) -> None:
    there = f"sqlite:///{tmp_path / 'new.db'}"
    found = backup.restore(there, [KEY], copy)
    assert content(there) == content(house.url)
    filled = {name for name, count in found.counts.items() if count}
    assert len(filled) >= 17 and found.counts["incident"] == 2 and found.waiting == 1


def test_the_command_says_how_many_rows_and_the_files_own_checksum(
    house: Database, copy: Path, tmp_path: Path, env: pytest.MonkeyPatch
) -> None:
    env.setenv("TRYGGVAG_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    said = done(call("restore", str(copy)))
    assert hashlib.sha256(copy.read_bytes()).hexdigest() in said
    assert "2  incident" in said and "väntade på att skickas" in said
    other = tmp_path / "again"
    told = json.loads(done(call("backup", str(other), "--json")))
    assert told["sha256"] == hashlib.sha256(other.read_bytes()).hexdigest()
    assert told["rows"]["person"] == 2


def test_nothing_that_was_written_can_be_read_in_the_file(copy: Path) -> None:
    data = copy.read_bytes()
    for word in ("Siv", "Storköping", "Hemliga", "brewing", "incident"):
        assert word.encode() not in data
    assert copy.stat().st_mode & 0o077 == 0


def test_a_backup_never_overwrites_a_file(house: Database, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("viktigt")
    assert "finns redan" in refused(call("backup", str(tmp_path / "copy")))
    assert (tmp_path / "copy").read_text() == "viktigt"


def test_a_folder_that_is_not_there_is_one_line(house: Database, tmp_path: Path) -> None:
    assert "går inte att skriva" in refused(call("backup", str(tmp_path / "no" / "copy")))


def test_a_key_that_does_not_open_the_data_makes_no_backup(
    house: Database, tmp_path: Path, env: pytest.MonkeyPatch
) -> None:
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", OTHER)
    assert "TRYGGVAG_ENCRYPTION_KEYS" in refused(call("backup", str(tmp_path / "copy")))
    assert [file.name for file in tmp_path.iterdir() if "copy" in file.name] == []


def test_the_newest_backups_time_is_remembered(house: Database, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    done(call("backup", str(tmp_path / "copy")))
    with house.transaction() as session:
        assert before <= session.get_one(Lease, backup.LAST).until <= datetime.now(UTC)


def nothing_there(file: Path) -> bool:
    return not list(file.parent.glob(f"{file.name}*"))


def test_another_key_opens_nothing_and_changes_nothing(copy: Path, tmp_path: Path, env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", OTHER)
    assert "Ingen av nycklarna" in refused(call("restore", str(copy)))
    assert nothing_there(tmp_path / "new.db")
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", f"{OTHER},{KEY}")
    done(call("restore", str(copy)))


def test_a_file_cut_off_anywhere_is_refused_before_anything_is_written(copy: Path, tmp_path: Path) -> None:
    whole, cut, new = copy.read_bytes(), tmp_path / "cut", tmp_path / "new.db"
    chosen = random.Random(1)
    for length in [0, 5, len(vault.MAGIC), len(whole) - 1, *(chosen.randrange(len(whole)) for _ in range(40))]:
        cut.write_bytes(whole[:length])
        with pytest.raises(Told) as told:
            backup.restore(f"sqlite:///{new}", [KEY], cut)
        assert told.value.key in ("cli.backup_broken", "cli.backup_none")
        assert nothing_there(new)


def test_a_file_with_one_byte_changed_or_added_is_refused_before_anything_is_written(
    copy: Path, tmp_path: Path
) -> None:
    whole, bad, new = copy.read_bytes(), tmp_path / "bad", tmp_path / "new.db"
    chosen = random.Random(2)
    for place in chosen.sample(range(len(whole)), 60):
        changed = bytearray(whole)
        changed[place] ^= 1 << chosen.randrange(8)
        bad.write_bytes(changed)
        with pytest.raises(Told) as told:
            backup.restore(f"sqlite:///{new}", [KEY], bad)
        assert told.value.key in ("cli.backup_broken", "cli.backup_none", "cli.backup_key")
        assert nothing_there(new)
    bad.write_bytes(whole + b"\0")
    with pytest.raises(Told):
        backup.check(bad, [KEY])


def test_a_piece_moved_or_left_out_is_noticed(tmp_path: Path) -> None:
    noise = random.Random(3).randbytes(vault.PIECE * 3)
    with (tmp_path / "file").open("wb") as file:
        sealer = vault.Sealer(file, KEY, {})
        sealer.write(noise)
        sealer.close()
    whole = (tmp_path / "file").read_bytes()
    start, step = whole.index(b"}\n") + 2, vault.PIECE + 16 + 4
    head, first, second, rest = (
        whole[:start],
        whole[start:][:step],
        whole[start:][step : 2 * step],
        whole[start:][2 * step :],
    )
    for data, good in ((whole, True), (head + second + first + rest, False), (head + first + rest, False),
                       (head + first + second, False)):  # fmt: skip
        (tmp_path / "file").write_bytes(data)
        with (tmp_path / "file").open("rb") as file:
            if good:
                assert b"".join(vault.Opener(file, [KEY]).pieces()) == noise
            else:
                with pytest.raises(vault.Broken):
                    list(vault.Opener(file, [KEY]).pieces())


def test_a_database_with_anything_in_it_is_left_as_it_is(house: Database, copy: Path) -> None:
    before = content(house.url)
    assert "inte tom" in refused(call("restore", str(copy)))
    assert content(house.url) == before


def test_a_file_that_is_no_backup_is_one_line(tmp_path: Path, env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    (tmp_path / "diary").write_text("Kära dagbok")
    assert "ingen säkerhetskopia" in refused(call("restore", str(tmp_path / "diary")))
    assert "går inte att läsa" in refused(call("restore", str(tmp_path / "nothing")))
    assert nothing_there(tmp_path / "new.db")


def test_a_disk_that_fails_halfway_leaves_nothing(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(*_: object) -> None:
        raise ValueError("the disk is full")

    monkeypatch.setattr(rows, "load", stops)
    with pytest.raises(Told):
        backup.restore(f"sqlite:///{tmp_path / 'new.db'}", [KEY], copy)
    assert nothing_there(tmp_path / "new.db")


def test_an_older_revisions_backup_is_brought_up_to_date(tmp_path: Path) -> None:
    old, new = f"sqlite:///{tmp_path / 'old.db'}", f"sqlite:///{tmp_path / 'new.db'}"
    engine = make_engine(old)
    with engine.begin() as connection:
        migrate.build(connection, "0001")
        connection.exec_driver_sql("INSERT INTO party (name, created_at) VALUES ('Bokpartiet', '2026-01-02 03:04:05')")
    engine.dispose()
    backup.make(old, [KEY], tmp_path / "copy", NOW)
    assert backup.restore(new, [KEY], tmp_path / "copy").revision == "0001"
    opened = Database(new, [KEY])
    assert migrate.age(opened.engine) == "current"
    with opened.transaction() as session:
        assert session.exec(select(Party)).one().created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    opened.close()


def test_a_newer_programs_backup_is_refused(house: Database, tmp_path: Path) -> None:
    with house.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    backup.make(house.url, [KEY], tmp_path / "copy", NOW)
    with pytest.raises(Told) as told:
        backup.restore(f"sqlite:///{tmp_path / 'new.db'}", [KEY], tmp_path / "copy")
    assert told.value.key == "cli.backup_newer"


def writing(database: Database, stop: threading.Event) -> threading.Thread:
    """Somebody who in each transaction adds two parties named after one number."""

    def write() -> None:
        number = 0
        while not stop.wait(0.002):
            number += 1
            with database.transaction() as session:
                for half in "ab":
                    session.add(Party(name=f"{number:05}{half}", created_at=NOW))
                person(session, f"Person {number}", "official")

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def taken_while_writing(source: str, target: str, folder: Path) -> None:
    """Five backups while somebody writes; each has whole transactions only, and each later one has more."""
    database, stop = Database(source, [KEY]), threading.Event()
    thread = writing(database, stop)
    seen: list[int] = []
    try:
        for number in range(5):
            found = backup.make(source, [KEY], folder / f"copy{number}", NOW)
            assert found.counts["party"] - 1 == 2 * (found.counts["person"] - 1)
            seen.append(found.counts["party"])
    finally:
        stop.set()
        thread.join()
        database.close()
    assert seen == sorted(seen) and seen[0] < seen[-1]
    assert backup.restore(target, [KEY], folder / "copy4").counts["party"] == seen[-1]
    with backup.snapshot(target) as connection:
        names = connection.exec_driver_sql("SELECT name FROM party WHERE name <> 'Bokpartiet'").scalars().all()
    assert {name[:-1] + half for name in names for half in "ab"} == set(names)


def test_a_backup_under_load_has_whole_transactions_only(house: Database, tmp_path: Path) -> None:
    taken_while_writing(house.url, f"sqlite:///{tmp_path / 'new.db'}", tmp_path)


def test_the_same_between_sqlite_and_postgresql_in_both_directions(
    house: Database, copy: Path, empty_postgres: str, tmp_path: Path
) -> None:
    backup.restore(empty_postgres, [KEY], copy)
    assert content(empty_postgres) == content(house.url)
    there = Database(empty_postgres, [KEY])
    with there.transaction() as session:  # new rows get new numbers, and what was sealed opens
        assert person(session, "Ny Person").id == 3
        assert session.get_one(Person, 2).name == "Alva Bergström 🌲"
        assert session.get_one(Incident, 1).details["where"] == "Skolgatan"
    there.close()
    backup.make(empty_postgres, [KEY], tmp_path / "back", NOW)
    backup.restore(f"sqlite:///{tmp_path / 'new.db'}", [KEY], tmp_path / "back")
    assert content(f"sqlite:///{tmp_path / 'new.db'}") == content(empty_postgres)
    with pytest.raises(Told) as told:
        backup.restore(empty_postgres, [KEY], copy)
    assert told.value.key == "cli.restore_not_empty"


def test_a_backup_of_postgresql_under_load_has_whole_transactions_only(
    house: Database, empty_postgres: str, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    backup.make(house.url, [KEY], plain, NOW)
    backup.restore(empty_postgres, [KEY], plain)
    taken_from = backup.check(plain, [KEY]).counts
    assert taken_from["party"] == 1
    stop = threading.Event()
    database = Database(empty_postgres, [KEY])
    thread = writing(database, stop)
    try:
        for number in range(3):
            found = backup.make(empty_postgres, [KEY], tmp_path / f"under{number}", NOW)
            assert found.counts["party"] - 1 == 2 * (found.counts["person"] - taken_from["person"])
    finally:
        stop.set()
        thread.join()
        database.close()
