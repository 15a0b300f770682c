"""What staff do beside episodes: tasks, missed diaries, laboratory values, assessments, the rota and its clock."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, BigId, Encrypted, WithId


class Task(WithId, Base):
    """Something that somebody has to do. ``kind`` and ``occurrence`` are unique: it is opened once, whoever tries.

    ``participant_id`` and ``site`` are null for a task of the whole study. ``closed_how`` is ``reason`` where a person
    gave one, else what settled it (``result``, ``diary``, ``number``).
    """

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("kind", "occurrence"),)

    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), index=True)
    site: Mapped[str | None] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    occurrence: Mapped[str] = mapped_column(String(80))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    due_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_how: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Encrypted("task.reason"))


Index("uq_task_open", Task.participant_id, Task.kind, unique=True,
      sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"))  # fmt: skip
Index("ix_task_list", Task.site, Task.due_at, Task.id,
      sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"))  # fmt: skip


class MissedDiary(WithId, Base):
    """A day whose diary did not come, judged once. ``in_row`` counts the missed days up to this one."""

    __tablename__ = "missed_diary"
    __table_args__ = (UniqueConstraint("participant_id", "missed_on"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    missed_on: Mapped[date]
    in_row: Mapped[int]
    severity: Mapped[str | None] = mapped_column(String(6))
    judged_at: Mapped[datetime]


class LabResult(WithId, Base):
    """A measured value. ``code`` is LOINC, ``unit`` UCUM; never changed, only voided with a reason.

    ``questioned`` says that the portal asked about an unlikely value and somebody stood by it.
    """

    __tablename__ = "lab_result"
    __table_args__ = (Index("ix_lab_result_participant", "participant_id", "measured_at"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    kind: Mapped[str] = mapped_column(String(12))
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


class Assessment(WithId, Base):
    """A clinician's findings on one day. A change is a new ``version`` of the same ``number``; rows never change.

    Stages are 0-4, null where the organ was not assessed. ``grade`` is null while one is missing.
    """

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("participant_id", "number", "version"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    number: Mapped[int]
    version: Mapped[int]
    assessed_on: Mapped[date]
    skin: Mapped[int | None]
    liver: Mapped[int | None]
    upper_gi: Mapped[int | None]
    lower_gi: Mapped[int | None]
    grade: Mapped[str | None] = mapped_column(String(4))
    at_least: Mapped[str] = mapped_column(String(4))
    certainty: Mapped[str] = mapped_column(String(12))
    onset_on: Mapped[date | None]
    cause: Mapped[str | None] = mapped_column(Encrypted("assessment.cause"))
    treatment: Mapped[str | None] = mapped_column(Encrypted("assessment.treatment"))
    treatment_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Encrypted("assessment.note"))
    change_reason: Mapped[str | None] = mapped_column(Encrypted("assessment.change_reason"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class Signature(WithId, Base):
    """Printed name, time and meaning, bound to one version's content by ``content_hash`` (SHA-256, hexadecimal)."""

    __tablename__ = "signature"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"), index=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(Encrypted("signature.name"))
    role: Mapped[str] = mapped_column(String(16))
    meaning: Mapped[str] = mapped_column(String(20))
    signed_at: Mapped[datetime]
    content_hash: Mapped[str] = mapped_column(String(64))


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
    """A step down the rota that was taken for one alert of an episode: each step once, whatever crashes.

    ``staff_id`` is who stood on the rota; null where nobody did and the whole site was told.
    """

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("episode_id", "alert_number", "step"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    episode_id: Mapped[int] = mapped_column(ForeignKey("episode.id"))
    alert_number: Mapped[int]
    step: Mapped[str] = mapped_column(String(10))
    staff_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime]


class PhoneCall(WithId, Base):
    """A call outside any episode: ``whom`` was rung and how it ended (``domain/calls``)."""

    __tablename__ = "phone_call"
    __table_args__ = (Index("ix_phone_call_participant", "participant_id", "called_at"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    whom: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(String(12))
    note: Mapped[str | None] = mapped_column(Encrypted("phone_call.note"))
    called_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
