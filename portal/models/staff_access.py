"""How the study team gets in: invitations, recovery codes, and the sessions that are open."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.access import Role
from portal.models.base import Base, Encrypted, EnumText, Json, WithId
from portal.models.people import SECRET


class StaffSession(WithId, Base):
    """One browser that a member of staff is signed in with. The token is in its cookie; here is its SHA-256.

    ``confirmed_at``: when password and one-time code were last given. A row expires after a pause or half a day.
    """

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_open", "staff_id", "ended_at"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=SECRET)
    epoch: Mapped[int]
    label: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StaffInvitation(WithId, Base):
    """A link that makes an account, or gives an existing one (``staff_id``) a new password and authenticator app.

    It works once and for a time; only the SHA-256 of its token is kept.
    """

    __tablename__ = "staff_invitation"

    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    email: Mapped[str] = mapped_column(Encrypted("staff_invitation.email"))
    email_index: Mapped[bytes] = mapped_column(LargeBinary, index=True, info=SECRET)
    name: Mapped[str] = mapped_column(Encrypted("staff_invitation.name"))
    role: Mapped[Role] = mapped_column(EnumText(Role, 16))
    sites: Mapped[list[str]] = mapped_column(Json)
    language: Mapped[str] = mapped_column(String(8))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=SECRET)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class RecoveryCode(WithId, Base):
    """A code for the day on which the phone with the authenticator app is gone. Argon2id, each good once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("staff_id", "made_at", "place"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    place: Mapped[int]
    code_hash: Mapped[str] = mapped_column(String(120), info=SECRET)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
