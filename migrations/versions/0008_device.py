"""Photographs, queries, remembered phones, one-time codes and day links."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "photo",
        _owner("photo"),
        _to("photo", "account"),
        sa.Column("diary_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=36), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", AT, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_photo_name")),
    )
    op.create_index("ix_photo_participant_day", "photo", ["participant_id", "diary_on"], unique=False)
    _create_query()
    op.create_table(
        "remembered_phone",
        _to("remembered_phone", "account"),
        sa.Column("selector", sa.String(length=24), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("before_hash", sa.LargeBinary(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("last_used_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("revoked_at", AT, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_phone")),
        sa.UniqueConstraint("selector", name=op.f("uq_remembered_phone_selector")),
    )
    op.create_index(op.f("ix_remembered_phone_account_id"), "remembered_phone", ["account_id"], unique=False)
    op.create_table(
        "sign_in_code",
        _to("sign_in_code", "account"),
        sa.Column("code_hash", sa.String(length=120), nullable=False),
        sa.Column("sent_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", AT, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_code")),
    )
    op.create_index(op.f("ix_sign_in_code_account_id"), "sign_in_code", ["account_id"], unique=False)
    op.create_table(
        "day_link",
        _to("day_link", "account"),
        sa.Column("diary_on", sa.Date(), nullable=False),
        sa.Column("used_at", AT, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_link")),
        sa.UniqueConstraint("account_id", "diary_on", name=op.f("uq_day_link_account_id")),
    )


def _create_query() -> None:
    op.create_table(
        "query",
        _owner("query"),
        _to("query", "diary"),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        _to("query", "staff", "asked_by_id"),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        _to("query", "account", "answered_by_id", nullable=True),
        sa.Column("answered_at", AT, nullable=True),
        _to("query", "staff", "closed_by_id", nullable=True),
        sa.Column("closed_at", AT, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query")),
    )
    op.create_index(op.f("ix_query_participant_id"), "query", ["participant_id"], unique=False)
    op.create_index(op.f("ix_query_diary_id"), "query", ["diary_id"], unique=False)


def _owner(table: str) -> "sa.Column[int]":
    return _to(table, "participant")


def _to(table: str, other: str, name: str | None = None, *, nullable: bool = False) -> "sa.Column[int]":
    """A reference to another table's id, with the name that the models give the constraint."""
    name = name or f"{other}_id"
    return sa.Column(
        name, BIG, sa.ForeignKey(f"{other}.id", name=op.f(f"fk_{table}_{name}_{other}")), nullable=nullable
    )


def downgrade() -> None:
    for table in ("day_link", "sign_in_code", "remembered_phone", "query", "photo"):
        op.drop_table(table)
