"""Printed cards: issued by staff, opened with the participant's year of birth, used once to set a PIN."""

from dataclasses import dataclass
from datetime import date, datetime, time
from hmac import compare_digest
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from portal.adapters import passwords
from portal.domain import credentials
from portal.domain.access import Actor, ActorKind, Permission, Role, require_permission
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.msgid import N_
from portal.domain.participation import TAKING_PART, has_ended
from portal.models.base import get_cipher
from portal.models.people import AccessCard, Account, Participant
from portal.services import audit, lockout, messages
from portal.services.accounts.settings import check_choices
from portal.services.accounts.users import AccountUser, build_account_user

PRIVACY_VERSION: Final = "1.0"  # of the page "what is collected"; raise it with the page's meaning


@dataclass(frozen=True, slots=True)
class Activation:
    """A card that has been opened and not used. ``born_on`` is the participant's, for the rules of the PIN."""

    card_id: int
    role: Role
    language: str
    reminder_at: time
    born_on: date


@dataclass(frozen=True, slots=True)
class CardUsed:
    """The right year of birth for a card that has done its work: the way in is the PIN."""


def issue_card(session: Session, *, actor: Actor, account_id: int, now: datetime, code: str | None = None) -> str:
    """A new card; the one before is void at once. Returns the clear code, which is kept nowhere: print it now.

    ``code`` is given by the demo trial alone, whose cards must be the same each time.
    """
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound
    if actor.kind != ActorKind.SYSTEM:
        require_permission(actor, Permission.CARDS_ISSUE, site=account.participant.site)
    if has_ended(account.participant.status):
        raise Conflict(N_("The participation has ended: nobody gets a card for it any more."))
    audit.begin(session, actor=actor, action="card:issue", now=now, participant_id=account.participant_id)
    void_card(session, account_id, now)
    code = code or credentials.new_card_code()
    session.add(AccessCard(account_id=account_id, code_index=card_code_index(code), issued_at=now))
    session.flush()
    return code


def void_card(session: Session, account_id: int, now: datetime) -> None:
    live = select(AccessCard).where(AccessCard.account_id == account_id, AccessCard.revoked_at.is_(None))
    for card in session.scalars(live):
        card.revoked_at = now
    session.flush()


def find_card_account(session: Session, *, actor: Actor, code: str) -> int:
    """The account of a card that is good at this moment; else NotFound."""
    card = session.scalars(_cards().where(AccessCard.code_index == card_code_index(code))).one_or_none()
    if card is None or card.account.participant.site not in actor.sites:
        raise NotFound
    return card.account_id


def card_code_index(code: str) -> bytes:
    return get_cipher().blind_index("card", code)


def check_card(
    session: Session, *, actor: Actor, code: str, birth_year: str, now: datetime
) -> Activation | CardUsed | None:
    """What a typed code and year open. None for every kind of wrong; a card that exists counts it and locks."""
    read = credentials.read_card_code(code)
    card = session.scalars(_cards().where(AccessCard.code_index == card_code_index(read or ""))).one_or_none()
    account = card.account if card else None
    right = account is not None and _year_is(account, birth_year)
    held = lockout.lock_row(session, AccessCard, card)
    opened = card is not None and right and not credentials.is_locked(card.locked_until, now=now)
    action = "card:open" if opened else "card:refused"
    owner = account.participant_id if account else None
    audit.begin(session, actor=actor, action=action, now=now, participant_id=owner)
    if card is None or not opened:
        lockout.count_try(session, held, now=now)
        return None
    card.failed_tries, card.locked_until = 0, None
    return CardUsed() if card.used_at else _activation(card)


def _cards() -> Select[AccessCard]:
    return (
        select(AccessCard)
        .join(AccessCard.account)
        .join(Account.participant)
        .options(contains_eager(AccessCard.account).contains_eager(Account.participant))
        .where(AccessCard.revoked_at.is_(None), Participant.status.in_(TAKING_PART))
    )


def _year_is(account: Account, typed: str) -> bool:
    return compare_digest(account.participant.born_on[:4].encode(), credentials.read_digits(typed).encode())


def _activation(card: AccessCard) -> Activation:
    account = card.account
    return Activation(
        card_id=card.id,
        role=account.role,
        language=account.language,
        reminder_at=account.reminder_at,
        born_on=date.fromisoformat(account.participant.born_on),
    )


def get_activation(session: Session, *, card_id: int) -> Activation:
    """The activation that is under way. Raises ``Conflict`` when the card has been used or replaced meanwhile."""
    return _activation(_unused(session, card_id))


def _unused(session: Session, card_id: int) -> AccessCard:
    found = _cards().where(AccessCard.id == card_id, AccessCard.used_at.is_(None)).with_for_update(of=AccessCard)
    card = session.scalars(found).one_or_none()
    if card is None:
        raise Conflict(N_("This card can no longer be used. Ask the study team for a new one."))
    return card


def activate_account(
    session: Session,
    *,
    actor: Actor,
    card_id: int,
    pin: str,
    language: str,
    reminder_at: time,
    now: datetime,
) -> AccountUser:
    """Use the card up: set the PIN and choices, record the agreement, end every older session of the account.

    A second card does the same for somebody who has forgotten the PIN. Raises ``Conflict`` for a card that is used
    or void, ``Invalid`` for a PIN or choice that will not do.
    """
    card = _unused(session, card_id)
    account = card.account
    problem = credentials.pin_problem(pin, born_on=date.fromisoformat(account.participant.born_on))
    if problem:
        raise Invalid(problem, problems={"pin": problem})
    check_choices(language=language, reminder_at=reminder_at)
    who = Actor(ActorKind.ACCOUNT, account.role, account.id, account.participant_id, request_id=actor.request_id)
    audit.begin(session, actor=who, action="account:activate", now=now, participant_id=account.participant_id)
    card.used_at = now
    account.pin_hash = passwords.hash_secret(pin)
    account.language, account.reminder_at = language, reminder_at
    account.activated_at = account.activated_at or now
    account.agreed_at, account.agreed_version = now, PRIVACY_VERSION
    account.failed_tries, account.locked_until = 0, None
    account.epoch += 1
    session.flush()
    messages.replan_reminders(session, participant_id=account.participant_id, now=now)
    return build_account_user(account)
