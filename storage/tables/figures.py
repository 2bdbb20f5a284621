"""What was reckoned once and stays as it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import moment, sealed


class QuarterFigures(SQLModel, table=True):
    """What is shown of a finished quarter ("2026-Q3"), without what is too few to show: never reckoned anew.

    Two reckonings with a little between them would tell what was added, however few.
    """

    __table_args__ = (UniqueConstraint("quarter"),)
    id: int | None = Field(default=None, primary_key=True)
    quarter: str
    figures: dict[str, Any] = sealed()
    made_at: datetime = moment()
