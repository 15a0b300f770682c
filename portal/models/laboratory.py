"""Laboratory results."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.laboratory import LabKind
from portal.models.base import Base, Encrypted, EnumText, WithId


class LabResult(WithId, Base):
    """A measured value. ``code`` is LOINC, ``unit`` UCUM; never changed, only voided with a reason.

    ``questioned``: the portal asked about an unlikely value and the person confirmed it.
    """

    __tablename__ = "lab_result"
    __table_args__ = (Index("ix_lab_result_participant", "participant_id", "measured_at"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    kind: Mapped[LabKind] = mapped_column(EnumText(LabKind, 12))
    code: Mapped[str] = mapped_column(String(10))
    value: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    unit: Mapped[str] = mapped_column(String(10))
    measured_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    questioned: Mapped[bool] = mapped_column(default=False)
    voided_at: Mapped[datetime | None]
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    void_reason: Mapped[str | None] = mapped_column(Encrypted("lab_result.void_reason"))
