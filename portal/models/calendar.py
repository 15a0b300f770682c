"""Infusions and visits. A control participant has no infusion rows at all."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, BigId, Encrypted, WithId


class Infusion(WithId, Base):
    """``number`` counts from 1; ``original_at`` keeps the first plan, so that a move can be shown as a move."""

    __tablename__ = "infusion"
    __table_args__ = (UniqueConstraint("participant_id", "number"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    number: Mapped[int]
    planned_at: Mapped[datetime] = mapped_column(index=True)
    original_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(5, 1))
    dose_cells: Mapped[int | None] = mapped_column(BigId)
    lot: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(Encrypted("infusion.reason"))
    protocol_version: Mapped[str] = mapped_column(String(12))


class Visit(WithId, Base):
    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("participant_id", "code"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    code: Mapped[str] = mapped_column(String(10))
    planned_at: Mapped[datetime] = mapped_column(index=True)
    window_from_on: Mapped[date]
    window_until_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))
    protocol_version: Mapped[str] = mapped_column(String(12))
