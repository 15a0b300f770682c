"""Flags, episodes and their steps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "episode",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("site", sa.String(length=10), nullable=False),
        sa.Column("organ", sa.String(length=12), nullable=False),
        sa.Column("severity", sa.String(length=6), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_flag_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledge_by_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by_id", BIG, nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("protocol_version", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_episode_owner_id_staff")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_episode_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["seen_by_id"], ["staff.id"], name=op.f("fk_episode_seen_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
    )
    op.create_index(op.f("ix_episode_participant_id"), "episode", ["participant_id"], unique=False)
    op.create_index(
        "ix_episode_triage",
        "episode",
        ["site", sa.literal_column("severity DESC"), "acknowledge_by_at", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_index(
        "uq_episode_open",
        "episode",
        ["participant_id", "organ"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "flag",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("diary_id", BIG, nullable=True),
        sa.Column("episode_id", BIG, nullable=False),
        sa.Column("rule_id", sa.String(length=40), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("organ", sa.String(length=12), nullable=False),
        sa.Column("severity", sa.String(length=6), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("protocol_version", sa.String(length=12), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["diary_id"], ["diary.id"], name=op.f("fk_flag_diary_id_diary")),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_flag_episode_id_episode")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_flag_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
    )
    op.create_index(op.f("ix_flag_diary_id"), "flag", ["diary_id"], unique=False)
    op.create_index(op.f("ix_flag_episode_id"), "flag", ["episode_id"], unique=False)
    op.create_index(op.f("ix_flag_participant_id"), "flag", ["participant_id"], unique=False)
    op.create_table(
        "episode_step",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("episode_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("from_state", sa.String(length=12), nullable=True),
        sa.Column("to_state", sa.String(length=12), nullable=False),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_episode_step_episode_id_episode")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_episode_step_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_episode_step_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode_step")),
    )
    op.create_index(op.f("ix_episode_step_episode_id"), "episode_step", ["episode_id"], unique=False)


def downgrade() -> None:
    op.drop_table("episode_step")
    op.drop_table("flag")
    op.drop_table("episode")
