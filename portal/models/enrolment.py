"""Before enrolment: a screening with its laboratory results and consents, and the sealed list of allocations.

What is known of somebody who is screened is one ciphertext (``answers``): there is no participant's key yet.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Encrypted, WithId
from portal.models.people import SECRET

EXPAND = {"audit": "expand"}


class Screening(WithId, Base):
    """One person who is considered for the trial. ``state``: open, failed or enrolled. ``reasons`` of a failure are
    ``[{"criterion": "inclusion 4", "code", "en", "zh"}]``; ``note`` says in words what no criterion says."""

    __tablename__ = "screening"

    site: Mapped[str] = mapped_column(String(10), index=True)
    state: Mapped[str] = mapped_column(String(12))
    protocol_version: Mapped[str] = mapped_column(String(12))
    answers: Mapped[dict[str, Any]] = mapped_column(Encrypted("screening.answers"), info=EXPAND)
    steps: Mapped[str] = mapped_column(String(80), default="")
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reasons: Mapped[list[dict[str, str]] | None] = mapped_column(Encrypted("screening.reasons"))
    note: Mapped[str | None] = mapped_column(Encrypted("screening.note"))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), unique=True)


class MapResult(WithId, Base):
    """A MAP as the laboratory reported it. ``value`` keeps the digits as they were written; nothing is computed."""

    __tablename__ = "map_result"
    __table_args__ = (UniqueConstraint("screening_id", "day"),)

    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), index=True)
    day: Mapped[int]
    value: Mapped[str] = mapped_column(String(12))
    assay: Mapped[str] = mapped_column(String(80))
    variant: Mapped[str | None] = mapped_column(String(80))
    laboratory: Mapped[str] = mapped_column(String(80))
    sampled_on: Mapped[date]
    recorded_at: Mapped[datetime]


class Consent(WithId, Base):
    """A signature that was given or refused. ``kind``: participant, guardian, assent or sensitive-data."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_screening", "screening_id", "kind"),)

    screening_id: Mapped[int | None] = mapped_column(ForeignKey("screening.id"))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    given: Mapped[bool]
    version: Mapped[str] = mapped_column(String(20))
    signed_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class AllocationList(WithId, Base):
    """A sealed list as it was imported; ``checksum`` is the SHA-256 of the file."""

    __tablename__ = "allocation_list"

    checksum: Mapped[str] = mapped_column(String(64), unique=True)
    entries: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class Allocation(WithId, Base):
    """One place of a sealed list, or (without ``list_id``) an allocation that was made elsewhere.

    ``sealed`` is padded, so that the length of the ciphertext does not tell the arm; ``arm`` is empty until it is drawn.
    """

    __tablename__ = "allocation"
    __table_args__ = (UniqueConstraint("stratum", "sequence"),)

    list_id: Mapped[int | None] = mapped_column(ForeignKey("allocation_list.id"), index=True)
    stratum: Mapped[str] = mapped_column(String(20))
    sequence: Mapped[int | None]
    sealed: Mapped[str | None] = mapped_column(Encrypted("allocation.sealed"), info=SECRET, deferred=True)
    arm: Mapped[str | None] = mapped_column(String(10))
    reference: Mapped[str | None] = mapped_column(String(60))
    reason: Mapped[str | None] = mapped_column(Encrypted("allocation.reason"))
    drawn_at: Mapped[datetime | None]
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    screening_id: Mapped[int | None] = mapped_column(ForeignKey("screening.id"), unique=True)
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), unique=True)
