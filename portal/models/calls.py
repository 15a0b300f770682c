"""Phone calls outside any episode."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.calls import CallOutcome, CallRecipient
from portal.models.base import Base, Encrypted, EnumText, WithId


class PhoneCall(WithId, Base):
    """A call outside any episode: ``whom`` was rung and how it ended (``domain/calls``)."""

    __tablename__ = "phone_call"
    __table_args__ = (Index("ix_phone_call_participant", "participant_id", "called_at"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    whom: Mapped[CallRecipient] = mapped_column(EnumText(CallRecipient, 12))
    outcome: Mapped[CallOutcome] = mapped_column(EnumText(CallOutcome, 12))
    note: Mapped[str | None] = mapped_column(Encrypted("phone_call.note"))
    called_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
