"""Sealing the audit chain, and tampering with it as the owner of the database could."""

from sqlalchemy import text

from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.models.people import Participant
from portal.services import audit
from portal.services.audit import chain
from tests.support.keys import KEYS
from tests.support.people import NOW

SECRET = KEYS[2]
TRAIL = ("audit_event", "audit_change", "audit_link", "audit_anchor")
FLIPPED = "UPDATE audit_change SET verb = 'delete' WHERE event_id = 2"


def rename(participant_id: int, status: str) -> None:
    with transaction() as session:
        audit.begin(
            session, actor=SYSTEM, action="test:rename", now=NOW, participant_id=participant_id, reason="because"
        )
        session.get_one(Participant, participant_id).status = status


def seal(*, now: object = NOW) -> int:
    with transaction() as session:
        sealed = chain.seal_events(session, now=now)  # type: ignore[arg-type]
        chain.sign_due_anchor(session, secret=SECRET, now=now)  # type: ignore[arg-type]
        return sealed


def tamper(*statements: str) -> None:
    """As somebody does who owns the database: the locks first."""
    with db.engine.begin() as connection:
        postgresql = db.engine.dialect.name == "postgresql"
        for table in TRAIL:
            if postgresql:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            else:
                connection.execute(text(f"DROP TRIGGER {table}_update"))
                connection.execute(text(f"DROP TRIGGER {table}_delete"))
        if not postgresql:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            connection.execute(text(statement))
