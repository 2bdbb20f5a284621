"""A new encryption key: all that an older one sealed is sealed anew, in small transactions, while the bot runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Column, LargeBinary, Table, select, type_coerce, update
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as query

from bot.admin.transact import transact
from storage.database import Database
from storage.evidence import unsealed
from storage.tables import EvidenceChunk, Invitation
from storage.types import Encrypted, WrongKey, keyring

AT_ONCE = 50  # values in one transaction: a chunk of evidence is a third of a megabyte
PAUSE = 0.02  # seconds between two transactions, in which the bot gets its turn


@dataclass(frozen=True)
class Rotation:
    """`renewed`: sealed with the first key now. `older`: still under another one. `unreadable`: no key opens it.

    `codes`: invitations that are open, and may have been made with an older key; the last ends at `codes_until`.
    """

    renewed: int
    older: int
    unreadable: int
    codes: int
    codes_until: datetime | None


def sealed_columns() -> Iterator[tuple[Table, Column[bytes]]]:
    """Every column with something sealed in it."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Encrypted):
                yield table, column
    chunks = SQLModel.metadata.tables[str(EvidenceChunk.__tablename__)]
    yield chunks, chunks.c.sealed


def rotate(
    database: Database,
    keys: list[str],
    now: datetime,
    *,
    check: bool = False,
    pause: Callable[[float], None] = time.sleep,
) -> Rotation:
    """Seal everything with the first key; with `check` only count. It may be stopped at any time and run again."""
    first = Fernet(keys[0])
    renewed = older = unreadable = 0
    for table, column in sealed_columns():
        after: int | None = 0
        while after is not None:
            after, done, left, dark = transact(database, _batch, table, column, after, first, check)
            renewed, older, unreadable = renewed + done, older + left, unreadable + dark
            pause(PAUSE)
    codes = _open_codes(database, now)
    return Rotation(renewed, older, unreadable, len(codes), max(codes, default=None))


def _batch(
    session: Session, table: Table, column: Column[bytes], after: int, first: Fernet, check: bool
) -> tuple[int | None, int, int, int]:
    """Some rows: the last one's id (None at the end), how many were renewed, left as they are, and unreadable."""
    raw = type_coerce(column, LargeBinary)
    wanted = select(table.c.id, raw).where(table.c.id > after, column.is_not(None)).order_by(table.c.id).limit(AT_ONCE)
    rows = session.execute(wanted if check else wanted.with_for_update()).all()
    renewed = left = dark = 0
    for number, sealed in rows:
        if _opens(first, bytes(sealed)):
            continue
        try:
            fresh = keyring.seal(keyring.open(bytes(sealed)))
        except WrongKey:
            dark += 1
            continue
        if check:
            left += 1
            continue
        changed = update(table).where(table.c.id == number).values({column: type_coerce(fresh, LargeBinary)})
        with unsealed(session):  # of the table itself: what is in it stays the same
            session.execute(changed)
        renewed += 1
    return (rows[-1][0] if len(rows) == AT_ONCE else None), renewed, left, dark


def _opens(key: Fernet, sealed: bytes) -> bool:
    try:
        key.decrypt(sealed)
    except InvalidToken:
        return False
    return True


def _open_codes(database: Database, now: datetime) -> list[datetime]:
    """Until when each open invitation holds. Which key made it cannot be told without the code."""
    unused = (col(Invitation.used_at).is_(None), col(Invitation.settled_at).is_(None), col(Invitation.expires_at) > now)
    with database.transaction() as session:
        return list(session.exec(query(Invitation.expires_at).where(*unused)))
