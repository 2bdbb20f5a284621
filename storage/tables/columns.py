"""How a column is declared: times are aware and stored as UTC, what people wrote is encrypted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field

from storage.types import Encrypted, UtcDateTime


def moment(nullable: bool = False, **more: Any) -> Any:
    """A column for an aware time."""
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, **more))


def sealed(nullable: bool = False) -> Any:
    """A column that is encrypted at rest."""
    return Field(default=None, sa_column=Column(Encrypted, nullable=nullable))


def foreign(column: str, nullable: bool = False) -> Any:
    """A column that points at another row."""
    return Field(default=None, foreign_key=column, nullable=nullable, index=True)


def some(name: str, which: str, *columns: str) -> Index:
    """An index of some rows only."""
    return Index(name, *columns, sqlite_where=text(which), postgresql_where=text(which))


# Buttons name a row by its number: one that is removed while it is the newest must not lend it to another.
NEVER_TWICE = {"sqlite_autoincrement": True}
