"""Days whose diary did not come."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.alert_rules.kinds import Severity
from portal.models.base import Base, EnumText, WithId


class MissedDiary(WithId, Base):
    """A day whose diary did not come, judged once. ``in_row`` counts the missed days up to this one."""

    __tablename__ = "missed_diary"
    __table_args__ = (UniqueConstraint("participant_id", "missed_on"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    missed_on: Mapped[date]
    in_row: Mapped[int]
    severity: Mapped[Severity | None] = mapped_column(EnumText(Severity, 6))
    judged_at: Mapped[datetime]
