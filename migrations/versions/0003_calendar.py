"""Infusions and visits."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "infusion",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("original_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("weight_kg", sa.Numeric(precision=5, scale=1), nullable=True),
        sa.Column("dose_cells", BIG, nullable=True),
        sa.Column("cells_given", BIG, nullable=True),
        sa.Column("lot", sa.String(length=40), nullable=True),
        sa.Column("vital_signs", sa.LargeBinary(), nullable=True),
        sa.Column("reaction", sa.LargeBinary(), nullable=True),
        sa.Column("deviations", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("protocol_version", sa.String(length=12), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_infusion_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_infusion")),
        sa.UniqueConstraint("uid", name=op.f("uq_infusion_uid")),
        sa.UniqueConstraint("participant_id", "number", name=op.f("uq_infusion_participant_id")),
    )
    op.create_index(op.f("ix_infusion_planned_at"), "infusion", ["planned_at"], unique=False)
    op.create_table(
        "visit",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_from_on", sa.Date(), nullable=False),
        sa.Column("window_until_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("took_place_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("protocol_version", sa.String(length=12), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_visit_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("uid", name=op.f("uq_visit_uid")),
        sa.UniqueConstraint("participant_id", "code", name=op.f("uq_visit_participant_id")),
    )
    op.create_index(op.f("ix_visit_planned_at"), "visit", ["planned_at"], unique=False)


def downgrade() -> None:
    op.drop_table("visit")
    op.drop_table("infusion")
