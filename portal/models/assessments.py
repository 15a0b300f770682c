"""Clinicians' assessments and their signatures."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.access import Role
from portal.domain.assessing import Certainty
from portal.domain.magic.stages import Grade
from portal.domain.signing import SignatureMeaning
from portal.models.base import Base, Encrypted, EnumText, WithId


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
    grade: Mapped[Grade | None] = mapped_column(EnumText(Grade, 4))
    at_least: Mapped[Grade] = mapped_column(EnumText(Grade, 4))
    certainty: Mapped[Certainty] = mapped_column(EnumText(Certainty, 12))
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
    role: Mapped[Role] = mapped_column(EnumText(Role, 16))
    meaning: Mapped[SignatureMeaning] = mapped_column(EnumText(SignatureMeaning, 20))
    signed_at: Mapped[datetime]
    content_hash: Mapped[str] = mapped_column(String(64))
