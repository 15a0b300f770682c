"""Screening, consent, the sealed list, and what ends a participation."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "allocation_list",
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["imported_by"], ["staff.id"], name=op.f("fk_allocation_list_imported_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_list")),
        sa.UniqueConstraint("checksum", name=op.f("uq_allocation_list_checksum")),
    )
    op.create_table(
        "screening",
        sa.Column("site", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("protocol_version", sa.String(length=12), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("steps", sa.String(length=80), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", BIG, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", BIG, nullable=True),
        sa.Column("reasons", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_screening_closed_by_staff")),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_screening_opened_by_staff")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_screening_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
        sa.UniqueConstraint("participant_id", name=op.f("uq_screening_participant_id")),
    )
    op.create_index(op.f("ix_screening_site"), "screening", ["site"], unique=False)
    op.create_table(
        "allocation",
        sa.Column("list_id", BIG, nullable=True),
        sa.Column("stratum", sa.String(length=20), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("arm", sa.String(length=10), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_by", BIG, nullable=True),
        sa.Column("screening_id", BIG, nullable=True),
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["drawn_by"], ["staff.id"], name=op.f("fk_allocation_drawn_by_staff")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["allocation_list.id"], name=op.f("fk_allocation_list_id_allocation_list")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_allocation_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name=op.f("fk_allocation_screening_id_screening")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        sa.UniqueConstraint("participant_id", name=op.f("uq_allocation_participant_id")),
        sa.UniqueConstraint("screening_id", name=op.f("uq_allocation_screening_id")),
        sa.UniqueConstraint("stratum", "sequence", name=op.f("uq_allocation_stratum")),
    )
    op.create_index(op.f("ix_allocation_list_id"), "allocation", ["list_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("screening_id", BIG, nullable=True),
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_consent_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_consent_recorded_by_staff")),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name=op.f("fk_consent_screening_id_screening")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_participant_id"), "consent", ["participant_id"], unique=False)
    op.create_index("ix_consent_screening", "consent", ["screening_id", "kind"], unique=False)
    op.create_table(
        "map_result",
        sa.Column("screening_id", BIG, nullable=False),
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=12), nullable=False),
        sa.Column("assay", sa.String(length=80), nullable=False),
        sa.Column("variant", sa.String(length=80), nullable=True),
        sa.Column("laboratory", sa.String(length=80), nullable=False),
        sa.Column("sampled_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_map_result_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name=op.f("fk_map_result_screening_id_screening")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_result")),
        sa.UniqueConstraint("screening_id", "day", name=op.f("uq_map_result_screening_id")),
    )
    op.create_index(op.f("ix_map_result_participant_id"), "map_result", ["participant_id"], unique=False)
    op.create_table(
        "participation_step",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("from_state", sa.String(length=12), nullable=False),
        sa.Column("to_state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_participation_step_account_id_account")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_participation_step_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_participation_step_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation_step")),
    )
    op.create_index(op.f("ix_participation_step_participant_id"), "participation_step", ["participant_id"])
    op.create_table(
        "stay",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("diary", sa.String(length=8), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", BIG, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_stay_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_stay_recorded_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
    )
    op.create_index("ix_stay_participant", "stay", ["participant_id"])
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_stay_open", "stay", ["participant_id"], unique=True, sqlite_where=still_open, postgresql_where=still_open
    )


def downgrade() -> None:
    op.drop_table("stay")
    op.drop_table("participation_step")
    op.drop_table("map_result")
    op.drop_table("consent")
    op.drop_table("allocation")
    op.drop_table("screening")
    op.drop_table("allocation_list")
