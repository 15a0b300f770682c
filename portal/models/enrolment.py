"""Screenings, consents, and the sealed list from which arms are drawn."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.allocation import AllocationListState
from portal.domain.screening.questions import ConsentKind, ScreeningState
from portal.models.base import Base, Encrypted, EnumText, Json, WithId


class SiteNumbers(Base):
    """The row that is locked while a number of the site is assigned; ``last_screening`` is the last one assigned."""

    __tablename__ = "site_numbers"

    site: Mapped[str] = mapped_column(String(10), primary_key=True)
    last_screening: Mapped[int] = mapped_column(default=0)


class Screening(WithId, Base):
    """One person on the way in. ``answers`` holds what was typed, by field; ``saved`` the steps that were saved.

    ``state``: open, failed or allocated. ``decided_on`` is the local day on which it ended, and ``decision`` says how:
    the criteria that kept the person out and the reason, or the arm, reference and reason of an allocation made
    elsewhere. ``participant_id`` is set once the person is enrolled.
    """

    __tablename__ = "screening"

    number: Mapped[str] = mapped_column(String(20), unique=True)
    site: Mapped[str] = mapped_column(String(10), index=True)
    state: Mapped[ScreeningState] = mapped_column(EnumText(ScreeningState, 10), default=ScreeningState.OPEN)
    answers: Mapped[dict[str, str]] = mapped_column(Encrypted("screening.answers"), info={"audit": "expand"})
    saved: Mapped[list[str]] = mapped_column(Json)
    decided_on: Mapped[date | None]
    decision: Mapped[dict[str, Any] | None] = mapped_column(Encrypted("screening.decision"))
    protocol_version: Mapped[str] = mapped_column(String(12))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    updated_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    updated_at: Mapped[datetime]
    key: Mapped["ScreeningKey | None"] = relationship()


class ScreeningKey(Base):
    """A screening's own data key, wrapped by the field keys: for its audit values until enrolment, if there is one."""

    __tablename__ = "screening_key"

    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary, info={"audit": "redact"})


class Consent(WithId, Base):
    """A consent given or refused. ``kind``: own, guardian, assent, or sensitive: the separate one for health data.

    ``form_version``, ``signed_on`` and ``signer`` are there when it was given.
    """

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("screening_id", "kind"),)

    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), index=True)
    kind: Mapped[ConsentKind] = mapped_column(EnumText(ConsentKind, 10))
    given: Mapped[bool]
    form_version: Mapped[str | None] = mapped_column(String(20))
    signed_on: Mapped[date | None]
    signer: Mapped[str | None] = mapped_column(Encrypted("consent.signer"))
    recorded_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime]


class AllocationList(WithId, Base):
    """An imported list. ``checksum``: SHA-256 of the file, in hexadecimal. ``state``: open until its last row is drawn.

    ``imported_by`` is None for a command at a terminal.
    """

    __tablename__ = "allocation_list"

    checksum: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[AllocationListState] = mapped_column(
        EnumText(AllocationListState, 10), default=AllocationListState.OPEN
    )
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    imported_at: Mapped[datetime]


Index("uq_allocation_list_open", AllocationList.state, unique=True,
      sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"))  # fmt: skip


class Allocation(WithId, Base):
    """One row of a list. ``sealed`` is the arm as ciphertext, all of one length; it is opened when it is drawn."""

    __tablename__ = "allocation"
    __table_args__ = (UniqueConstraint("list_id", "stratum", "sequence"),)

    list_id: Mapped[int] = mapped_column(ForeignKey("allocation_list.id"))
    stratum: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info={"audit": "redact"})
    drawn_at: Mapped[datetime | None]
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), unique=True)
