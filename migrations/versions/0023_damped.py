"""Whether what a report was amber for is a known, stable symptom: shown, and not counted as flagged."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("diary", sa.Column("damped", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("diary", "damped")
