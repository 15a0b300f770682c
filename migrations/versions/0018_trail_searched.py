"""The trail is searched by time, by member of the team and by the beginning of an act's name: an index for each."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
BY_STAFF = sa.text("actor_kind = 'staff'")


def upgrade() -> None:
    op.create_index("ix_audit_event_at", "audit_event", ["at", "id"])
    op.create_index(
        "ix_audit_event_staff",
        "audit_event",
        ["actor_id", "at", "id"],
        sqlite_where=BY_STAFF,
        postgresql_where=BY_STAFF,
    )
    op.drop_index("ix_audit_event_action", "audit_event")
    op.create_index("ix_audit_event_action", "audit_event", ["action"], postgresql_ops={"action": "text_pattern_ops"})


def downgrade() -> None:
    op.drop_index("ix_audit_event_action", "audit_event")
    op.create_index("ix_audit_event_action", "audit_event", ["action"])
    op.drop_index("ix_audit_event_staff", "audit_event")
    op.drop_index("ix_audit_event_at", "audit_event")
