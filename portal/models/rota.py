"""The on-call rota, and the escalations that followed it."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, BigId, WithId


class RotaWeek(WithId, Base):
    """Who answers at a site in the week that begins on ``monday_on``, day and night, weekends and holidays included."""

    __tablename__ = "rota_week"
    __table_args__ = (UniqueConstraint("site", "monday_on"),)

    site: Mapped[str] = mapped_column(String(10))
    monday_on: Mapped[date]
    first_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    principal_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class Escalation(WithId, Base):
    """An escalation step that was taken for one alert of an episode: each step once, whatever crashes.

    ``staff_id`` is the person on duty; null where nobody was and the whole site was alerted.
    """

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("episode_id", "alert_number", "step"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    episode_id: Mapped[int] = mapped_column(ForeignKey("episode.id"))
    alert_number: Mapped[int]
    step: Mapped[str] = mapped_column(String(10))
    staff_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime]
