"""The running bots, and what they have seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.tables.columns import moment, sealed


class Process(SQLModel, table=True):
    """A running bot. One that stopped beating is dead, and the others take over what it had claimed."""

    name: str = Field(primary_key=True)
    started_at: datetime = moment()
    beat_at: datetime = moment(index=True)
    stopped_at: datetime | None = moment(nullable=True)  # it ended in good order


class Lease(SQLModel, table=True):
    """What only one process may do at a time, such as sending for one bot token; anybody's after `until`."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = moment()


class SeenEvent(SQLModel, table=True):
    """An event that had its effect; the same one again has none."""

    uid: str = Field(primary_key=True)
    at: datetime = moment(index=True)


class KeptEvent(SQLModel, table=True):
    """An event that met an unexpected error, kept whole so that nothing is lost."""

    id: int | None = Field(default=None, primary_key=True)
    uid: str
    at: datetime = moment()
    body: dict[str, Any] = sealed()
    error: str
