"""Queries about data: what a monitor or data manager asks the site, what the site answers, and how it was settled."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.questions import QuestionState
from portal.models.base import Base, BigId, Encrypted, EnumText, WithId

UNSETTLED = "state <> 'closed'"


class DataQuery(WithId, Base):
    """``state``: open, answered or closed. ``entity`` and ``entity_id`` name the record that it is about, if any."""

    __tablename__ = "data_query"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"), index=True)
    site: Mapped[str] = mapped_column(String(10))
    entity: Mapped[str | None] = mapped_column(String(30))
    entity_id: Mapped[int | None] = mapped_column(BigId)
    state: Mapped[QuestionState] = mapped_column(EnumText(QuestionState, 8))
    question: Mapped[str] = mapped_column(Encrypted("remark.question"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Encrypted("remark.answer"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]


Index("ix_data_query_unsettled", DataQuery.site, DataQuery.id,
      sqlite_where=text(UNSETTLED), postgresql_where=text(UNSETTLED))  # fmt: skip
