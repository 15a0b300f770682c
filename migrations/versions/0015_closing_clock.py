"""By when an episode has to be closed, and what it waits for. Those that stand get 48 hours from their opening."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
FILL = {
    "postgresql": "UPDATE episode SET close_by_at = opened_at + interval '48 hours'",
    "sqlite": "UPDATE episode SET close_by_at = datetime(opened_at, '+48 hours') || '.000000'",
}
LONG_AGO = "1970-01-01 00:00:00.000000"


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    due = sa.Column("close_by_at", sa.DateTime(timezone=True), nullable=False, server_default=LONG_AGO)
    op.add_column("episode", due)
    op.add_column("episode", sa.Column("waiting_for", sa.String(length=12), nullable=True))
    op.execute(FILL[dialect])
    if dialect == "postgresql":
        op.alter_column("episode", "close_by_at", server_default=None)


def downgrade() -> None:
    op.drop_column("episode", "waiting_for")
    op.drop_column("episode", "close_by_at")
