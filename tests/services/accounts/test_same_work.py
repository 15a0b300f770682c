"""Whoever tries to sign in to the study team: known, unknown, locked or gone: the same hashes for each."""

from collections.abc import Callable

import pytest

from portal.adapters import passwords
from portal.domain.access import SYSTEM
from portal.extensions import transaction
from portal.models.people import Staff
from portal.services import audit
from tests.support.accounts import code_at, hired, staff_sign_in
from tests.support.people import NOW

pytestmark = pytest.mark.usefixtures("core")
RECOVERY = "A2345-6789A-BC"
WRONG = "wrong horse battery"
Try = Callable[[], object]


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every slow hash and comparison of a code, in order."""
    done: list[str] = []
    real_verify, real_step = passwords.verify_secret, passwords.totp_step
    monkeypatch.setattr(passwords, "verify_secret", lambda *given: done.append("hash") or real_verify(*given))
    monkeypatch.setattr(passwords, "totp_step", lambda *given, now: done.append("code") or real_step(*given, now=now))
    return done


def switch_off(staff_id: int) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="staff:leave", now=NOW)
        session.get_one(Staff, staff_id).active = False


def lock(email: str) -> None:
    for _ in range(5):
        staff_sign_in("000000", email=email, password=WRONG)


@pytest.mark.parametrize("code", ["000000", RECOVERY])
def test_the_same_is_done_for_a_known_unknown_locked_and_former_member(work: list[str], code: str) -> None:
    hired()
    hired(email="locked@example.org")
    gone = hired(email="gone@example.org")
    lock("locked@example.org")
    switch_off(gone.id)
    done = {}
    for who in ("li.na", "nobody", "locked", "gone"):
        work.clear()
        assert staff_sign_in(code, email=f"{who}@example.org", password=WRONG) is None
        done[who] = list(work)
    assert done == dict.fromkeys(done, done["li.na"])
    assert done["li.na"].count("hash") == (2 if code == RECOVERY else 1)


@pytest.mark.parametrize("who", ["locked", "gone"])
def test_a_right_password_and_code_are_no_different_from_wrong_ones(work: list[str], who: str) -> None:
    made = {name: hired(email=f"{name}@example.org") for name in ("locked", "gone")}
    lock("locked@example.org")
    switch_off(made["gone"].id)
    work.clear()
    assert staff_sign_in(code_at(made[who]), email=f"{who}@example.org") is None
    right = list(work)
    work.clear()
    assert staff_sign_in("000000", email=f"{who}@example.org", password=WRONG) is None
    assert work == right


def test_a_wrong_try_of_somebody_unknown_counts_for_nobody() -> None:
    made = hired()
    for _ in range(6):
        staff_sign_in("000000", email="nobody@example.org", password=WRONG)
    assert staff_sign_in(code_at(made)) is not None
