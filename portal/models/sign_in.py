"""How participants sign in: remembered phones, one-time codes, day links and revoked sessions."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, WithId
from portal.models.people import SECRET


class EndedSession(WithId, Base):
    """A participant's session that was signed out: its cookie may have been copied. Only the SHA-256 of its id is kept.

    The cookie expires at ``over_at``; after that the row may be deleted.
    """

    __tablename__ = "ended_session"

    id_hash: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    over_at: Mapped[datetime] = mapped_column(index=True)


class RememberedPhone(WithId, Base):
    """A phone that signs itself in. Each use replaces the token; an older one that turns up again ends the row.

    ``before_hash`` is the token just replaced, good for a moment more: two requests may leave a phone at once.
    """

    __tablename__ = "remembered_phone"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    selector: Mapped[str] = mapped_column(String(24), unique=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, info=SECRET)
    before_hash: Mapped[bytes | None] = mapped_column(LargeBinary, info=SECRET)
    epoch: Mapped[int]
    label: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInCode(WithId, Base):
    """A six-digit code sent by text to somebody who has forgotten the PIN. Only its argon2id hash is kept."""

    __tablename__ = "sign_in_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(120), info=SECRET)
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class DayLink(WithId, Base):
    """A reminder's link that has been used: each opens one day's diary for one account, once."""

    __tablename__ = "day_link"
    __table_args__ = (UniqueConstraint("account_id", "diary_on"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    diary_on: Mapped[date]
    used_at: Mapped[datetime]
