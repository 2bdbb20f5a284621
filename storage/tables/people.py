"""The municipality, its parties, people, their roles and accounts, and where they meet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, UniqueConstraint
from sqlmodel import JSON, Field, SQLModel

from storage.tables.columns import foreign, moment, sealed


class Municipality(SQLModel, table=True):
    """The one municipality of this installation."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    timezone: str
    languages: list[str] = Field(sa_column=Column(JSON, nullable=False))
    public_number: str
    night_number: str | None = None
    staffed: str
    about: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # by language
    created_at: datetime = moment()


class Party(SQLModel, table=True):
    """A political party with safety contacts."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    created_at: datetime = moment()


class Person(SQLModel, table=True):
    """Somebody who was invited. `preferred` is the account that notices go to first.

    `quiet` is when nothing that the person can mute comes, in the municipality's time: "22:00-07:00", or nothing.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = sealed()
    phone: str | None = sealed(nullable=True)
    language: str
    preferred: int | None = None
    quiet: str = ""
    created_at: datetime = moment()


class Role(SQLModel, table=True):
    """What a person is: chief, officer, contact, deputy, official or helper; over when `ended_at` is set.

    `task` says what a helper helps with; `ends_at` is when the role ends by itself.
    """

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = foreign("person.id")
    kind: str
    party_id: int | None = foreign("party.id", nullable=True)
    task: str = ""
    since: datetime = moment()
    ends_at: datetime | None = moment(nullable=True)
    ended_at: datetime | None = moment(nullable=True)


class Account(SQLModel, table=True):
    """A person's account on one platform. `state`: pending (not yet let in), active, blocked, revoked."""

    __table_args__ = (
        UniqueConstraint("platform", "team", "user"),
        CheckConstraint("state IN ('pending', 'active', 'blocked', 'revoked')", name="account_state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = foreign("person.id")
    platform: str
    team: str
    user: str
    state: str
    offered: list[Any] | None = sealed(nullable=True)  # the buttons of the newest message: answered by number
    linked_at: datetime = moment()
    seen_at: datetime | None = moment(nullable=True)  # when the person last did something here, to the hour


class Invitation(SQLModel, table=True):
    """A code that lets one account in: for a new role, or (`role` empty) for a person's second account.

    A helper's `role` has the task behind it: "helper.lawyer".

    The selector finds the row; the secret is only kept hashed, and the row is dead after five wrong ones.
    """

    id: int | None = Field(default=None, primary_key=True)
    selector: str = Field(unique=True)
    secret_hash: str
    person_id: int = foreign("person.id")
    role: str = ""
    party_id: int | None = foreign("party.id", nullable=True)
    created_by: int | None = foreign("person.id", nullable=True)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    tries: int = 0
    used_at: datetime | None = moment(nullable=True)
    account_id: int | None = foreign("account.id", nullable=True)
    settled_at: datetime | None = moment(nullable=True)  # the chief said who it was, or it was withdrawn


class SharedPlace(SQLModel, table=True):
    """A channel or group of the unit. `state`: asked, bound, gone."""

    __table_args__ = (UniqueConstraint("platform", "team", "chat"),)
    id: int | None = Field(default=None, primary_key=True)
    platform: str
    team: str
    chat: str
    title: str = sealed()
    state: str
    asked_by: int = foreign("person.id")
    created_at: datetime = moment()
