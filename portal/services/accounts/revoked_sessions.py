"""Participants' sessions that were signed out. The cookie is signed and not kept here, so that its end has to be."""

import hashlib
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, exists, insert
from sqlalchemy.orm import Session

from portal.models.sign_in import EndedSession


def revoke_session(session: Session, *, session_id: str, over_at: datetime, now: datetime) -> None:
    """End this session; ``over_at``: when its cookie expires anyway. Begins no audit event of its own."""
    session.execute(delete(EndedSession).where(EndedSession.over_at < now))
    session.execute(insert(EndedSession), [{"id_hash": hash_session_id(session_id), "over_at": over_at}])


def hash_session_id(session_id: str) -> bytes:
    """128 random bits need no slow hash."""
    return hashlib.sha256(session_id.encode()).digest()


def session_not_revoked() -> ColumnElement[bool]:
    """For a query with the parameter ``session_hash``."""
    return ~exists().where(EndedSession.id_hash == bindparam("session_hash"))
