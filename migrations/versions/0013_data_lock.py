"""Data that are frozen or locked."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "data_lock",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("site", sa.String(length=10), nullable=False),
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", BIG, nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", BIG, nullable=True),
        sa.Column("lift_reason", sa.LargeBinary(), nullable=True),
        sa.Column("lifted_name", sa.LargeBinary(), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_data_lock_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["staff.id"], name=op.f("fk_data_lock_set_by_id_staff")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["staff.id"], name=op.f("fk_data_lock_lifted_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_lock")),
    )
    active = sa.text("lifted_at IS NULL")
    op.create_index(
        "ix_data_lock_active",
        "data_lock",
        ["site", "participant_id"],
        sqlite_where=active,
        postgresql_where=active,
    )


def downgrade() -> None:
    op.drop_table("data_lock")
