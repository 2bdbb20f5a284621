"""The risk guide's cases and results, measures, the watch list, what happened with a meeting; a quarter's figures.

A reader of a broadcast may answer that they are not at the meeting: SQLite copies `receipt` for that.
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LEVELS = "('', 'low', 'moderate', 'high')"
ANSWERS = "answer IN ('', 'read', 'safe', 'help', 'told', 'away')"
HAS_TIME = "(answer = '') = (answered_at IS NULL)"


def _id() -> sa.Column:
    return sa.Column("id", sa.Integer(), primary_key=True, nullable=False)


def _to(name: str, target: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{target}.id"), nullable=nullable, index=True)


def _at(name: str, *, nullable: bool = False, index: bool = False) -> sa.Column:
    return sa.Column(name, storage.types.UtcDateTime(), nullable=nullable, index=index)


def _sealed(name: str) -> sa.Column:
    return sa.Column(name, storage.types.Encrypted(), nullable=False)


def _word(name: str) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=False)


def upgrade() -> None:
    op.create_table("riskversion", _id(), _word("version"), _word("digest"), _sealed("content"), _at("kept_at"),
                    sa.UniqueConstraint("digest"))  # fmt: skip
    op.create_table(
        "riskcase", _id(), _to("meeting_id", "meeting", nullable=True), _sealed("title"), _word("level"),
        _to("created_by", "person"), _at("created_at"),
        sa.CheckConstraint(f"level IN {LEVELS}", name="riskcase_level"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_table(
        "assessment", _id(), _to("case_id", "riskcase"), _to("version_id", "riskversion"), _sealed("answers"),
        _sealed("roles"), _word("sorted"), _word("level"), _word("square"), _to("started_by", "person"),
        _at("started_at"), _to("decided_by", "person", nullable=True), _at("decided_at", nullable=True),
        sa.CheckConstraint(f"sorted IN {LEVELS}", name="assessment_sorted"),
        sa.CheckConstraint(f"level IN {LEVELS}", name="assessment_level"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_table(
        "watch", _id(), _sealed("title"), _word("level"), _word("faces"), _to("owner_id", "person"),
        _at("look_at", index=True), _to("case_id", "riskcase", nullable=True), _to("created_by", "person"),
        _at("created_at"), _at("ended_at", nullable=True),
        sa.CheckConstraint(f"level IN {LEVELS}", name="watch_level"),
        sa.CheckConstraint("faces IN ('', 'one', 'several')", name="watch_faces"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_table(
        "measure", _id(), _sealed("text"), _to("owner_id", "person"), _at("due_at", index=True),
        _to("case_id", "riskcase", nullable=True), _to("watch_id", "watch", nullable=True),
        _to("meeting_id", "meeting", nullable=True), _word("state"), _to("made_by", "person"), _at("made_at"),
        _to("ended_by", "person", nullable=True), _at("ended_at", nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name="measure_state"),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="measure_ended_has_time"),
        sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_table(
        "meetingentry", _id(), _to("meeting_id", "meeting"), _at("at"), _word("kind"),
        _to("author_id", "person", nullable=True), _sealed("body"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_table("quarterfigures", _id(), _word("quarter"), _sealed("figures"), _at("made_at"),
                    sa.UniqueConstraint("quarter"))  # fmt: skip
    op.create_index("entry_of_kind", "entry", ["kind", "incident_id", "id", "at"])
    _answers()


def _answers() -> None:
    """SQLite's copy has no check of the table's before; elsewhere the one that changes is replaced."""
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        if op.get_bind().dialect.name == "sqlite":
            batch_op.create_check_constraint("receipt_answer_has_time", HAS_TIME)
        else:
            batch_op.drop_constraint("receipt_answer", type_="check")
        batch_op.create_check_constraint("receipt_answer", ANSWERS)
