"""Questions of staff about a report, answered by the participant."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.questions import QuestionState
from portal.models.base import Base, Encrypted, EnumText, WithId


class DiaryQuestion(WithId, Base):
    """What staff ask about a report. ``diary_id`` is the report's first version; ``state`` open, answered or closed."""

    __tablename__ = "diary_question"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"), index=True)
    diary_id: Mapped[int] = mapped_column(ForeignKey("diary.id"), index=True)
    state: Mapped[QuestionState] = mapped_column(EnumText(QuestionState, 8))
    question: Mapped[str] = mapped_column(Encrypted("query.question"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Encrypted("query.answer"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]
