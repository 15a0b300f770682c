"""The steps of each participation, and stays in hospital."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.participation import DiaryDuringStay, ParticipationStatus, ParticipationStepKind
from portal.models.base import Base, Encrypted, EnumText, WithId


class ParticipationStep(WithId, Base):
    """One step of ``domain/participation``. A step taken by a job has neither staff nor account."""

    __tablename__ = "participation_step"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"), index=True)
    kind: Mapped[ParticipationStepKind] = mapped_column(EnumText(ParticipationStepKind, 12))
    from_state: Mapped[ParticipationStatus] = mapped_column(EnumText(ParticipationStatus, 12))
    to_state: Mapped[ParticipationStatus] = mapped_column(EnumText(ParticipationStatus, 12))
    reason: Mapped[str | None] = mapped_column(Encrypted("participation_step.reason"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Stay(WithId, Base):
    """A stay in hospital from ``since_on`` to the day before ``until_on``. ``diary``: ``ward`` goes on, ``paused`` not.

    One at a time; ``ended_at`` is when it ended, by the job or earlier.
    """

    __tablename__ = "stay"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    diary: Mapped[DiaryDuringStay] = mapped_column(EnumText(DiaryDuringStay, 8))
    since_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Encrypted("stay.reason"))
    recorded_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


Index("ix_stay_participant", Stay.participant_id)
Index("uq_stay_open", Stay.participant_id, unique=True,
      sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"))  # fmt: skip


# In hospital with the diary kept by the ward: nobody else is to be reminded of it.
DIARY_KEPT_BY_WARD: Final = and_(Stay.ended_at.is_(None), Stay.diary == "ward")
