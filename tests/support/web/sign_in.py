"""Cards, activated accounts and signed-in visitors for tests of pages."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pyotp

from portal.domain.access import SYSTEM, Role
from portal.extensions import transaction
from portal.models.people import Participant
from portal.services import accounts, team
from tests.support.people import NOW, PASSWORD, PIN
from tests.support.web.visitor import Visitor

PHONE = "13800130001"


def issue_card(account_id: int) -> str:
    with transaction() as session:
        return accounts.issue_card(session, actor=SYSTEM, account_id=account_id, now=NOW)


def activate(code: str, *, year: str = "1992", **changes: Any) -> accounts.AccountUser:
    """Use a card up, as the four steps do; English, unless told otherwise."""
    values = {"pin": PIN, "language": "en", "reminder_at": time(19), "now": NOW, **changes}
    with transaction() as session:
        card = accounts.check_card(session, actor=SYSTEM, code=code, birth_year=year, now=NOW)
        assert isinstance(card, accounts.Activation)
        return accounts.activate_account(session, actor=SYSTEM, card_id=card.card_id, **values)


def sign_in(visitor: Visitor, *, who: str = PHONE, pin: str = PIN) -> Visitor:
    answer = visitor.submit("/sign-in", who=who, pin=pin)
    assert answer.status_code == 302, answer.text
    return visitor


def hire(role: Role) -> team.NewStaff:
    with transaction() as session:
        return team.create_staff(
            session,
            actor=SYSTEM,
            email=f"{role}@example.org",
            name="李娜",
            role=role,
            sites=frozenset({"RJ"}),
            password=PASSWORD,
            language="en",
            now=NOW,
        )


def sign_in_staff(visitor: Visitor, role: Role) -> Visitor:
    code = pyotp.TOTP(hire(role).totp_secret).at(NOW)
    answer = visitor.submit("/staff/sign-in", email=f"{role}@example.org", password=PASSWORD, code=code)
    assert answer.status_code == 302, answer.text
    return visitor


def reader(visitors: Callable[[], Visitor], person: Participant, *, language: str = "en") -> Visitor:
    activate(issue_card(person.accounts[0].id), language=language)
    return sign_in(visitors(), who=str(person.accounts[0].phone), pin=PIN)
