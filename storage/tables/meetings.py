"""What is coming: meetings, parties' own events, elections; their cases, what prepares people, what happens there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, UniqueConstraint
from sqlmodel import JSON, Field, SQLModel

from storage.tables.columns import NEVER_TWICE, foreign, moment, sealed, some


class Meeting(SQLModel, table=True):
    """Something that is coming. `audience` says for whom it is, as an alert's does.

    `kind` chooses the plans that prepare for it: council, committee, dialogue, other; stall, square, doors (an event of
    `party_id`); and of the elections' data file ordinary, european, extra, referendum, early, mandate_council,
    mandate_committees, survey. `uid` is what an imported one is known by when it comes again: the calendar's own, or
    "data:" and the kind and day. `support`: "" (not asked for), asked, coming, call (the unit calls first).
    """

    __table_args__ = (
        CheckConstraint("support IN ('', 'asked', 'coming', 'call')", name="meeting_support"),
        UniqueConstraint("uid", name="meeting_uid"),
    )
    id: int | None = Field(default=None, primary_key=True)
    title: str = sealed()
    kind: str = "other"
    starts_at: datetime = moment(index=True)
    ends_at: datetime | None = moment(nullable=True)
    whole_day: bool = False
    place: str | None = sealed(nullable=True)
    audience: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    party_id: int | None = foreign("party.id", nullable=True)
    uid: str | None = None
    series: str | None = Field(default=None, index=True)  # the imported uid that all occurrences share
    source: str = (
        ""  # a digest of what the file said of it: what was changed by hand since stays while that is the same
    )
    support: str = ""
    support_by: int | None = foreign("person.id", nullable=True)
    created_by: int | None = foreign("person.id", nullable=True)
    created_at: datetime = moment()
    cancelled_at: datetime | None = moment(nullable=True)


class AgendaItem(SQLModel, table=True):
    """A case of a meeting, in the order of `place` (from 1)."""

    __table_args__ = (UniqueConstraint("meeting_id", "place"),)
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = foreign("meeting.id")
    place: int
    title: str = sealed()


class Briefing(SQLModel, table=True):
    """One step of a plan for one meeting: never twice.

    `state`: planned, held (by hand), open (the unit is to do it), done, sent, skipped, missed (no longer of use when it
    could have gone), cancelled. `reason` says why it did not go: hand, budget, condition, nobody, late, meeting, plan.
    `moved` when its time was set by hand. `words` (title, text) are what it says for this once. `counts` when it used
    up some of its readers' attention. `acted_by` is who did it, or changed it last.
    """

    __table_args__ = (
        UniqueConstraint("meeting_id", "plan", "step"),
        CheckConstraint(
            "state IN ('planned', 'held', 'open', 'done', 'sent', 'skipped', 'missed', 'cancelled')",
            name="briefing_state",
        ),
        some("briefing_ahead", "state IN ('planned', 'held', 'open')", "due_at"),
        NEVER_TWICE,
    )
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = foreign("meeting.id")
    plan: str
    step: str
    due_at: datetime = moment()
    helps_until: datetime = moment()
    moved: bool = False
    state: str = "planned"
    reason: str = ""
    words: dict[str, Any] | None = sealed(nullable=True)
    counts: bool = False
    acted_by: int | None = foreign("person.id", nullable=True)
    acted_at: datetime | None = moment(nullable=True)


class MeetingEntry(SQLModel, table=True):
    """One line of what happened with a meeting; nothing is ever changed.

    `kind`: status (`body["status"]`: started, disturbed, adjourned, resumed, evacuated, ended), order (support is asked
    for), order_yes, order_no (what came of it), decision (on a security check), look_back.
    """

    __table_args__ = (NEVER_TWICE,)
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = foreign("meeting.id")
    at: datetime = moment()
    kind: str
    author_id: int | None = foreign("person.id", nullable=True)
    body: dict[str, Any] = sealed()
