"""Accounts that can sign in, and signing in to them through the services."""

from datetime import datetime, time

import pyotp

from portal.domain.access import SYSTEM, Actor, Role
from portal.extensions import transaction
from portal.services import accounts, team
from tests.support.people import NOW, PASSWORD, PIN, enrol

VISITOR = Actor(kind="system", role=Role.SYSTEM)


def activated(number: int = 1) -> str:
    """Somebody who can sign in; the card code."""
    account_id = enrol(number).accounts[0].id
    with transaction() as session:
        code = accounts.issue_card(session, actor=SYSTEM, account_id=account_id, now=NOW)
        card = accounts.check_card(session, actor=VISITOR, code=code, birth_year="1992", now=NOW)
        assert isinstance(card, accounts.Activation)
        accounts.activate_account(
            session, actor=VISITOR, card_id=card.card_id, pin=PIN, language="en", reminder_at=time(19), now=NOW
        )
    return code


def sign_in(who: str, pin: str = PIN, now: datetime = NOW) -> accounts.AccountUser | None:
    with transaction() as session:
        return accounts.sign_in_account(session, actor=VISITOR, who=who, pin=pin, now=now)


def hired(**changes: object) -> team.NewStaff:
    values = {"email": "Li.Na@example.org", "name": "李娜", "role": Role.COORDINATOR, "sites": frozenset({"RJ"})}
    with transaction() as session:
        return team.create_staff(
            session,
            actor=SYSTEM,
            password=PASSWORD,
            now=NOW,
            **{**values, **changes},  # type: ignore[arg-type]
        )


def staff_sign_in(
    code: str, *, email: str = "li.na@example.org", password: str = PASSWORD, now: datetime = NOW
) -> team.StaffUser | None:
    with transaction() as session:
        return team.sign_in_staff(session, actor=VISITOR, email=email, password=password, code=code, now=now)


def code_at(made: team.NewStaff, at: datetime = NOW) -> str:
    return pyotp.TOTP(made.totp_secret).at(at)
