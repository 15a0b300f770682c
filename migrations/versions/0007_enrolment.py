"""Screening, consent, the sealed list, and what ends a participation."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    assert op


def downgrade() -> None:
    assert op
