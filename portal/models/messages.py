"""The ledger of texts. A row exists from the moment its cause is committed, and ends in exactly one final state."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Encrypted, WithId

URGENT = "state = 'planned' AND kind = 'staff-alert'"


class Message(WithId, Base):
    """One text that should exist.

    ``recipient`` is ``account:7`` or ``staff:3``; with ``kind`` and ``occurrence`` it is unique, which is what makes
    planning idempotent. ``token`` is our own unguessable id in the provider's callback URL. ``phone`` and ``body`` are
    what was handed over, set when claimed. ``claimed_at`` is the first claim of which the outcome is not known.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("recipient", "kind", "occurrence"),
        Index("ix_message_due", "state", "not_before_at", "id"),
        Index("ix_message_urgent", "not_before_at", "id", sqlite_where=text(URGENT), postgresql_where=text(URGENT)),
    )

    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    recipient: Mapped[str] = mapped_column(String(28))
    kind: Mapped[str] = mapped_column(String(24))
    occurrence: Mapped[str] = mapped_column(String(64))
    token: Mapped[str] = mapped_column(String(36), unique=True)
    template_version: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    not_before_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    phone: Mapped[str | None] = mapped_column(Encrypted("message.phone"))
    body: Mapped[str | None] = mapped_column(Encrypted("message.body"))
    provider: Mapped[str | None] = mapped_column(String(12))
    provider_id: Mapped[str | None] = mapped_column(String(64), index=True)
    provider_status: Mapped[str | None] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(12))
    sent_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]


class Heartbeat(Base):
    """When a job last ran to its end, and what it said."""

    __tablename__ = "heartbeat"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    detail: Mapped[str | None] = mapped_column(String(200))
