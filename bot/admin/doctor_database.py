"""Looks at the database: can it be reached, read, written and trusted, and is anything late in it?"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Executable, LargeBinary, func, text, type_coerce
from sqlalchemy import select as plain_select
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select

from bot.admin import doctor_chains
from bot.admin.backup import LAST
from bot.admin.findings import Finding, fault, ok, warning
from bot.admin.rotation import sealed_columns
from bot.admin.terminal import one_line
from bot.services import people
from config.settings import Settings
from storage import evidence, migrate, outbox
from storage.database import ArgumentError, Database, sqlite_file, wal_is_safe
from storage.tables import Account, Deadline, Evidence, Lease, Municipality, Outbox
from storage.types import WrongKey, keyring

ROOM, LITTLE_ROOM = 1_000_000_000, 100_000_000  # bytes
LATE = timedelta(minutes=10)
RECENT = timedelta(days=7)
OLD_BACKUP = timedelta(days=8)
SAMPLE = 20  # pieces of evidence, the newest and as many others


def look(chosen: Settings, now: datetime) -> Iterator[Finding]:
    """Every finding about the database; nothing in it is changed."""
    try:
        file = sqlite_file(chosen.database_url)
        if file is not None:
            yield from _disk(file)
            if not file.exists():
                yield fault("cli.doctor_db_none", "database")
                return
        database = Database(chosen.database_url, chosen.keys)
    except WrongKey as error:
        yield fault("cli.doctor_key_bad", "keys", problem=error)
        return
    except (ArgumentError, ImportError, OSError) as error:
        yield fault("cli.doctor_db_closed", "database", problem=one_line(error))
        return
    try:
        yield from _inside(database, now, chosen)
    except DatabaseError as error:
        yield fault("cli.doctor_db_closed", "database", problem=one_line(getattr(error, "orig", None) or error))
    finally:
        database.close()


def _disk(file: Path) -> Iterator[Finding]:
    folder = file.absolute().parent
    if not folder.is_dir():
        yield fault("cli.doctor_db_folder", "disk", folder=folder)
        return
    free = shutil.disk_usage(folder).free
    megabytes = free // 1_000_000
    if free < LITTLE_ROOM:
        yield fault("cli.doctor_disk_full", "disk", free=megabytes)
    elif free < ROOM:
        yield warning("cli.doctor_disk_low", "disk", free=megabytes)
    else:
        yield ok("cli.doctor_disk", "disk", free=megabytes)
    if not os.access(folder, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        yield fault("cli.doctor_db_readonly", "database")


def _inside(database: Database, now: datetime, chosen: Settings) -> Iterator[Finding]:
    yield _migrations(database)
    if migrate.age(database.engine) != "current":
        return
    yield _writable(database)
    yield from _kind(database)
    with database.transaction() as session:
        findings = [*_keys(session, len(chosen.keys)), *_house(session, chosen)]
        if not any(finding.check == "keys" and finding.level == "fault" for finding in findings):
            findings += [*_late(session, now), *doctor_chains.look(session, now)]
            findings += [*_evidence(session), _backup(session, now)]
        session.rollback()
    yield from findings


def _migrations(database: Database) -> Finding:
    age, sqlite = migrate.age(database.engine), database.engine.dialect.name == "sqlite"
    if age == "current":
        return ok("cli.doctor_migrated", "migrations", revision=migrate.newest())
    if age == "older":
        older = "cli.doctor_older_sqlite" if sqlite else "cli.doctor_older"
        return warning(older, "migrations") if sqlite else fault(older, "migrations")
    return fault("cli.doctor_newer" if age == "newer" else "cli.doctor_db_none", "migrations")


def _writable(database: Database) -> Finding:
    """Takes the lock that every write takes, and lets it go again."""
    try:
        with database.transaction() as session:
            session.execute(text("UPDATE lease SET holder = holder WHERE name = ''"))
            session.rollback()
    except DatabaseError as error:
        return fault("cli.doctor_db_unwritable", "database", problem=one_line(error.orig or error))
    return ok("cli.doctor_db", "database", kind=database.engine.dialect.name)


def _kind(database: Database) -> Iterator[Finding]:
    if database.engine.dialect.name != "sqlite":
        return
    version = sqlite3.sqlite_version
    if wal_is_safe(sqlite3.sqlite_version_info):
        yield ok("cli.doctor_sqlite_wal", "sqlite", version=version)
    else:
        yield ok("cli.doctor_sqlite_journal", "sqlite", version=version)
    with database.engine.connect() as connection:
        said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        connection.rollback()
    if said != "ok":
        yield fault("cli.doctor_sqlite_broken", "sqlite")


def _keys(session: Session, keys: int) -> Iterator[Finding]:
    """The first and the last value of everything that is sealed."""
    count = 0
    try:
        for table, column in sealed_columns():
            for end in (table.c.id, table.c.id.desc()):
                raw_column = type_coerce(column, LargeBinary)  # as it is stored
                raw = session.execute(
                    plain_select(raw_column).where(column.is_not(None)).order_by(end).limit(1)
                ).scalar()
                if raw is not None:
                    keyring.open(bytes(raw))
                    count += 1
    except WrongKey:
        yield fault("cli.doctor_key_wrong", "keys", table=table.name)
        return
    yield ok("cli.doctor_keys", "keys", count=count)
    if keys > 1:
        yield warning("cli.doctor_keys_many", "keys", keys=keys)


def _house(session: Session, chosen: Settings) -> Iterator[Finding]:
    house = session.exec(select(Municipality)).first()
    if house is None:
        yield fault("cli.doctor_db_none", "municipality")
        return
    try:
        ZoneInfo(house.timezone)
        yield ok("cli.doctor_zone", "zone", zone=house.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield fault("cli.doctor_zone_unknown", "zone", zone=house.timezone)
    query = select(Account).where(Account.state == "active")
    active = {account.person_id for account in session.exec(query)}
    try:
        if not any(chief.id in active for chief in people.chiefs(session)):
            yield warning("cli.doctor_no_chief", "chief")
        unit = [person for person in people.unit_people(session) if person.id in active]
        if chosen.alerts.two_person and len(unit) < 2:
            yield warning("cli.doctor_one_officer", "two_person", count=len(unit))
    except WrongKey:
        return  # told already


def _late(session: Session, now: datetime) -> Iterator[Finding]:
    def count(query: Executable) -> int:
        return int(session.execute(query).scalar() or 0)

    rows = select(func.count()).select_from(Outbox)
    recent = (*outbox.lost(), col(Outbox.settled_at) > now - RECENT)
    if undelivered := count(rows.where(*recent)):
        yield warning("cli.doctor_undelivered", "outbox", count=undelivered, days=RECENT.days)
    stuck = (col(Outbox.state).in_(("waiting", "claimed")), col(Outbox.created_at) < now - LATE)
    if waiting := count(rows.where(*stuck)):
        yield warning("cli.doctor_waiting", "outbox", count=waiting, minutes=LATE.seconds // 60)
    if not undelivered and not waiting:
        yield ok("cli.doctor_delivered", "outbox", days=RECENT.days)
    due, first = select(func.count()).select_from(Deadline), func.coalesce(Deadline.first_due_at, Deadline.due_at)
    late = count(due.where(col(Deadline.state) == "waiting", first < now - LATE))
    if late:
        yield fault("cli.doctor_overdue", "deadlines", count=late, minutes=LATE.seconds // 60)
    else:
        yield ok("cli.doctor_deadlines", "deadlines")


def _evidence(session: Session) -> Iterator[Finding]:
    kept = list(session.exec(select(Evidence.id).where(Evidence.state == "kept").order_by(col(Evidence.id))))
    older = kept[:-SAMPLE]
    sample = [*random.sample(older, min(SAMPLE, len(older))), *kept[-SAMPLE:]]
    bad = [str(number) for number in sample if not _verifies(session, number)]
    if bad:
        yield fault("cli.doctor_evidence_bad", "evidence", numbers=", ".join(bad))
    else:
        yield ok("cli.doctor_evidence", "evidence", count=len(sample), total=len(kept))


def _verifies(session: Session, number: int | None) -> bool:
    try:
        return evidence.verify(session, session.get_one(Evidence, number))
    except WrongKey:
        return False


def _backup(session: Session, now: datetime) -> Finding:
    lease = session.get(Lease, LAST)
    if lease is None:
        return warning("cli.doctor_backup_none", "backup")
    days = (now - lease.until).days
    if now - lease.until > OLD_BACKUP:
        return warning("cli.doctor_backup_old", "backup", days=days)
    return ok("cli.doctor_backup", "backup", days=days)
