"""The unit's duty list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column
from sqlmodel import JSON, Field, SQLModel

from storage.tables.columns import NEVER_TWICE, foreign, moment


class Rota(SQLModel, table=True):
    """Who of the unit is on duty in turn: each for `days` days from `starts_at`, in the order of `people` (ids)."""

    id: int | None = Field(default=None, primary_key=True)
    people: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    days: int
    starts_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)
    created_by: int = foreign("person.id")
    created_at: datetime = moment()


class Shift(SQLModel, table=True):
    """A time when one person is on duty. Where two cover the same moment the newer row holds.

    `cause`: rota, swap, cover (of an absence), handover.
    """

    __table_args__ = (CheckConstraint("starts_at < ends_at", name="shift_has_length"), NEVER_TWICE)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = foreign("person.id")
    starts_at: datetime = moment(index=True)
    ends_at: datetime = moment(index=True)
    cause: str
    created_at: datetime = moment()


class Absence(SQLModel, table=True):
    """A time when somebody of the unit is away, and cannot be on duty."""

    __table_args__ = (CheckConstraint("starts_at < ends_at", name="absence_has_length"), NEVER_TWICE)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = foreign("person.id")
    starts_at: datetime = moment()
    ends_at: datetime = moment()
    created_at: datetime = moment()
