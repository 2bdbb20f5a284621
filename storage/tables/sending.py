"""What must be sent, what waits, and what must happen at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import foreign, moment, sealed, some

ABOUT_ONE = (
    " + ".join(f"(CASE WHEN {name}_id IS NULL THEN 0 ELSE 1 END)" for name in ("incident", "alert", "run", "call"))
    + " = 1"
)


class Post(SQLModel, table=True):
    """A message that stays current: drawn from the state each time it is sent or refreshed.

    It is about one thing: an incident, an alert, a run of a checklist, a call for support. `view` names what is drawn
    (notice, card; alert, board, preview; run; call, asked); `ref` is the platform's reference once it is there.
    """

    __table_args__ = (CheckConstraint(ABOUT_ONE, name="post_is_about_one"),)
    id: int | None = Field(default=None, primary_key=True)
    view: str
    incident_id: int | None = foreign("incident.id", nullable=True)
    alert_id: int | None = foreign("alert.id", nullable=True)
    run_id: int | None = foreign("run.id", nullable=True)
    call_id: int | None = foreign("supportcall.id", nullable=True)
    person_id: int | None = foreign("person.id", nullable=True)
    account_id: int | None = foreign("account.id", nullable=True)
    place_id: int | None = foreign("sharedplace.id", nullable=True)
    reason: str  # why it was sent: raised, taken, answered, reminder …
    folded: bool = False  # a newer message to the same person says more; this one has no buttons any more
    drawn: str = ""  # a digest of what is there now, so that an unchanged message is not sent again
    ref: str | None = Field(default=None, index=True)


class Outbox(SQLModel, table=True):
    """One platform call that must be made, and what became of it.

    `act`: send, edit, pin, leave, file, menu. `purpose`: emergency overtakes everything; answer and question belong to
    a conversation, notice to an incident, alert to a broadcast, info to nothing that hurries. A row with `post_id` is
    drawn when it is sent. `target_row` is the row whose message is edited or pinned, or that a new message hangs on;
    `target_ref` names that message where no row did. `tried_at` is when it was first claimed; `owed_since` when a
    message was first owed that several rows in turn have not got through. `carried_by` is the row that carries the
    message on when this one has ended without getting it through: nothing is lost then.
    """

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'claimed', 'delivered', 'failed', 'uncertain')", name="outbox_state"),
        CheckConstraint("state != 'delivered' OR ref IS NOT NULL", name="outbox_delivered_has_ref"),
        CheckConstraint("state != 'failed' OR reason != ''", name="outbox_failed_has_reason"),
        Index(
            "outbox_unsettled",
            "platform",
            "chat",
            "id",
            sqlite_where=text("state IN ('waiting', 'claimed')"),
            postgresql_where=text("state IN ('waiting', 'claimed')"),
        ),
        Index(
            "outbox_waiting",
            "priority",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        some("outbox_urgent", "state = 'waiting' AND priority < 0", "platform", "chat", "id"),
        some("outbox_claimed", "state = 'claimed'", "platform", "chat"),
        some("outbox_tried", "state = 'waiting' AND tried_at IS NOT NULL", "tried_at"),
        some("outbox_carried", "carried_by IS NOT NULL", "carried_by"),
    )
    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = moment()
    platform: str
    team: str
    chat: str
    account_id: int | None = foreign("account.id", nullable=True)
    act: str = "send"
    purpose: str
    priority: int
    body: dict[str, Any] | None = sealed(nullable=True)
    post_id: int | None = foreign("post.id", nullable=True)
    target_row: int | None = None
    target_ref: str | None = None
    incident_id: int | None = foreign("incident.id", nullable=True)
    evidence_id: int | None = foreign("evidence.id", nullable=True)
    alert_id: int | None = foreign("alert.id", nullable=True)
    run_id: int | None = foreign("run.id", nullable=True)
    tried_at: datetime | None = moment(nullable=True)
    owed_since: datetime | None = moment(nullable=True)
    carried_by: int | None = None
    claimed_by: str = ""  # the process that is sending it, or was
    state: str = "waiting"
    repeat: bool = False
    attempts: int = 0
    not_before: datetime = moment()
    settled_at: datetime | None = moment(nullable=True)
    ref: str | None = Field(default=None, index=True)
    reason: str = ""


class Held(SQLModel, table=True):
    """A message that waits for the person's quiet hours, or for a flood, to end: what waits comes as one digest.

    It is a post, or a message of its own in `body`, which is emptied when it has been sent. It comes at `until`;
    `row_id` is the outbox row that it came in: the digest's, or its own. Without one it was pointless by then.
    """

    __table_args__ = (
        CheckConstraint("(post_id IS NULL) != (body IS NULL)", name="held_is_one_thing"),
        Index("held_waiting", "account_id", sqlite_where=text("settled_at IS NULL"),
              postgresql_where=text("settled_at IS NULL")),
    )  # fmt: skip
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = foreign("account.id")
    purpose: str
    post_id: int | None = foreign("post.id", nullable=True)
    body: dict[str, Any] | None = sealed(nullable=True)
    created_at: datetime = moment()
    until: datetime = moment()
    settled_at: datetime | None = moment(nullable=True)
    row_id: int | None = foreign("outbox.id", nullable=True)


class Deadline(SQLModel, table=True):
    """What must happen at a time. Rows that are over keep `done_at`; `void` ones were called off.

    A try that fails puts `due_at` off, and `first_due_at` keeps when it was to happen.
    """

    __table_args__ = (
        UniqueConstraint("kind", "subject", "step"),
        Index("deadline_waiting", "due_at", sqlite_where=text("state = 'waiting'"),
              postgresql_where=text("state = 'waiting'")),
    )  # fmt: skip
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: int
    step: str
    due_at: datetime = moment()
    first_due_at: datetime | None = moment(nullable=True)
    state: str = "waiting"
    attempts: int = 0
    done_at: datetime | None = moment(nullable=True)
