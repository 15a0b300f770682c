"""Red answers that are judged before the diary is sent, drafts of a reminder's link, and answers not to be read."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DRAFTED = sa.text("draft_client_id IS NOT NULL")
KEPT = ("account_id", "diary_on", "client_id", "started_at", "saved_at", "content")
FLAG = (
    ("draft_client_id", sa.String(length=36)),
    ("page", sa.String(length=40)),
    ("diary_on", sa.Date()),
    ("alert_number", sa.Integer()),
    ("alert_at", sa.DateTime(timezone=True)),
    ("taken_back_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    for name, kind in FLAG:
        op.add_column("flag", sa.Column(name, kind, nullable=True))
    op.add_column("flag", sa.Column("day_link", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_flag_draft", "flag", ["draft_client_id"], sqlite_where=DRAFTED, postgresql_where=DRAFTED)
    op.add_column("diary", sa.Column("unread", sa.LargeBinary(), nullable=True))
    _drafts_anew(day_link=True)


def downgrade() -> None:
    _drafts_anew(day_link=False)
    op.drop_column("diary", "unread")
    op.drop_index("ix_flag_draft", "flag")
    for name in ("day_link", *(name for name, _ in reversed(FLAG))):
        op.drop_column("flag", name)


def _drafts_anew(*, day_link: bool) -> None:
    """The primary key changes, which SQLite does only with a new table; there are a few drafts at any time."""
    shape = sa.table("diary_draft", *(sa.column(name) for name in KEPT))
    where = sa.text("1 = 1") if day_link else sa.text("NOT day_link")
    rows = [tuple(row) for row in op.get_bind().execute(sa.select(*shape.c).where(where))]
    op.drop_table("diary_draft")
    extra = [
        sa.Column("day_link", sa.Boolean(), nullable=False),
        sa.Column("questionnaire", sa.String(length=80), nullable=True),
    ]
    op.create_table(
        "diary_draft",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("diary_on", sa.Date(), nullable=False),
        *(extra if day_link else []),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_diary_draft_account_id_account")),
        sa.PrimaryKeyConstraint(
            "account_id", "diary_on", *(["day_link"] if day_link else []), name=op.f("pk_diary_draft")
        ),
    )
    names = [*KEPT, *(["day_link"] if day_link else [])]
    fresh = sa.table("diary_draft", *(sa.column(name) for name in names))
    for row in rows:
        values = dict(zip(KEPT, row, strict=True))
        op.get_bind().execute(sa.insert(fresh).values(**values, **({"day_link": sa.false()} if day_link else {})))
