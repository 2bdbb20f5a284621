"""The migrations build the tables of the code, from any state, and copy a file before they touch it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from storage import migrate
from storage.database import make_engine
from storage.tables import Party

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = '''"""A note on each party."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    op.add_column("party", sa.Column("note", sa.String(), nullable=False, server_default="ny"))
    {more}
'''


def tables(file: Path) -> set[str]:
    with sqlite3.connect(file) as raw:
        found = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return found - {"sqlite_sequence"}  # SQLite's own: the numbers that must not come twice


def party_rows(file: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(file) as raw:
        return raw.execute("SELECT * FROM party").fetchall()


def revise(folder: Path, monkeypatch: pytest.MonkeyPatch, more: str = "") -> str:
    """Let the program be one revision later than it is. Returns the new revision."""
    before = migrate.newest()
    shutil.copytree(Path(migrate.__file__).parent / "migrations", folder / "migrations")
    script = LATER.format(revision="later", before=before, more=more)
    (folder / "migrations" / "versions" / "9999_later.py").write_text(script)
    monkeypatch.setattr(migrate, "__file__", str(folder / "migrate.py"))
    return "later"


def with_a_party(url: str) -> None:
    engine = make_engine(url)
    with Session(engine) as session:
        session.add(Party(name="Bokpartiet", created_at=NOW))
        session.commit()
    engine.dispose()


def age(url: str) -> str:
    engine = make_engine(url)
    try:
        return migrate.age(engine)
    finally:
        engine.dispose()


def test_an_empty_database_gets_every_table_and_needs_no_copy(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    url = f"sqlite:///{file}"
    assert age(url) == "empty"
    assert migrate.upgrade(url) is None
    assert tables(file) == {*SQLModel.metadata.tables, "alembic_version"}
    assert age(url) == "current"
    assert list(tmp_path.glob("*before*")) == []


def test_upgrading_again_does_nothing(url: str, file: Path) -> None:
    with_a_party(url)
    before = file.read_bytes()
    assert migrate.upgrade(url) is None
    assert file.read_bytes() == before
    assert list(file.parent.glob("*before*")) == []


def test_the_migrations_and_the_tables_of_the_code_say_the_same() -> None:
    assert migrate.differences() == []


def test_a_table_that_the_migrations_lack_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import Column, Integer, MetaData, Table

    wanted = MetaData()
    for table in SQLModel.metadata.sorted_tables:
        table.to_metadata(wanted)
    Table("forgotten", wanted, Column("id", Integer, primary_key=True))
    monkeypatch.setattr(migrate, "METADATA", wanted)
    assert "forgotten" in str(migrate.differences())


def test_a_file_with_data_is_copied_before_it_is_changed(
    url: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_a_party(url)
    rows, old = party_rows(file), migrate.newest()
    new = revise(tmp_path / "program", monkeypatch)
    assert age(url) == "older"
    copy = migrate.upgrade(url)
    assert copy == file.with_name(f"bot.db.before-{old}")
    assert party_rows(copy) == rows
    assert party_rows(file) == [(*rows[0], "ny")]
    assert (migrate.newest(), age(url)) == (new, "current")


def test_an_upgrade_that_fails_leaves_the_file_as_it_was_and_can_be_tried_again(
    url: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_a_party(url)
    rows = party_rows(file)
    revise(tmp_path / "program", monkeypatch, more='raise OSError("the power went")')
    for _ in range(2):
        with pytest.raises(OSError, match="power"):
            migrate.upgrade(url)
        assert party_rows(file) == rows
        assert age(url) == "older"


def test_a_database_of_a_later_program_is_refused_and_untouched(
    url: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as later:
        revise(tmp_path / "program", later)
        migrate.upgrade(url)
    before = file.read_bytes()
    assert age(url) == "newer"
    with pytest.raises(migrate.TooNew):
        migrate.upgrade(url)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [(["check"], 0, "migrations match the tables"), ([], 1, "usage"), (["revise"], 1, "usage")],
)
def test_developers_check_the_migrations_from_the_shell(arguments: list[str], status: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "storage.migrate", *arguments],
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )
    assert done.returncode == status
    assert said in done.stdout + done.stderr


def rows_of_the_first_version(url: str) -> None:
    """A person, a role, an incident, a message: as version 0001 stored them."""
    engine = make_engine(url)
    with engine.begin() as connection:
        command.upgrade(migrate._config(connection), "0001")
        run, at = connection.exec_driver_sql, "'2026-11-22 12:00:00'"
        run(
            f"INSERT INTO municipality (id, name, timezone, languages, public_number, staffed, created_at) "
            f"VALUES (1, 'Storköping', 'Europe/Stockholm', '[\"sv\"]', '+46846500410', 'dygnet runt', {at})"
        )
        run(f"INSERT INTO person (id, name, language, created_at) VALUES (1, {BYTES[engine.dialect.name]}, 'sv', {at})")
        run(f"INSERT INTO role (id, person_id, kind, since) VALUES (1, 1, 'chief', {at})")
        run(
            "INSERT INTO incident (id, imminence, category, reporter_id, party_sees, status, details, raised_at, "
            f"sent_at, chain) VALUES (1, 'now', '', 1, false, 'open', {BYTES[engine.dialect.name]}, {at}, {at}, '[]')"
        )
        run(
            "INSERT INTO post (id, view, incident_id, person_id, reason, folded, drawn) "
            "VALUES (1, 'notice', 1, 1, 'raised', false, '')"
        )
        run(
            "INSERT INTO outbox (id, created_at, platform, team, chat, act, purpose, priority, incident_id, state, "
            "repeat, attempts, not_before, reason, post_id) "
            f"VALUES (1, {at}, 'telegram', '', '7', 'send', 'notice', 0, 1, 'waiting', false, 0, {at}, '', 1)"
        )
    engine.dispose()


BYTES = {"sqlite": "x'00'", "postgresql": r"'\x00'"}


def test_what_the_first_version_stored_is_there_after_the_upgrade(bare: str) -> None:
    rows_of_the_first_version(bare)
    assert age(bare) == "older"
    migrate.upgrade(bare)
    assert age(bare) == "current"
    engine = make_engine(bare)
    with engine.connect() as connection:
        look = connection.exec_driver_sql
        assert look("SELECT name, about FROM municipality").fetchall() in ([("Storköping", "{}")], [("Storköping", {})])
        assert look("SELECT kind, task, ends_at FROM role").fetchall() == [("chief", "", None)]
        assert look("SELECT id, status, recorded_by FROM incident").fetchall() == [(1, "open", None)]
        assert look("SELECT chat, incident_id, claimed_by FROM outbox").fetchall() == [("7", 1, "")]
        assert look("SELECT post_id, alert_id, owed_since FROM outbox").fetchall() == [(1, None, None)]
        assert look("SELECT incident_id, alert_id, reason FROM post").fetchall() == [(1, None, "raised")]
        assert look("SELECT quiet FROM person").fetchall() == [("",)]
    engine.dispose()


def rows_of_the_broadcasts(url: str) -> None:
    """A broadcast with its message, and a file on an incident: as version 0003 stored them."""
    engine = make_engine(url)
    with migrate._alone(engine) as connection:
        command.upgrade(migrate._config(connection), "0003")
        run, at, sealed = connection.exec_driver_sql, "'2026-11-22 12:00:00'", BYTES[engine.dialect.name]
        run(
            "INSERT INTO alert (id, level, headline, text, template, audience, ask, minutes, exercise, change, "
            f"author_id, state, revision, created_at, chain) VALUES (3, 'warning', {sealed}, {sealed}, '', '{{}}', "
            f"'read', 30, false, '', 1, 'draft', 0, {at}, '[]')"
        )
        run(
            "INSERT INTO post (id, view, alert_id, person_id, reason, folded, drawn, ref) "
            "VALUES (2, 'alert', 3, 1, 'sent', false, 'abc', '7:9')"
        )
        run("INSERT INTO account (id, person_id, platform, team, \"user\", state, linked_at) "
            f"VALUES (1, 1, 'telegram', '', '7', 'active', {at})")  # fmt: skip
        run(
            "INSERT INTO evidence (id, incident_id, person_id, account_id, medium, facts, sent_at, received_at, state, "
            f"reason, attempts, not_before, claimed_by, media, size, sha256) VALUES (1, 1, 1, 1, 'photo', {sealed}, "
            f"{at}, {at}, 'waiting', '', 0, {at}, '', '', 0, '')"
        )
    engine.dispose()


def rows_of_the_meetings(url: str) -> None:
    """A meeting, a broadcast for it and a checklist done for it: as version 0004 stored them."""
    engine = make_engine(url)
    with migrate._alone(engine) as connection:
        command.upgrade(migrate._config(connection), "0004")
        run, at, sealed = connection.exec_driver_sql, "'2026-11-22 12:00:00'", BYTES[engine.dialect.name]
        run(
            "INSERT INTO meeting (id, title, starts_at, audience, created_by, created_at) "
            f"VALUES (5, {sealed}, {at}, '{{}}', 1, {at})"
        )
        run("UPDATE alert SET meeting_id = 5 WHERE id = 3")
        run(
            "INSERT INTO run (id, slug, content, about, shared, meeting_id, state, started_by, started_at) "
            f"VALUES (2, 'lokalgenomgang', {sealed}, {sealed}, true, 5, 'open', 1, {at})"
        )
    engine.dispose()


def test_a_meeting_of_before_the_calendar_is_there_and_what_points_at_it_still_does(bare: str) -> None:
    rows_of_the_first_version(bare)
    rows_of_the_broadcasts(bare)
    rows_of_the_meetings(bare)
    migrate.upgrade(bare)
    engine = make_engine(bare)
    with engine.connect() as connection:
        look = connection.exec_driver_sql
        found = look("SELECT id, kind, support, party_id, uid, created_by FROM meeting").fetchall()
        assert found == [(5, "other", "", None, None, 1)]
        assert look("SELECT meeting_id, briefing_id FROM alert").fetchall() == [(5, None)]
        assert look("SELECT meeting_id FROM run").fetchall() == [(5,)]
        assert look("SELECT id, meeting_id FROM incident").fetchall() == [(1, None)]
    engine.dispose()


def rows_of_the_briefings(url: str) -> None:
    """Two readers of a broadcast, one of whom has answered: as version 0005 stored them."""
    engine = make_engine(url)
    with migrate._alone(engine) as connection:
        command.upgrade(migrate._config(connection), "0005")
        run, at = connection.exec_driver_sql, "'2026-11-22 12:00:00'"
        run("INSERT INTO receipt (id, alert_id, person_id, answer, answered_at, unreached) "
            f"VALUES (4, 3, 1, 'safe', {at}, '')")  # fmt: skip
    engine.dispose()


def test_an_answer_of_before_the_muster_is_there_and_what_a_receipt_may_say_is_still_checked(bare: str) -> None:
    rows_of_the_first_version(bare)
    rows_of_the_broadcasts(bare)
    rows_of_the_meetings(bare)
    rows_of_the_briefings(bare)
    migrate.upgrade(bare)
    engine = make_engine(bare)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT id, alert_id, person_id, answer FROM receipt").fetchall()
        assert found == [(4, 3, 1, "safe")]
        connection.exec_driver_sql("UPDATE receipt SET answer = 'away'")
        connection.commit()
    for change in ("answer = 'gone'", "answered_at = NULL"):
        with engine.connect() as connection, pytest.raises(IntegrityError):
            connection.exec_driver_sql(f"UPDATE receipt SET {change}")
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql("INSERT INTO receipt (alert_id, person_id, answer, unreached) VALUES (3, 1, '', '')")
    engine.dispose()


def test_what_the_broadcasts_stored_is_there_and_a_message_is_about_one_thing_still(bare: str) -> None:
    rows_of_the_first_version(bare)
    rows_of_the_broadcasts(bare)
    migrate.upgrade(bare)
    engine = make_engine(bare)
    with engine.connect() as connection:
        look = connection.exec_driver_sql
        posts = look("SELECT id, incident_id, alert_id, run_id, call_id, ref FROM post ORDER BY id").fetchall()
        assert posts == [(1, 1, None, None, None, None), (2, None, 3, None, None, "7:9")]
        assert look("SELECT incident_id, run_id, step FROM evidence").fetchall() == [(1, None, 0)]
        assert look("SELECT alert_id, run_id FROM outbox").fetchall() == [(None, None)]
    for two_or_none in ("1, 3", "NULL, NULL"):
        with engine.connect() as connection, pytest.raises(IntegrityError):
            connection.exec_driver_sql(
                "INSERT INTO post (id, view, reason, folded, drawn, incident_id, alert_id) "
                f"VALUES (9, 'alert', 'x', false, '', {two_or_none})"
            )
    engine.dispose()


def test_the_migrations_build_the_same_tables_on_the_database_of_this_run(bare: str) -> None:
    assert migrate.differences(bare) == []


@pytest.mark.postgresql
def test_of_two_that_migrate_at_once_the_second_finds_it_done(bare: str) -> None:
    rows_of_the_first_version(bare)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(migrate.upgrade, [bare, bare])) == [None, None]
    assert age(bare) == "current"


@pytest.mark.postgresql
def test_an_upgrade_that_fails_on_the_server_leaves_nothing_half_done(
    bare: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_of_the_first_version(bare)
    with monkeypatch.context() as later:
        revise(tmp_path / "program", later, more='raise OSError("the power went")')
        with pytest.raises(OSError, match="power"):
            migrate.upgrade(bare)
        engine = make_engine(bare)
        assert migrate.current(engine) == "0001"
        engine.dispose()
    migrate.upgrade(bare)
    assert age(bare) == "current"
