"""How rows are found and removed: by their ids, so many at a time, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import CursorResult, Table, delete, func
from sqlmodel import Session, SQLModel, select

Counts = Counter[str]
AT_ONCE = 200  # ids named in one statement


def pointing_at(table: str, *but: str) -> Iterator[Any]:
    """The columns that point at a table, of all tables but these."""
    others: list[Table] = [other for other in SQLModel.metadata.sorted_tables if other.name not in but]
    return (key.parent for other in others for key in other.foreign_keys if key.column.table.name == table)


def ids(session: Session, query: Any) -> list[int]:
    """What a query of ids finds."""
    return list(session.exec(query))


def but_newest(session: Session, table: Any, query: Any) -> list[int]:
    """The ids that a query finds, without the newest of the table."""
    newest = session.exec(select(func.max(table.id))).one()
    return [number for number in ids(session, query) if number != newest]


def portions(numbers: list[int]) -> Iterator[Sequence[int]]:
    """So many at a time as one statement can name."""
    return (numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE))


def gone(session: Session, table: type[SQLModel], which: Any) -> Counts:
    """Remove these rows; how many there were, by table."""
    done: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        delete(table).where(which).execution_options(synchronize_session=False)
    )
    return Counter({str(table.__tablename__): done.rowcount}) if done.rowcount else Counter()
