"""The country whose policy was applied to a text; of older texts it is not known. Two indexes that nobody reads go."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
UNREAD = ("account_id", "provider_id")


def upgrade() -> None:
    op.add_column("message", sa.Column("destination", sa.String(length=4), nullable=True))
    for column in UNREAD:
        op.drop_index(op.f(f"ix_message_{column}"), "message")


def downgrade() -> None:
    for column in UNREAD:
        op.create_index(op.f(f"ix_message_{column}"), "message", [column])
    op.drop_column("message", "destination")
