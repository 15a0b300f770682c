"""The ledger of texts, and heartbeats."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
URGENT = "state = 'planned' AND kind IN ('staff-alert', 'staff-email', 'sign-in-code')"
UNRECEIPTED = "state = 'sent' AND final_at IS NULL"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("recipient", sa.String(length=28), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("occurrence", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=36), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("not_before_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("values", sa.LargeBinary(), nullable=True),
        sa.Column("provider", sa.String(length=12), nullable=True),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("provider_status", sa.String(length=20), nullable=True),
        sa.Column("error_code", sa.String(length=12), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uncertain_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("again_of", BIG, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id_account")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_message_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_message_staff_id_staff")),
        sa.ForeignKeyConstraint(["again_of"], ["message.id"], name=op.f("fk_message_again_of_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("recipient", "kind", "occurrence", name=op.f("uq_message_recipient")),
        sa.UniqueConstraint("token", name=op.f("uq_message_token")),
    )
    op.create_index(op.f("ix_message_account_id"), "message", ["account_id"], unique=False)
    op.create_index("ix_message_due", "message", ["state", "not_before_at", "id"], unique=False)
    op.create_index(
        "ix_message_urgent",
        "message",
        ["not_before_at", "id"],
        unique=False,
        sqlite_where=sa.text(URGENT),
        postgresql_where=sa.text(URGENT),
    )
    op.create_index(
        "ix_message_unreceipted",
        "message",
        ["sent_at"],
        unique=False,
        sqlite_where=sa.text(UNRECEIPTED),
        postgresql_where=sa.text(UNRECEIPTED),
    )
    op.create_index(
        "ix_message_sent_at",
        "message",
        ["sent_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NOT NULL"),
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_message_participant_id"), "message", ["participant_id"], unique=False)
    op.create_index(op.f("ix_message_provider_id"), "message", ["provider_id"], unique=False)
    op.create_table(
        "inbound_text",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("meaning", sa.String(length=8), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("reply_id", BIG, nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", BIG, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inbound_text_account_id_account")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_inbound_text_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["read_by"], ["staff.id"], name=op.f("fk_inbound_text_read_by_staff")),
        sa.ForeignKeyConstraint(["reply_id"], ["message.id"], name=op.f("fk_inbound_text_reply_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_text")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_inbound_text_provider_id")),
    )
    op.create_index(op.f("ix_inbound_text_participant_id"), "inbound_text", ["participant_id"], unique=False)
    op.create_index(
        "ix_inbound_text_unread",
        "inbound_text",
        ["received_at"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_heartbeat")),
    )


def downgrade() -> None:
    op.drop_table("heartbeat")
    op.drop_table("inbound_text")
    op.drop_table("message")
