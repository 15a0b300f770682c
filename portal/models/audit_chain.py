"""The audit chain: one link per audit event, in one sequence, and signed anchors of its head."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, BigId, WithId


class AuditLink(Base):
    """``position`` counts from 1 without a gap. No foreign key: a link must outlive an event that somebody removed."""

    __tablename__ = "audit_link"

    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigId, unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]


class AuditAnchor(WithId, Base):
    """``signature``: Ed25519 over ``domain.audit_chain.anchor_statement``; ``public_key`` in hexadecimal."""

    __tablename__ = "audit_anchor"

    position: Mapped[int] = mapped_column(BigId)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime]
    public_key: Mapped[str] = mapped_column(String(64))
    signature: Mapped[bytes] = mapped_column(LargeBinary)
