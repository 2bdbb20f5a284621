"""Checklists that are ticked off, support that is called in, and what is read and looked for, without who.

Columns are added in place where that is possible: SQLite copies a table for a check that changes.
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ABOUT_ONE = " + ".join(
    f"(CASE WHEN {name}_id IS NULL THEN 0 ELSE 1 END)" for name in ("incident", "alert", "run", "call")
)


def upgrade() -> None:
    op.create_table(
        "advicemissed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", storage.types.Encrypted(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("advicemissed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_advicemissed_month"), ["month"], unique=False)

    op.create_table(
        "adviceopened",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("adviceopened", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adviceopened_month"), ["month"], unique=False)

    op.create_table(
        "supporter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("supporter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supporter_added_by"), ["added_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_supporter_person_id"), ["person_id"], unique=False)

    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("content", storage.types.Encrypted(), nullable=False),
        sa.Column("about", storage.types.Encrypted(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=False),
        sa.Column("started_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="run_ended_has_time"),
        sa.CheckConstraint("state IN ('open', 'signed', 'dropped')", name="run_state"),
        sa.ForeignKeyConstraint(
            ["ended_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meeting.id"],
        ),
        sa.ForeignKeyConstraint(
            ["started_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_ended_by"), ["ended_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_run_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_run_started_by"), ["started_by"], unique=False)

    op.create_table(
        "supportcall",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("why", storage.types.Encrypted(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.CheckConstraint("state != 'taken' OR taken_by IS NOT NULL", name="support_taken_has_person"),
        sa.CheckConstraint("state IN ('open', 'taken', 'ended')", name="support_state"),
        sa.ForeignKeyConstraint(
            ["asked_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("supportcall", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supportcall_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_supportcall_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_supportcall_taken_by"), ["taken_by"], unique=False)

    op.create_table(
        "runentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("body", storage.types.Encrypted(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["run.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("runentry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runentry_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_runentry_run_id"), ["run_id"], unique=False)

    op.create_table(
        "runmember",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("joined_at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["run.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run_id", "person_id"),
    )
    with op.batch_alter_table("runmember", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runmember_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_runmember_run_id"), ["run_id"], unique=False)

    op.create_table(
        "supportasked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", storage.types.UtcDateTime(), nullable=True),
        sa.CheckConstraint("answer IN ('', 'yes', 'no')", name="support_answer"),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["supportcall.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "person_id"),
    )
    with op.batch_alter_table("supportasked", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supportasked_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_supportasked_person_id"), ["person_id"], unique=False)

    op.create_table(
        "tick",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["run.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run_id", "step"),
    )
    with op.batch_alter_table("tick", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tick_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tick_run_id"), ["run_id"], unique=False)
    for table in ("evidence", "outbox"):
        op.add_column(
            table,
            sa.Column("run_id", sa.Integer(), sa.ForeignKey("run.id"), nullable=True),
            inline_references=True,
        )
        op.create_index(f"ix_{table}_run_id", table, ["run_id"])
    op.add_column("evidence", sa.Column("step", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_constraint("post_is_about_one", type_="check")
        for name, target in (("run_id", "run"), ("call_id", "supportcall")):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch_op.create_index(f"ix_post_{name}", [name], unique=False)
            batch_op.create_foreign_key(f"post_{name}_fkey", target, [name], ["id"])
        batch_op.create_check_constraint("post_is_about_one", ABOUT_ONE + " = 1")
