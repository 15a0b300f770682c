"""The ledger of texts. A row exists from the moment its cause is committed, and ends in exactly one final state."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.messages.inbound import InboundMeaning
from portal.domain.messages.kinds import MessageKind
from portal.domain.messages.states import MessageReason, MessageState
from portal.models.base import Base, Encrypted, EnumText, WithId

URGENT = "state = 'planned' AND kind IN ('staff-alert', 'staff-email', 'sign-in-code')"
GONE = "sent_at IS NOT NULL"
UNRECEIPTED = "state = 'sent' AND final_at IS NULL"


class Message(WithId, Base):
    """One text that should exist.

    ``recipient`` is ``account:7`` or ``staff:3``; with ``kind`` and ``dedupe_key`` it is unique, which is what makes
    planning idempotent. ``token`` is our own unguessable id in the provider's callback URL. ``phone`` and ``body`` are
    what was handed over, set when claimed; ``phone`` is an e-mail's address, too. ``values`` fill the template's
    braces. ``claimed_at`` is the first claim of which the outcome is not known; ``uncertain_at`` says that such a text
    was not in the provider's list and went once more: the one case in which it may have gone twice. ``destination`` is
    the calling code whose policy was applied, set with ``phone``. ``again_of`` is the text that this one repeats.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("recipient", "kind", "dedupe_key"),
        Index("ix_message_due", "state", "not_before_at", "id"),
        Index("ix_message_urgent", "not_before_at", "id", sqlite_where=text(URGENT), postgresql_where=text(URGENT)),
        Index("ix_message_unreceipted", "sent_at", sqlite_where=text(UNRECEIPTED), postgresql_where=text(UNRECEIPTED)),
        Index("ix_message_sent_at", "sent_at", sqlite_where=text(GONE), postgresql_where=text(GONE)),
    )

    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    recipient: Mapped[str] = mapped_column(String(28))
    kind: Mapped[MessageKind] = mapped_column(EnumText(MessageKind, 24))
    dedupe_key: Mapped[str] = mapped_column(String(64))
    token: Mapped[str] = mapped_column(String(36), unique=True)
    template_version: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[MessageState] = mapped_column(EnumText(MessageState, 12))
    reason: Mapped[MessageReason | None] = mapped_column(EnumText(MessageReason, 40))
    not_before_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    destination: Mapped[str | None] = mapped_column(String(4))
    phone: Mapped[str | None] = mapped_column(Encrypted("message.phone"))
    body: Mapped[str | None] = mapped_column(Encrypted("message.body"))
    values: Mapped[dict[str, str] | None] = mapped_column(Encrypted("message.values"))
    provider: Mapped[str | None] = mapped_column(String(12))
    provider_id: Mapped[str | None] = mapped_column(String(64))
    provider_status: Mapped[str | None] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(12))
    sent_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    uncertain_at: Mapped[datetime | None]
    again_of: Mapped[int | None] = mapped_column(ForeignKey("message.id"))


class InboundText(WithId, Base):
    """An inbound text other than stop, start and help. ``provider_id`` detects a repeated webhook call."""

    __tablename__ = "inbound_text"
    __table_args__ = (
        Index(
            "ix_inbound_text_unread",
            "received_at",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    provider_id: Mapped[str] = mapped_column(String(64), unique=True)
    meaning: Mapped[InboundMeaning] = mapped_column(EnumText(InboundMeaning, 8))
    words: Mapped[str | None] = mapped_column(Encrypted("inbound_text.words"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    received_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
