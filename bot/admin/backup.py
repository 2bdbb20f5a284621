"""A backup: every row in one encrypted file, taken while the bot runs; and the way back, into an empty database."""

from __future__ import annotations

import os
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import DatabaseError

from bot.admin import rows
from bot.admin.terminal import Told, one_line
from bot.admin.vault import Broken, NotOurs, Opener, OtherKey, Sealer, lines
from storage import migrate
from storage.database import Database, make_engine, sqlite_file
from storage.tables import Lease
from storage.types import keyring

LAST = "backup"  # the lease that a backup holds; when it ended is when the newest backup was taken


@dataclass(frozen=True)
class Backup:
    """What a backup holds. `waiting`: messages that go out when the bot is started on it."""

    revision: str
    created_at: str
    counts: dict[str, int]
    sha256: str
    waiting: int = 0


# Making one


def make(url: str, keys: list[str], path: Path, now: datetime) -> Backup:
    """Write everything to a new file, sealed with the first key. Raises Told; it is there only when it is whole."""
    keyring.use(keys)
    if path.exists():
        raise Told("cli.file_exists", file=path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            part.chmod(0o600)
            made = _written(url, keys[0], file, path.parent, now)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a rename, never over a file that came meanwhile
    except FileExistsError:
        raise Told("cli.file_exists", file=path) from None
    except OSError as error:
        raise Told("cli.file_write", file=path, problem=error.strerror or type(error).__name__) from None
    finally:
        part.unlink(missing_ok=True)
    return made


def _written(url: str, key: str, file: BinaryIO, folder: Path, now: datetime) -> Backup:
    with snapshot(url, folder) as connection:
        revision = migrate.revision_of(connection)
        if revision is None:
            raise Told("cli.no_municipality")
        _try_keys(connection)
        created_at = now.astimezone(UTC).isoformat(timespec="seconds")
        sealer = Sealer(file, key, {"format": 1, "revision": revision, "created_at": created_at})
        counts: dict[str, int] = {}
        for line in rows.dumped(connection, counts):
            sealer.write(line)
        sealer.close()
    return Backup(revision, created_at, counts, sealer.sha256.hexdigest())


def _try_keys(connection: Connection) -> None:
    """Raises WrongKey: a backup that is sealed with a key that fits nothing in it would be of no use."""
    names = connection.execute(text("SELECT name FROM person ORDER BY id LIMIT 1")).scalars()
    for name in names:
        keyring.open(bytes(name))


@contextmanager
def snapshot(url: str, folder: Path | None = None) -> Iterator[Connection]:
    """The database as it is at one moment, while others write on."""
    file = sqlite_file(url)
    if file is None:
        yield from _repeatable(url)
        return
    if not file.exists():
        raise Told("cli.no_municipality")
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        copy = Path(scratch) / "copy.db"
        _copied(file, copy)
        engine = create_engine(f"sqlite:///{copy}", hide_parameters=True)
        with engine.connect() as connection:
            yield connection
        engine.dispose()


def _repeatable(url: str) -> Iterator[Connection]:
    engine = make_engine(url)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection
    finally:
        engine.dispose()


def _copied(file: Path, copy: Path) -> None:
    """In one go: a copy in steps begins anew at each write of another process, and may never end."""
    source, target = sqlite3.connect(file, timeout=10), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()


def remember(database: Database, at: datetime) -> None:
    """Note when the newest backup was taken, for the doctor."""
    with database.transaction() as session:
        lease = session.get(Lease, LAST) or Lease(name=LAST, holder="", until=at)
        lease.holder, lease.until = f"{socket.gethostname()}:{os.getpid()}", at
        session.add(lease)


# The way back


def restore(url: str, keys: list[str], path: Path) -> Backup:
    """Fill an empty database; the file is read to its end before the first write. Raises Told: nothing was changed."""
    found = check(path, keys)
    if not migrate.knows(found.revision):
        raise Told("cli.backup_newer")
    file = sqlite_file(url)
    fresh = file is not None and not file.exists()
    try:
        waiting = _filled(url, keys, path, found.revision)
        migrate.upgrade(url, copy=False)
    except BaseException:
        if fresh and file is not None:
            _remove(file)
        raise
    return Backup(found.revision, found.created_at, found.counts, found.sha256, waiting)


def check(path: Path, keys: list[str]) -> Backup:
    """Read a backup to its end. Raises Told when it is not whole, not ours, or not ours to open."""
    with _opened(path, keys) as opener:
        counts = rows.counted(lines(opener.pieces()))
        header = opener.header
        return Backup(str(header["revision"]), str(header["created_at"]), counts, opener.sha256.hexdigest())


@contextmanager
def _opened(path: Path, keys: list[str]) -> Iterator[Opener]:
    try:
        with path.open("rb") as file:
            yield Opener(file, keys)
    except OSError as error:
        raise Told("cli.file_read", file=path, problem=error.strerror or type(error).__name__) from None
    except NotOurs:
        raise Told("cli.backup_none", file=path) from None
    except OtherKey:
        raise Told("cli.backup_key", file=path) from None
    except (Broken, ValueError, KeyError):
        raise Told("cli.backup_broken", file=path) from None


def _filled(url: str, keys: list[str], path: Path, revision: str) -> int:
    engine = make_engine(url)
    try:
        with _opened(path, keys) as opener, engine.begin() as connection:
            if inspect(connection).get_table_names():
                raise Told("cli.restore_not_empty")
            migrate.build(connection, revision)
            rows.load(connection, lines(opener.pieces()))
            return _waiting(connection)
    except DatabaseError as error:
        raise Told("cli.database", problem=one_line(getattr(error, "orig", None) or error)) from None
    finally:
        engine.dispose()


def _waiting(connection: Connection) -> int:
    query = text("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'claimed')")
    return int(connection.execute(query).scalar() or 0)


def _remove(file: Path) -> None:
    for end in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            file.with_name(file.name + end).unlink(missing_ok=True)


def said(backup: Backup) -> dict[str, Any]:
    """A backup as a machine reads it."""
    return {
        "revision": backup.revision,
        "created_at": backup.created_at,
        "sha256": backup.sha256,
        "rows": backup.counts,
        "waiting": backup.waiting,
    }
