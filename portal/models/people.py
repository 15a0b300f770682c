"""Participants, the accounts that sign in for them, their cards, and staff. Identifiers are ciphertext."""

from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, LargeBinary, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.access import Role
from portal.domain.messages.inbound import ReminderSwitch
from portal.domain.participation import ParticipationStatus
from portal.models.base import Base, Encrypted, EnumText, Json, WithId

SECRET = {"audit": "redact"}


class Participant(WithId, Base):
    """One person in the trial. ``born_on`` is an ISO date, encrypted; ``transplant_on`` is study day 0."""

    __tablename__ = "participant"

    study_number: Mapped[str] = mapped_column(String(20), unique=True)
    site: Mapped[str] = mapped_column(String(10), index=True)
    arm: Mapped[str | None] = mapped_column(String(10))
    status: Mapped[ParticipationStatus] = mapped_column(
        EnumText(ParticipationStatus, 12), default=ParticipationStatus.ACTIVE
    )
    transplant_on: Mapped[date]
    enrolled_on: Mapped[date]
    timezone: Mapped[str] = mapped_column(String(40))
    protocol_version: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(Encrypted("participant.name"))
    born_on: Mapped[str] = mapped_column(Encrypted("participant.born_on"))
    weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(5, 1))
    created_at: Mapped[datetime]
    key: Mapped["ParticipantKey"] = relationship()
    accounts: Mapped[list["Account"]] = relationship(back_populates="participant", order_by="Account.id")


Index("ix_participant_owing", Participant.site, Participant.status, Participant.transplant_on)


class ParticipantKey(Base):
    """A participant's own data key, wrapped by the field keys. Erasing this row makes the audit values unreadable."""

    __tablename__ = "participant_key"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary, info=SECRET)


class Account(WithId, Base):
    """Somebody who signs in for a participant: the participant or a guardian. No PIN means not activated yet.

    ``reminders_on`` is the one record of whether reminders are wanted; ``reminders_set_by`` says through whom
    it was last changed: ``portal``, ``text``, ``staff`` or ``provider``. ``feed_index``: of the calendar feed's secret
    address.
    """

    __tablename__ = "account"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"), index=True)
    role: Mapped[Role] = mapped_column(EnumText(Role, 12))
    name: Mapped[str] = mapped_column(Encrypted("account.name"))
    phone: Mapped[str | None] = mapped_column(Encrypted("account.phone"))
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True, info=SECRET)
    language: Mapped[str] = mapped_column(String(8))
    reminder_at: Mapped[time]
    reminders_on: Mapped[bool] = mapped_column(default=True)
    reminders_set_at: Mapped[datetime | None]
    reminders_set_by: Mapped[ReminderSwitch | None] = mapped_column(EnumText(ReminderSwitch, 12))
    pin_hash: Mapped[str | None] = mapped_column(String(120), info=SECRET)
    activated_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    agreed_version: Mapped[str | None] = mapped_column(String(12))
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(default=0)
    feed_index: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True, info=SECRET)
    feed_made_at: Mapped[datetime | None]
    participant: Mapped[Participant] = relationship(back_populates="accounts")


class AccessCard(WithId, Base):
    """A printed card. Only the blind index of its code is kept; a new card revokes the one before."""

    __tablename__ = "access_card"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    code_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=SECRET)
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    account: Mapped[Account] = relationship()


Index("uq_access_card_live", AccessCard.account_id, unique=True,
      sqlite_where=text("revoked_at IS NULL"), postgresql_where=text("revoked_at IS NULL"))  # fmt: skip


class Staff(WithId, Base):
    """A member of the study team. ``sites`` is a list of site codes."""

    __tablename__ = "staff"

    email: Mapped[str] = mapped_column(Encrypted("staff.email"))
    email_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=SECRET)
    name: Mapped[str] = mapped_column(Encrypted("staff.name"))
    phone: Mapped[str | None] = mapped_column(Encrypted("staff.phone"))
    role: Mapped[Role] = mapped_column(EnumText(Role, 16))
    sites: Mapped[list[str]] = mapped_column(Json)
    language: Mapped[str] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str] = mapped_column(String(120), info=SECRET)
    totp_secret: Mapped[str] = mapped_column(Encrypted("staff.totp_secret"), info=SECRET)
    totp_last_step: Mapped[int] = mapped_column(default=0)
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
