"""Diaries and drafts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "diary",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("answered_by", sa.String(length=12), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("diary_on", sa.Date(), nullable=False),
        sa.Column("study_day", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(length=80), nullable=False),
        sa.Column("protocol_version", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_offset_minutes", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timing", sa.String(length=10), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("skipped", JSON, nullable=False),
        sa.Column("texts", sa.LargeBinary(), nullable=True),
        sa.Column("weight_kg", sa.Numeric(precision=5, scale=1), nullable=True),
        sa.Column("severity", sa.String(length=6), nullable=True),
        sa.Column("estimate", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_id", BIG, nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("correction_reason", sa.LargeBinary(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.CheckConstraint("(account_id IS NULL) <> (staff_id IS NULL)", name=op.f("ck_diary_answered")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_diary_account_id_account")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_diary_staff_id_staff")),
        sa.ForeignKeyConstraint(["first_id"], ["diary.id"], name=op.f("fk_diary_first_id_diary")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_diary_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diary")),
        sa.UniqueConstraint("participant_id", "client_id", name=op.f("uq_diary_participant_id")),
    )
    op.create_index("ix_diary_participant_day", "diary", ["participant_id", "diary_on", "id"], unique=False)
    op.create_index(
        "ix_diary_first",
        "diary",
        ["first_id"],
        unique=False,
        sqlite_where=sa.text("first_id IS NOT NULL"),
        postgresql_where=sa.text("first_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_diary_received_at"), "diary", ["received_at"], unique=False)
    op.create_table(
        "diary_draft",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("diary_on", sa.Date(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_diary_draft_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "diary_on", name=op.f("pk_diary_draft")),
    )


def downgrade() -> None:
    op.drop_table("diary_draft")
    op.drop_table("diary")
