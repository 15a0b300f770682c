"""Tables and columns under the names that the code, the pages and the documents use.

Encrypted values keep the context that they were encrypted with, and rows of the audit log the names of their time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
AT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (("remark", "data_query"), ("query", "diary_question"))
COLUMNS = (
    ("account", "texts_on", "reminders_on"),
    ("account", "texts_set_at", "reminders_set_at"),
    ("account", "texts_set_by", "reminders_set_by"),
    ("diary", "texts", "free_text"),
    ("message", "occurrence", "dedupe_key"),
    ("task", "occurrence", "dedupe_key"),
)
UNSETTLED = sa.text("state <> 'closed'")


def upgrade() -> None:
    for table, before, after in COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {before} TO {after}")
    for before, after in TABLES:
        _move(before, after)
        _name_entity(before, after)


def downgrade() -> None:
    for before, after in reversed(TABLES):
        _name_entity(after, before)
        _move(after, before)
    for table, before, after in COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {after} TO {before}")


def _name_entity(before: str, after: str) -> None:
    """What a data query is about is named by its table."""
    data_query = sa.table("data_query", sa.column("entity"))
    op.execute(sa.update(data_query).where(data_query.c.entity == before).values(entity=after))


def _move(source: str, target: str) -> None:
    """A table of the other name, with the rows, and constraints and indexes named after it."""
    _create_data_query(target) if target in TABLES[0] else _create_diary_question(target)
    columns = ", ".join(column["name"] for column in sa.inspect(op.get_bind()).get_columns(target))
    op.execute(f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {source}")  # noqa: S608 - names of this file
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT setval('{target}_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM {target}), false)")  # noqa: S608
    op.drop_table(source)


def _create_data_query(name: str) -> None:
    op.create_table(
        name,
        _reference(name, "participant", "participant_id", nullable=False),
        sa.Column("site", sa.String(length=10), nullable=False),
        sa.Column("entity", sa.String(length=30), nullable=True),
        sa.Column("entity_id", BIG, nullable=True),
        *_question(name, answered_by="staff"),
    )
    op.create_index(op.f(f"ix_{name}_participant_id"), name, ["participant_id"])
    op.create_index(f"ix_{name}_unsettled", name, ["site", "id"], sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)


def _create_diary_question(name: str) -> None:
    op.create_table(
        name,
        _reference(name, "participant", "participant_id", nullable=False),
        _reference(name, "diary", "diary_id", nullable=False),
        *_question(name, answered_by="account"),
    )
    op.create_index(op.f(f"ix_{name}_participant_id"), name, ["participant_id"])
    op.create_index(op.f(f"ix_{name}_diary_id"), name, ["diary_id"])


def _question(name: str, *, answered_by: str) -> tuple["sa.schema.SchemaItem", ...]:
    return (
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        _reference(name, "staff", "asked_by_id", nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        _reference(name, answered_by, "answered_by_id"),
        sa.Column("answered_at", AT, nullable=True),
        _reference(name, "staff", "closed_by_id"),
        sa.Column("closed_at", AT, nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _reference(table: str, other: str, column: str, *, nullable: bool = True) -> "sa.Column[int]":
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.Column(column, BIG, sa.ForeignKey(f"{other}.id", name=name), nullable=nullable)
