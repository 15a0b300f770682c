"""Photographs, corrections, queries, remembered phones and one-time codes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    assert op


def downgrade() -> None:
    assert op
