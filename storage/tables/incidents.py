"""Incidents, their timelines, and what was attached. An incident's number is its id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Connection, Index, LargeBinary, UniqueConstraint, event, func, text
from sqlmodel import JSON, Field, SQLModel, col, select

from storage.tables.columns import foreign, moment, sealed


class Incident(SQLModel, table=True):
    """What somebody flagged. `status`: open, withdrawn, closed.

    `linked_to` is the incident that it is handled together with: nine flags may be one event.
    """

    __table_args__ = (
        CheckConstraint("status IN ('open', 'withdrawn', 'closed')", name="incident_status"),
        CheckConstraint("imminence IN ('now', 'brewing', 'rumour', 'past')", name="incident_imminence"),
    )
    id: int | None = Field(default=None, primary_key=True)
    imminence: str
    category: str = ""
    reporter_id: int = foreign("person.id")
    recorded_by: int | None = foreign("person.id", nullable=True)  # the officer who wrote down what a caller said
    party_id: int | None = foreign("party.id", nullable=True)
    party_sees: bool = False
    status: str = "open"
    details: dict[str, Any] = sealed()
    raised_at: datetime = moment()
    sent_at: datetime = moment()
    taken_by: int | None = foreign("person.id", nullable=True)
    taken_at: datetime | None = moment(nullable=True)
    promised_at: datetime | None = moment(nullable=True)
    answered_at: datetime | None = moment(nullable=True)
    closed_at: datetime | None = moment(nullable=True)
    chain: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    linked_to: int | None = foreign("incident.id", nullable=True)
    meeting_id: int | None = foreign("meeting.id", nullable=True)  # what the reporter is worried about


@event.listens_for(Incident, "before_insert")
def _without_gaps(_: Any, connection: Connection, incident: Incident) -> None:
    # PostgreSQL would leave a number out for each transaction that came to nothing, and people would look for it.
    if incident.id is None:
        incident.id = (connection.scalar(select(func.max(col(Incident.id)))) or 0) + 1


class Entry(SQLModel, table=True):
    """One line of an incident's timeline; nothing is ever changed or removed."""

    __table_args__ = (Index("entry_of_kind", "kind", "incident_id", "id", "at"),)  # the figures read nothing else
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = foreign("incident.id")
    at: datetime = moment()
    kind: str
    author_id: int | None = foreign("person.id", nullable=True)
    body: dict[str, Any] = sealed()


class Conversation(SQLModel, table=True):
    """One person's place in a flow. `state`: open, done, cancelled, parked. The newest open one is the current."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = foreign("person.id")
    flow: str
    inputs: dict[str, Any] = sealed()
    answers: dict[str, Any] = sealed()
    aside: dict[str, Any] = sealed()
    revision: int = 0
    state: str = "open"
    incident_id: int | None = foreign("incident.id", nullable=True)
    question_row: int | None = None  # the outbox row that asks; its buttons go away when it is answered
    updated_at: datetime = moment()


class Evidence(SQLModel, table=True):
    """Something attached to an incident: a file, a place, somebody else's message. Once kept it never changes.

    On a step of a checklist it has `run_id` and `step` in place of an incident.

    `state`: waiting (to be fetched), kept, refused (too big, or of a kind that is not taken), failed (the platform
    no longer has it). `conversation_id` holds it until there is an incident. `facts` has what the platform claims
    (name, media, author), and for what is no file its `text`; `size` in bytes.
    """

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'kept', 'refused', 'failed')", name="evidence_state"),
        CheckConstraint("state != 'kept' OR (sha256 != '' AND kept_at IS NOT NULL)", name="evidence_kept_is_whole"),
        CheckConstraint("state NOT IN ('refused', 'failed') OR reason != ''", name="evidence_lost_has_reason"),
        Index(
            "evidence_waiting",
            "not_before",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int | None = foreign("incident.id", nullable=True)
    conversation_id: int | None = foreign("conversation.id", nullable=True)
    run_id: int | None = foreign("run.id", nullable=True)
    step: int = 0
    person_id: int = foreign("person.id")
    account_id: int = foreign("account.id")
    medium: str
    remote: str | None = sealed(nullable=True)
    facts: dict[str, Any] = sealed()
    made_at: datetime | None = moment(nullable=True)  # the original's own time
    sent_at: datetime = moment()
    received_at: datetime = moment()
    state: str = "waiting"
    reason: str = ""
    attempts: int = 0
    not_before: datetime = moment()
    claimed_by: str = ""
    kept_at: datetime | None = moment(nullable=True)
    media: str = ""  # what the bytes turned out to be
    size: int = 0
    sha256: str = ""


class EvidenceChunk(SQLModel, table=True):
    """A stretch of a file, sealed by the keyring outside the database's thread."""

    __table_args__ = (UniqueConstraint("evidence_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    evidence_id: int = foreign("evidence.id")
    number: int
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
