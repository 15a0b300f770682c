"""Sessions of participants that were signed out, so that a copy of their cookie is worth nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ended_session",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_session")),
    )
    op.create_index(op.f("ix_ended_session_id_hash"), "ended_session", ["id_hash"])
    op.create_index(op.f("ix_ended_session_over_at"), "ended_session", ["over_at"])


def downgrade() -> None:
    op.drop_table("ended_session")
