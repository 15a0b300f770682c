"""Screenings, consents, and sealed allocation lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "site_numbers",
        sa.Column("site", sa.String(length=10), nullable=False),
        sa.Column("last_screening", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_numbers")),
    )
    _screening()
    _consent()
    _allocation()


def _screening() -> None:
    op.create_table(
        "screening",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("site", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("saved", JSON, nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.LargeBinary(), nullable=True),
        sa.Column("protocol_version", sa.String(length=12), nullable=False),
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", BIG, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name="fk_screening_participant_id_participant"),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name="fk_screening_created_by_staff"),
        sa.ForeignKeyConstraint(["updated_by"], ["staff.id"], name="fk_screening_updated_by_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_screening"),
        sa.UniqueConstraint("number", name="uq_screening_number"),
        sa.UniqueConstraint("participant_id", name="uq_screening_participant_id"),
    )
    op.create_index("ix_screening_site", "screening", ["site"])


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("screening_id", BIG, nullable=False),
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("form_version", sa.String(length=20), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("signer", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", BIG, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name="fk_consent_screening_id_screening"),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name="fk_consent_participant_id_participant"),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name="fk_consent_recorded_by_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
        sa.UniqueConstraint("screening_id", "kind", name="uq_consent_screening_id"),
    )
    op.create_index("ix_consent_participant_id", "consent", ["participant_id"])


def _allocation() -> None:
    op.create_table(
        "allocation_list",
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("imported_by", BIG, nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["imported_by"], ["staff.id"], name="fk_allocation_list_imported_by_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_allocation_list"),
        sa.UniqueConstraint("checksum", name="uq_allocation_list_checksum"),
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_allocation_list_open", "allocation_list", ["state"],
        unique=True, sqlite_where=is_open, postgresql_where=is_open,
    )  # fmt: skip
    op.create_table(
        "allocation",
        sa.Column("list_id", BIG, nullable=False),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_by", BIG, nullable=True),
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["allocation_list.id"], name="fk_allocation_list_id_allocation_list"),
        sa.ForeignKeyConstraint(["drawn_by"], ["staff.id"], name="fk_allocation_drawn_by_staff"),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name="fk_allocation_participant_id_participant"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_allocation"),
        sa.UniqueConstraint("list_id", "stratum", "sequence", name="uq_allocation_list_id"),
        sa.UniqueConstraint("participant_id", name="uq_allocation_participant_id"),
    )


def downgrade() -> None:
    for name in ("allocation", "allocation_list", "consent", "screening", "site_numbers"):
        op.drop_table(name)
