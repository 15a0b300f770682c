"""Sent diaries, and drafts of those not sent yet."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.access import Role
from portal.domain.alert_rules.kinds import Severity
from portal.domain.diary import Timing
from portal.models.base import Base, Encrypted, EnumText, Json, WithId

CORRECTION = "first_id IS NOT NULL"


class Diary(WithId, Base):
    """One report of one local day. ``answers`` maps linkIds to values (decimals as text), ``free_text`` to words.

    Somebody who signs in has answered it (``account_id``), or the ward (``staff_id``), never both; ``answered_by`` is
    the role of the account, or ``ward``.

    ``timing`` is ``on-time``, ``late`` or ``beyond`` (kept as a report, not as a diary). ``severity`` is ``red``,
    ``amber`` or null. ``estimate`` is the provisional, patient-reported MAGIC estimate at the time of sending.

    A correction is a row of its own that stands in the place and at the times of the first: ``first_id`` names the
    first version (null in it), ``corrected_at`` when this one was written, ``superseded_at`` when the next one was.

    ``unread``: of a report that could not be a diary, what was typed and could not be read, by linkId.
    """

    __tablename__ = "diary"
    __table_args__ = (
        UniqueConstraint("participant_id", "client_id"),
        CheckConstraint("(account_id IS NULL) <> (staff_id IS NULL)", name="answered"),
        Index("ix_diary_participant_day", "participant_id", "diary_on", "id"),
        Index("ix_diary_first", "first_id", sqlite_where=text(CORRECTION), postgresql_where=text(CORRECTION)),
    )

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_by: Mapped[Role] = mapped_column(EnumText(Role, 12))
    client_id: Mapped[str] = mapped_column(String(36))
    diary_on: Mapped[date]
    study_day: Mapped[int]
    questionnaire: Mapped[str] = mapped_column(String(80))
    protocol_version: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(8))
    entered_at: Mapped[datetime]
    entered_offset_minutes: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(index=True)
    timing: Mapped[Timing] = mapped_column(EnumText(Timing, 10))
    answers: Mapped[dict[str, Any]] = mapped_column(Json, info={"audit": "expand"})
    skipped: Mapped[list[str]] = mapped_column(Json)
    free_text: Mapped[dict[str, str] | None] = mapped_column(Encrypted("diary.free_text"), info={"audit": "expand"})
    weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(5, 1))
    severity: Mapped[Severity | None] = mapped_column(EnumText(Severity, 6))
    estimate: Mapped[dict[str, Any]] = mapped_column(Json)
    version: Mapped[int] = mapped_column(default=1)
    first_id: Mapped[int | None] = mapped_column(ForeignKey("diary.id"))
    corrected_at: Mapped[datetime | None]
    correction_reason: Mapped[str | None] = mapped_column(Encrypted("diary.correction_reason"))
    superseded_at: Mapped[datetime | None]
    unread: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("diary.unread"), info={"audit": "expand"})


class DiaryDraft(Base):
    """What an account has typed and not sent. Ciphertext as a whole; gone once sent.

    A session that a reminder's link has opened (``day_link``) has a draft of its own. ``questionnaire`` names the
    questions that its pages asked, as a diary does.
    """

    __tablename__ = "diary_draft"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    diary_on: Mapped[date] = mapped_column(primary_key=True)
    day_link: Mapped[bool] = mapped_column(primary_key=True, default=False)
    questionnaire: Mapped[str | None] = mapped_column(String(80))
    client_id: Mapped[str] = mapped_column(String(36))
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    content: Mapped[dict[str, Any]] = mapped_column(Encrypted("diary_draft.content"))
