"""Who is signed in, as the pages know them: one select, nothing decrypted but the name."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, exists, select
from sqlalchemy.orm import Session

from portal.domain.access import Actor, ActorKind, Role
from portal.models.people import Account, Participant
from portal.models.sign_in import RememberedPhone
from portal.services.accounts.revoked_sessions import hash_session_id, session_not_revoked


@dataclass(frozen=True, slots=True)
class AccountUser:
    """A participant, or somebody who answers for one. ``transplant_on`` is study day 0, a local day."""

    id: int
    epoch: int
    role: Role
    participant_id: int
    study_number: str
    site: str
    language: str
    timezone: str
    name: str
    transplant_on: date
    enrolled_on: date
    kind: Literal["account"] = "account"

    @property
    def is_guardian(self) -> bool:
        return self.role is Role.GUARDIAN

    @property
    def actor(self) -> Actor:
        return Actor(kind=ActorKind.ACCOUNT, role=self.role, id=self.id, participant_id=self.participant_id)


def find_user(
    session: Session, *, kind: str, id_: int, epoch: int, phone_id: int | None = None, session_id: str = ""
) -> AccountUser | None:
    """The account that holds this session, or None: unknown, not activated, or signed out since, here or everywhere.

    ``phone_id``: the remembered phone that holds it, which may have been forgotten meanwhile.
    """
    if kind != "account":
        return None
    given = {"id": id_, "epoch": epoch, "phone_id": phone_id, "session_hash": hash_session_id(session_id)}
    session.flush()  # a new PIN signs others out, and this reads past the mapper
    found = session.connection().execute(BY_SESSION if phone_id is None else BY_REMEMBERED_PHONE, given)
    return _account(found.mappings().one_or_none())


def _remembered() -> ColumnElement[bool]:
    return exists().where(RememberedPhone.id == bindparam("phone_id"), RememberedPhone.revoked_at.is_(None))


def account_columns() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Account.id,
            Account.epoch,
            Account.role,
            Account.participant_id,
            Participant.study_number,
            Participant.site,
            Account.language,
            Participant.timezone,
            Account.name,
            Participant.transplant_on,
            Participant.enrolled_on,
        )
        .join(Account.participant)
        .where(Account.pin_hash.is_not(None))
    )


BY_SESSION: Final = account_columns().where(
    Account.id == bindparam("id"), Account.epoch == bindparam("epoch"), session_not_revoked()
)
BY_REMEMBERED_PHONE: Final = BY_SESSION.where(_remembered())


def _account(row: RowMapping | None) -> AccountUser | None:
    return AccountUser(**{**row, "role": Role(row["role"])}) if row else None


def build_account_user(account: Account) -> AccountUser:
    """From rows that are loaded already."""
    person = account.participant
    return AccountUser(
        id=account.id,
        epoch=account.epoch,
        role=account.role,
        participant_id=person.id,
        study_number=person.study_number,
        site=person.site,
        language=account.language,
        timezone=person.timezone,
        name=account.name,
        transplant_on=person.transplant_on,
        enrolled_on=person.enrolled_on,
    )
