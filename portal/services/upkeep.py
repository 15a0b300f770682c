"""Operations on the portal as a whole that the audit log records: backups."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.services import audit


def record_backup(session: Session, *, actor: Actor, digest: str, now: datetime) -> None:
    """That a backup was made, with the SHA-256 of its file."""
    audit.begin(session, actor=actor, action="backup:made", now=now, reason=f"sha256 {digest}")
