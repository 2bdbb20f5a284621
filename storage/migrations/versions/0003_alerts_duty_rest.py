"""Alerts and their receipts; the unit's duty list; quiet hours; incidents that are one event.

Columns are added in place where that is possible: SQLite copies a table for a foreign key of its own.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import storage.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Indexes of the outbox that hold some rows only: by name, which rows, by which columns.
SOME = (
    ("outbox_urgent", "state = 'waiting' AND priority < 0", ["platform", "chat", "id"]),
    ("outbox_claimed", "state = 'claimed'", ["platform", "chat"]),
    ("outbox_tried", "state = 'waiting' AND tried_at IS NOT NULL", ["tried_at"]),
    ("outbox_carried", "carried_by IS NOT NULL", ["carried_by"]),
)


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("ends_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="absence_has_length"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_person_id"), ["person_id"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", storage.types.Encrypted(), nullable=False),
        sa.Column("starts_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_created_by"), ["created_by"], unique=False)

    op.create_table(
        "rota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("starts_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("rota", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rota_created_by"), ["created_by"], unique=False)

    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("ends_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("cause", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="shift_has_length"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_starts_at"), ["starts_at"], unique=False)

    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("headline", storage.types.Encrypted(), nullable=False),
        sa.Column("text", storage.types.Encrypted(), nullable=False),
        sa.Column("template", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("ask", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=True),
        sa.Column("change", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("send_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("sent_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("answer_by", storage.types.UtcDateTime(), nullable=True),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("chain", sa.JSON(), nullable=False),
        sa.CheckConstraint("level IN ('information', 'warning', 'emergency', 'allclear')", name="alert_level"),
        sa.CheckConstraint("state != 'sent' OR sent_at IS NOT NULL", name="alert_sent_has_time"),
        sa.CheckConstraint("state IN ('draft', 'asked', 'scheduled', 'sent', 'dropped')", name="alert_state"),
        sa.ForeignKeyConstraint(
            ["approved_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["follows"],
            ["alert.id"],
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meeting.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_approved_by"), ["approved_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_follows"), ["follows"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "alertentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("body", storage.types.Encrypted(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("alertentry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alertentry_alert_id"), ["alert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alertentry_author_id"), ["author_id"], unique=False)

    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("told_by", sa.Integer(), nullable=True),
        sa.Column("unreached", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(answer = '') = (answered_at IS NULL)", name="receipt_answer_has_time"),
        sa.CheckConstraint("answer IN ('', 'read', 'safe', 'help', 'told')", name="receipt_answer"),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["told_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alert_id", "person_id"),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_alert_id"), ["alert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_party_id"), ["party_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_told_by"), ["told_by"], unique=False)

    op.create_table(
        "held",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("body", storage.types.Encrypted(), nullable=True),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("until", storage.types.UtcDateTime(), nullable=False),
        sa.Column("settled_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("row_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(post_id IS NULL) != (body IS NULL)", name="held_is_one_thing"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["post.id"],
        ),
        sa.ForeignKeyConstraint(
            ["row_id"],
            ["outbox.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("held", schema=None) as batch_op:
        batch_op.create_index(
            "held_waiting",
            ["account_id"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_held_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_row_id"), ["row_id"], unique=False)

    op.add_column("deadline", sa.Column("first_due_at", storage.types.UtcDateTime(), nullable=True))
    op.add_column("account", sa.Column("seen_at", storage.types.UtcDateTime(), nullable=True))
    op.add_column("person", sa.Column("quiet", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "incident",
        sa.Column("linked_to", sa.Integer(), sa.ForeignKey("incident.id"), nullable=True),
        inline_references=True,
    )
    op.create_index("ix_incident_linked_to", "incident", ["linked_to"])
    op.add_column(
        "outbox",
        sa.Column("alert_id", sa.Integer(), sa.ForeignKey("alert.id"), nullable=True),
        inline_references=True,
    )
    op.add_column("outbox", sa.Column("tried_at", storage.types.UtcDateTime(), nullable=True))
    op.add_column("outbox", sa.Column("owed_since", storage.types.UtcDateTime(), nullable=True))
    op.add_column("outbox", sa.Column("carried_by", sa.Integer(), nullable=True))
    op.create_index("ix_outbox_alert_id", "outbox", ["alert_id"])
    for name, which, columns in SOME:
        op.create_index(name, "outbox", columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which))
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.add_column(sa.Column("alert_id", sa.Integer(), nullable=True))
        batch_op.alter_column("incident_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_index("ix_post_alert_id", ["alert_id"], unique=False)
        batch_op.create_foreign_key("post_alert_id_fkey", "alert", ["alert_id"], ["id"])
        batch_op.create_check_constraint("post_is_about_one", "(incident_id IS NULL) != (alert_id IS NULL)")
