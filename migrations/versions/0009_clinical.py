"""Tasks, missed diaries, laboratory values, signed assessments, the rota and its escalations."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("skin", sa.Integer(), nullable=True),
        sa.Column("liver", sa.Integer(), nullable=True),
        sa.Column("upper_gi", sa.Integer(), nullable=True),
        sa.Column("lower_gi", sa.Integer(), nullable=True),
        sa.Column("grade", sa.String(length=4), nullable=True),
        sa.Column("at_least", sa.String(length=4), nullable=False),
        sa.Column("certainty", sa.String(length=12), nullable=False),
        sa.Column("onset_on", sa.Date(), nullable=True),
        sa.Column("cause", sa.LargeBinary(), nullable=True),
        sa.Column("treatment", sa.LargeBinary(), nullable=True),
        sa.Column("treatment_on", sa.Date(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("change_reason", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff.id"], name=op.f("fk_assessment_created_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_assessment_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("participant_id", "number", "version", name=op.f("uq_assessment_participant_id")),
    )
    op.create_table(
        "lab_result",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("value", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", BIG, nullable=False),
        sa.Column("questioned", sa.Boolean(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_id", BIG, nullable=True),
        sa.Column("void_reason", sa.LargeBinary(), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entered_by_id"], ["staff.id"], name=op.f("fk_lab_result_entered_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_lab_result_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["voided_by_id"], ["staff.id"], name=op.f("fk_lab_result_voided_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_result")),
    )
    op.create_index("ix_lab_result_participant", "lab_result", ["participant_id", "measured_at"], unique=False)
    op.create_table(
        "missed_diary",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("missed_on", sa.Date(), nullable=False),
        sa.Column("in_row", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=6), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_missed_diary_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_diary")),
        sa.UniqueConstraint("participant_id", "missed_on", name=op.f("uq_missed_diary_participant_id")),
    )
    op.create_table(
        "rota_week",
        sa.Column("site", sa.String(length=10), nullable=False),
        sa.Column("monday_on", sa.Date(), nullable=False),
        sa.Column("first_id", BIG, nullable=False),
        sa.Column("second_id", BIG, nullable=False),
        sa.Column("principal_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["first_id"], ["staff.id"], name=op.f("fk_rota_week_first_id_staff")),
        sa.ForeignKeyConstraint(["principal_id"], ["staff.id"], name=op.f("fk_rota_week_principal_id_staff")),
        sa.ForeignKeyConstraint(["second_id"], ["staff.id"], name=op.f("fk_rota_week_second_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_week")),
        sa.UniqueConstraint("site", "monday_on", name=op.f("uq_rota_week_site")),
    )
    op.create_table(
        "task",
        sa.Column("participant_id", BIG, nullable=True),
        sa.Column("site", sa.String(length=10), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("occurrence", sa.String(length=80), nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", BIG, nullable=True),
        sa.Column("closed_how", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["staff.id"], name=op.f("fk_task_closed_by_id_staff")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_task_owner_id_staff")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_task_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("kind", "occurrence", name=op.f("uq_task_kind")),
    )
    op.create_index(
        "ix_task_list",
        "task",
        ["site", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_task_participant_id"), "task", ["participant_id"], unique=False)
    op.create_index(
        "uq_task_open",
        "task",
        ["participant_id", "kind"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "escalation",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("episode_id", BIG, nullable=False),
        sa.Column("alert_number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_escalation_episode_id_episode")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_escalation_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("episode_id", "alert_number", "step", name=op.f("uq_escalation_episode_id")),
    )
    op.create_table(
        "signature",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("assessment_id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("meaning", sa.String(length=20), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_signature_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_signature_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_signature_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_signature_assessment_id")),
    )
    op.create_index(op.f("ix_signature_participant_id"), "signature", ["participant_id"], unique=False)
    op.create_table(
        "phone_call",
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("whom", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_phone_call_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_phone_call_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_call")),
    )
    op.create_index("ix_phone_call_participant", "phone_call", ["participant_id", "called_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_phone_call_participant", table_name="phone_call")
    op.drop_table("phone_call")
    op.drop_table("signature")
    op.drop_table("escalation")
    op.drop_table("task")
    op.drop_table("rota_week")
    op.drop_table("missed_diary")
    op.drop_table("lab_result")
    op.drop_table("assessment")
