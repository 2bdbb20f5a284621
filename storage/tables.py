"""Every table. An incident's number is its id; times are UTC; what people wrote is encrypted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Connection, Index, LargeBinary, UniqueConstraint, event, func, text
from sqlmodel import JSON, Field, SQLModel, col, select

from storage.types import Encrypted, UtcDateTime


def moment(nullable: bool = False, **more: Any) -> Any:
    """A column for an aware time."""
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, **more))


def sealed(nullable: bool = False) -> Any:
    """A column that is encrypted at rest."""
    return Field(default=None, sa_column=Column(Encrypted, nullable=nullable))


def foreign(column: str, nullable: bool = False) -> Any:
    """A column that points at another row."""
    return Field(default=None, foreign_key=column, nullable=nullable, index=True)


def _some(name: str, which: str, *columns: str) -> Index:
    """An index of some rows only."""
    return Index(name, *columns, sqlite_where=text(which), postgresql_where=text(which))


# Buttons name a row by its number: one that is removed while it is the newest must not lend it to another.
NEVER_TWICE = {"sqlite_autoincrement": True}


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


@event.listens_for(Incident, "before_insert")
def _without_gaps(_: Any, connection: Connection, incident: Incident) -> None:
    # PostgreSQL would leave a number out for each transaction that came to nothing, and people would look for it.
    if incident.id is None:
        incident.id = (connection.scalar(select(func.max(col(Incident.id)))) or 0) + 1


class Entry(SQLModel, table=True):
    """One line of an incident's timeline; nothing is ever changed or removed."""

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = foreign("incident.id")
    at: datetime = moment()
    kind: str
    author_id: int | None = foreign("person.id", nullable=True)
    body: dict[str, Any] = sealed()


class Meeting(SQLModel, table=True):
    """A meeting that people are told of. `audience` says for whom it is, as an alert's does."""

    id: int | None = Field(default=None, primary_key=True)
    title: str = sealed()
    starts_at: datetime = moment()
    audience: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_by: int = foreign("person.id")
    created_at: datetime = moment()
    cancelled_at: datetime | None = moment(nullable=True)


class Alert(SQLModel, table=True):
    """What the unit broadcasts, or adds to a broadcast. An alert's number is its id.

    `level`: information, warning, emergency, allclear. `ask`: "" (no answer), read, safe. `state`: draft, asked (waits
    for a second officer), scheduled, sent, dropped. `follows` is the first alert, which this one hangs on as a `change`
    (update, correction, allclear). `revision` counts a draft's changes: a press on an older preview sends nothing.
    `minutes` is within how long an answer is asked for; `answer_by` when that is, once it is sent. `ended_at` is set by
    the all clear, or when an exercise is over.
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

    `answer`: "" (none yet), read, safe, help, told (`told_by` reached the person outside the bot). `unreached` says why
    the bot cannot reach the person at all: no_account, blocked, failed; "" when it can. `incident_id` is what "I need
    help" raised.
    """

    __table_args__ = (
        UniqueConstraint("alert_id", "person_id"),
        CheckConstraint("answer IN ('', 'read', 'safe', 'help', 'told')", name="receipt_answer"),
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


class Post(SQLModel, table=True):
    """A message that stays current: drawn from the state each time it is sent or refreshed.

    It is about an incident or about an alert. `view` names what is drawn (notice, card; alert, board, preview); `ref`
    is the platform's reference once it is there.
    """

    __table_args__ = (CheckConstraint("(incident_id IS NULL) != (alert_id IS NULL)", name="post_is_about_one"),)
    id: int | None = Field(default=None, primary_key=True)
    view: str
    incident_id: int | None = foreign("incident.id", nullable=True)
    alert_id: int | None = foreign("alert.id", nullable=True)
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
        _some("outbox_urgent", "state = 'waiting' AND priority < 0", "platform", "chat", "id"),
        _some("outbox_claimed", "state = 'claimed'", "platform", "chat"),
        _some("outbox_tried", "state = 'waiting' AND tried_at IS NOT NULL", "tried_at"),
        _some("outbox_carried", "carried_by IS NOT NULL", "carried_by"),
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
