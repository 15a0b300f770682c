"""The audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=8), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_action"), "audit_event", ["action"], unique=False)
    op.create_index("ix_audit_event_participant", "audit_event", ["participant_id", "id"], unique=False)
    op.create_table(
        "audit_change",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("entity", sa.String(length=30), nullable=False),
        sa.Column("entity_id", sa.String(length=40), nullable=False),
        sa.Column("verb", sa.String(length=6), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["audit_event.id"], name=op.f("fk_audit_change_event_id_audit_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_change")),
    )
    op.create_index(op.f("ix_audit_change_event_id"), "audit_change", ["event_id"], unique=False)
    op.create_index("ix_audit_change_row", "audit_change", ["entity", "entity_id"], unique=False)


def downgrade() -> None:
    op.drop_table("audit_change")
    op.drop_table("audit_event")
