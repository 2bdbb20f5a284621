"""Checklists being ticked off, support that is called in, and what is read, counted without who."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import NEVER_TWICE, foreign, moment, sealed


class Run(SQLModel, table=True):
    """One ticking through a checklist, alone or together. `state`: open, signed, dropped.

    `content` is the version that it started with, in every language: the file may change meanwhile. `about` is what it
    is done for, in the words of whoever began it.
    """

    __table_args__ = (
        CheckConstraint("state IN ('open', 'signed', 'dropped')", name="run_state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="run_ended_has_time"),
        NEVER_TWICE,
    )
    id: int | None = Field(default=None, primary_key=True)
    slug: str
    content: dict[str, Any] = sealed()
    about: str = sealed()
    shared: bool = False
    meeting_id: int | None = foreign("meeting.id", nullable=True)
    state: str = "open"
    started_by: int = foreign("person.id")
    started_at: datetime = moment()
    ended_by: int | None = foreign("person.id", nullable=True)
    ended_at: datetime | None = moment(nullable=True)


class RunMember(SQLModel, table=True):
    """Somebody who takes part in a run, and which section (from 0) their message shows."""

    __table_args__ = (UniqueConstraint("run_id", "person_id"),)
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = foreign("run.id")
    person_id: int = foreign("person.id")
    section: int = 0
    joined_at: datetime = moment()


class Tick(SQLModel, table=True):
    """A step that is done: by whom, and when. Steps are counted from 1 through all sections."""

    __table_args__ = (UniqueConstraint("run_id", "step"),)
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = foreign("run.id")
    step: int
    person_id: int = foreign("person.id")
    at: datetime = moment()


class RunEntry(SQLModel, table=True):
    """One line of what happened: started, joined, ticked, unticked, note, evidence, opened, signed, dropped."""

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = foreign("run.id")
    at: datetime = moment()
    kind: str
    step: int = 0
    author_id: int | None = foreign("person.id", nullable=True)
    body: dict[str, Any] = sealed()


class Supporter(SQLModel, table=True):
    """Whom support of a kind is called from, in the order of `place`; the chief's directory.

    `kind`: communications, hr, law, security.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    person_id: int = foreign("person.id")
    place: int
    added_by: int = foreign("person.id")
    created_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class SupportCall(SQLModel, table=True):
    """Somebody asks for support. `state`: open, taken, ended (withdrawn, or over)."""

    __table_args__ = (
        CheckConstraint("state IN ('open', 'taken', 'ended')", name="support_state"),
        CheckConstraint("state != 'taken' OR taken_by IS NOT NULL", name="support_taken_has_person"),
        NEVER_TWICE,
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    why: str = sealed()
    slug: str = ""  # the advice that it was asked from
    incident_id: int | None = foreign("incident.id", nullable=True)
    asked_by: int = foreign("person.id")
    created_at: datetime = moment()
    state: str = "open"
    taken_by: int | None = foreign("person.id", nullable=True)
    taken_at: datetime | None = moment(nullable=True)
    ended_at: datetime | None = moment(nullable=True)


class SupportAsked(SQLModel, table=True):
    """Somebody who was called in, and what they answered: "" (nothing yet), yes, no."""

    __table_args__ = (
        UniqueConstraint("call_id", "person_id"),
        CheckConstraint("answer IN ('', 'yes', 'no')", name="support_answer"),
    )
    id: int | None = Field(default=None, primary_key=True)
    call_id: int = foreign("supportcall.id")
    person_id: int = foreign("person.id")
    asked_at: datetime = moment()
    answer: str = ""
    answered_at: datetime | None = moment(nullable=True)


class AdviceOpened(SQLModel, table=True):
    """That a piece of advice was opened in a month ("2026-11"). Not by whom, and not when."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str
    month: str = Field(index=True)


class AdviceMissed(SQLModel, table=True):
    """What somebody looked for in a month, and nothing was found. Not who, and not when."""

    id: int | None = Field(default=None, primary_key=True)
    words: str = sealed()
    month: str = Field(index=True)
