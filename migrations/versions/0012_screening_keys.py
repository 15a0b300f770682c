"""A screening has a data key of its own, so that its trail can be erased with the names. Older ones have none."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "screening_key",
        sa.Column("screening_id", BIG, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name="fk_screening_key_screening_id_screening"),
        sa.PrimaryKeyConstraint("screening_id", name=op.f("pk_screening_key")),
    )


def downgrade() -> None:
    op.drop_table("screening_key")
