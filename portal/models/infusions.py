"""Infusions and visits. A control participant has no infusion rows at all."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.infusions.states import InfusionState
from portal.domain.infusions.visits import VisitState
from portal.models.base import Base, BigId, Encrypted, EnumText, WithId


class AppointmentMixin(WithId):
    """What a phone's calendar needs to follow an appointment: ``uid`` stays, ``sequence`` rises with every change.

    ``changed_at`` is empty until the first change after planning; it is news to the participant until ``seen_at``.
    """

    uid: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid.uuid4().hex)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]


class Infusion(AppointmentMixin, Base):
    """``number`` counts from 1; ``original_at`` keeps the first plan, so that a move can be shown as a move.

    ``dose_cells`` is computed from the weight, ``cells_given`` is what the bag held; ``deviations`` maps each broken
    rule of the plan to the reason given for it.
    """

    __tablename__ = "infusion"
    __table_args__ = (UniqueConstraint("participant_id", "number"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    number: Mapped[int]
    planned_at: Mapped[datetime] = mapped_column(index=True)
    original_at: Mapped[datetime]
    state: Mapped[InfusionState] = mapped_column(EnumText(InfusionState, 12))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(5, 1))
    dose_cells: Mapped[int | None] = mapped_column(BigId)
    cells_given: Mapped[int | None] = mapped_column(BigId)
    lot: Mapped[str | None] = mapped_column(String(40))
    vital_signs: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("infusion.vital_signs"))
    reaction: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("infusion.reaction"))
    deviations: Mapped[dict[str, str] | None] = mapped_column(Encrypted("infusion.deviations"))
    reason: Mapped[str | None] = mapped_column(Encrypted("infusion.reason"))
    protocol_version: Mapped[str] = mapped_column(String(12))


class Visit(AppointmentMixin, Base):
    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("participant_id", "code"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    code: Mapped[str] = mapped_column(String(10))
    planned_at: Mapped[datetime] = mapped_column(index=True)
    window_from_on: Mapped[date]
    window_until_on: Mapped[date]
    state: Mapped[VisitState] = mapped_column(EnumText(VisitState, 12))
    took_place_on: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(Encrypted("visit.reason"))
    protocol_version: Mapped[str] = mapped_column(String(12))
