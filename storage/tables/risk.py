"""The risk guide: cases, how each was assessed, by which version; measures that somebody promised; the watch list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import NEVER_TWICE, foreign, moment, sealed

LEVELS = "('', 'low', 'moderate', 'high')"


class RiskVersion(SQLModel, table=True):
    """The risk guide's content as it was when something was assessed by it: an old result stays explainable."""

    __table_args__ = (UniqueConstraint("digest"),)
    id: int | None = Field(default=None, primary_key=True)
    version: str
    digest: str
    content: dict[str, Any] = sealed()
    kept_at: datetime = moment()


class RiskCase(SQLModel, table=True):
    """A case that is assessed, of a meeting or by itself. `level` is what counts now: "" until it is sorted."""

    __table_args__ = (CheckConstraint(f"level IN {LEVELS}", name="riskcase_level"), NEVER_TWICE)
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int | None = foreign("meeting.id", nullable=True)
    title: str = sealed()
    level: str = ""
    created_by: int = foreign("person.id")
    created_at: datetime = moment()


class Assessment(SQLModel, table=True):
    """One assessment of a case, its newest one counts: the earlier ones stay to be compared with.

    `answers` has for each question (`sort` for step 1) what each person answered, by the person's id; the higher
    counts. `roles` are who took part, as roles. `level` is the result of step 2, `square` (A to I) of step 3; "" while
    there is none. `decided_at` is when it got its result, or its last one.
    """

    __table_args__ = (
        CheckConstraint(f"sorted IN {LEVELS}", name="assessment_sorted"),
        CheckConstraint(f"level IN {LEVELS}", name="assessment_level"),
        NEVER_TWICE,
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = foreign("riskcase.id")
    version_id: int = foreign("riskversion.id")
    answers: dict[str, Any] = sealed()
    roles: list[str] = sealed()
    sorted: str = ""
    level: str = ""
    square: str = ""
    started_by: int = foreign("person.id")
    started_at: datetime = moment()
    decided_by: int | None = foreign("person.id", nullable=True)
    decided_at: datetime | None = moment(nullable=True)


class Watch(SQLModel, table=True):
    """An issue that may heat up. `faces`: "" (not known), one (somebody stands alone), several.

    `look_at` is when somebody is to look at it again; the owner sees to that.
    """

    __table_args__ = (
        CheckConstraint(f"level IN {LEVELS}", name="watch_level"),
        CheckConstraint("faces IN ('', 'one', 'several')", name="watch_faces"),
        NEVER_TWICE,
    )
    id: int | None = Field(default=None, primary_key=True)
    title: str = sealed()
    level: str
    faces: str = ""
    owner_id: int = foreign("person.id")
    look_at: datetime = moment(index=True)
    case_id: int | None = foreign("riskcase.id", nullable=True)
    created_by: int = foreign("person.id")
    created_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class Measure(SQLModel, table=True):
    """What somebody promised to do by a day, for a case, a watched issue or a meeting. `state`: open, done, dropped."""

    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'dropped')", name="measure_state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="measure_ended_has_time"),
        NEVER_TWICE,
    )
    id: int | None = Field(default=None, primary_key=True)
    text: str = sealed()
    owner_id: int = foreign("person.id")
    due_at: datetime = moment(index=True)
    case_id: int | None = foreign("riskcase.id", nullable=True)
    watch_id: int | None = foreign("watch.id", nullable=True)
    meeting_id: int | None = foreign("meeting.id", nullable=True)
    state: str = "open"
    made_by: int = foreign("person.id")
    made_at: datetime = moment()
    ended_by: int | None = foreign("person.id", nullable=True)
    ended_at: datetime | None = moment(nullable=True)
