"""Broadcasts and their receipts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, UniqueConstraint
from sqlmodel import JSON, Field, SQLModel

from storage.tables.columns import foreign, moment, sealed


class Alert(SQLModel, table=True):
    """What the unit broadcasts, or adds to a broadcast. An alert's number is its id.

    `level`: information, warning, emergency, allclear. `ask`: "" (no answer), read, safe. `state`: draft, asked (waits
    for a second officer), scheduled, sent, dropped. `follows` is the first alert, which this one hangs on as a `change`
    (update, correction, allclear). `revision` counts a draft's changes: a press on an older preview sends nothing.
    A briefing that went out is one too: `briefing_id`; with the `change` moved or cancelled, it tells those who were
    briefed for a meeting; with that of a status (started to ended) those who are at it. `minutes` is within how long
    an answer is asked for; `answer_by` when that is, once it is sent. `ended_at` is set by the all clear, or when an
    exercise is over.
    """

    __table_args__ = (
        CheckConstraint("level IN ('information', 'warning', 'emergency', 'allclear')", name="alert_level"),
        CheckConstraint("state IN ('draft', 'asked', 'scheduled', 'sent', 'dropped')", name="alert_state"),
        CheckConstraint("state != 'sent' OR sent_at IS NOT NULL", name="alert_sent_has_time"),
    )
    id: int | None = Field(default=None, primary_key=True)
    level: str
    headline: str = sealed()  # may show on a locked screen
    text: str = sealed()
    template: str = ""  # the key of a template whose words were not changed: then each reads it in their language
    audience: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    ask: str = ""
    minutes: int = 0
    exercise: bool = False
    follows: int | None = foreign("alert.id", nullable=True)
    change: str = ""
    incident_id: int | None = foreign("incident.id", nullable=True)
    meeting_id: int | None = foreign("meeting.id", nullable=True)
    briefing_id: int | None = foreign("briefing.id", nullable=True)
    author_id: int = foreign("person.id")
    approved_by: int | None = foreign("person.id", nullable=True)
    state: str = "draft"
    revision: int = 0
    created_at: datetime = moment()
    send_at: datetime | None = moment(nullable=True)
    sent_at: datetime | None = moment(nullable=True)
    answer_by: datetime | None = moment(nullable=True)
    ended_at: datetime | None = moment(nullable=True)
    chain: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class Receipt(SQLModel, table=True):
    """One person's place in an alert: counted once, however many accounts and copies the person has.

    `answer`: "" (none yet), read, safe, help, told (`told_by` reached the person outside the bot), away (not at the
    meeting that it is about). `unreached` says why the bot cannot reach the person at all: no_account, blocked, failed;
    "" when it can. `incident_id` is what "I need help" raised.
    """

    __table_args__ = (
        UniqueConstraint("alert_id", "person_id"),
        CheckConstraint("answer IN ('', 'read', 'safe', 'help', 'told', 'away')", name="receipt_answer"),
        CheckConstraint("(answer = '') = (answered_at IS NULL)", name="receipt_answer_has_time"),
    )
    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = foreign("alert.id")
    person_id: int = foreign("person.id")
    party_id: int | None = foreign("party.id", nullable=True)
    answer: str = ""
    answered_at: datetime | None = moment(nullable=True)
    told_by: int | None = foreign("person.id", nullable=True)
    unreached: str = ""
    incident_id: int | None = foreign("incident.id", nullable=True)


class AlertEntry(SQLModel, table=True):
    """One line of what happened with an alert: who approved it, each step of its chain, who replied what."""

    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = foreign("alert.id")
    at: datetime = moment()
    kind: str
    author_id: int | None = foreign("person.id", nullable=True)
    body: dict[str, Any] = sealed()
