"""Photographs of a day."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, WithId


class Photo(WithId, Base):
    """One photograph of one local day. The picture is a file named ``name``, under the participant's own key.

    ``width`` and ``height`` are in pixels, ``size`` in bytes before encryption.
    """

    __tablename__ = "photo"
    __table_args__ = (Index("ix_photo_participant_day", "participant_id", "diary_on"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    diary_on: Mapped[date]
    name: Mapped[str] = mapped_column(String(36), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    added_at: Mapped[datetime]
