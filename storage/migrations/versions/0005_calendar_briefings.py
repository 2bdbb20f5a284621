"""What a meeting is, its cases, and the steps that prepare people for it.

Columns are added in place where that is possible; SQLite copies `meeting`, of which a column may be empty now.
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AHEAD = sa.text("state IN ('planned', 'held', 'open')")
STATES = "'planned', 'held', 'open', 'done', 'sent', 'skipped', 'missed', 'cancelled'"


def upgrade() -> None:
    _meetings()
    op.create_table(
        "agendaitem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", storage.types.Encrypted(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("meeting_id", "place"),
    )
    op.create_index("ix_agendaitem_meeting_id", "agendaitem", ["meeting_id"])
    op.create_table(
        "briefing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("due_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("helps_until", storage.types.UtcDateTime(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", storage.types.Encrypted(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("acted_by", sa.Integer(), nullable=True),
        sa.Column("acted_at", storage.types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name="briefing_state"),
        sa.ForeignKeyConstraint(["acted_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("meeting_id", "plan", "step"),
        sqlite_autoincrement=True,
    )
    op.create_index("briefing_ahead", "briefing", ["due_at"], sqlite_where=AHEAD, postgresql_where=AHEAD)
    for column in ("acted_by", "meeting_id"):
        op.create_index(f"ix_briefing_{column}", "briefing", [column])
    for table, target in (("alert", "briefing"), ("incident", "meeting")):
        column = sa.Column(f"{target}_id", sa.Integer(), sa.ForeignKey(f"{target}.id"), nullable=True)
        op.add_column(table, column, inline_references=True)
        op.create_index(f"ix_{table}_{target}_id", table, [f"{target}_id"])


def _meetings() -> None:
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="other"))
        batch_op.add_column(sa.Column("ends_at", storage.types.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("whole_day", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("place", storage.types.Encrypted(), nullable=True))
        for name, target in (("party_id", "party"), ("support_by", "person")):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch_op.create_index(f"ix_meeting_{name}", [name], unique=False)
            batch_op.create_foreign_key(f"meeting_{name}_fkey", target, [name], ["id"])
        batch_op.add_column(sa.Column("uid", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("series", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("source", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("support", sa.String(), nullable=False, server_default=""))
        batch_op.alter_column("created_by", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index("ix_meeting_series", ["series"], unique=False)
        batch_op.create_index("ix_meeting_starts_at", ["starts_at"], unique=False)
        batch_op.create_unique_constraint("meeting_uid", ["uid"])
        batch_op.create_check_constraint("meeting_support", "support IN ('', 'asked', 'coming', 'call')")
