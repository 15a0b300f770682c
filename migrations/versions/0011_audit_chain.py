"""The trail only grows: the database refuses changes to it, and each act is bound to all before it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TRAIL = ("audit_event", "audit_change", "audit_link", "audit_anchor")
REFUSAL = "the audit trail is append-only"


def upgrade() -> None:
    op.create_table(
        "audit_link",
        sa.Column("position", BIG, autoincrement=False, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_link_event_id")),
    )
    op.create_table(
        "audit_anchor",
        sa.Column("position", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_anchor")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
    for table in TRAIL:
        for statement in _locks(table):
            op.execute(statement)


def _locks(table: str) -> tuple[str, ...]:
    if op.get_bind().dialect.name == "postgresql":
        return (
            (
                f"CREATE TRIGGER {table}_grows BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()"
            ),
            (
                f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
            ),
        )
    return tuple(
        f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for verb in ("UPDATE", "DELETE")
    )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TRAIL:
        for name in ("grows", "stays") if postgresql else ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_{name}" + (f" ON {table}" if postgresql else ""))
    if postgresql:
        op.execute("DROP FUNCTION refuse_audit_change()")
    op.drop_table("audit_anchor")
    op.drop_table("audit_link")
