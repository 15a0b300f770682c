"""argon2id and one-time codes."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from portal.adapters import passwords

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = int(NOW.timestamp()) // 30


def test_the_right_secret_opens_its_hash() -> None:
    assert passwords.verify_secret(passwords.hash_secret("482913"), "482913")


def test_a_wrong_secret_does_not() -> None:
    assert not passwords.verify_secret(passwords.hash_secret("482913"), "482914")


def test_nobody_has_no_secret() -> None:
    assert not passwords.verify_secret(None, "482913")


def test_nobody_costs_as_much_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    monkeypatch.setattr(passwords, "_hasher", type("Spy", (), {"verify": lambda _, hashed, __: tried.append(hashed)})())
    monkeypatch.setattr(passwords, "_nobody", lambda: "nobody's hash")
    passwords.verify_secret(None, "482913")
    assert tried == ["nobody's hash"]


def test_a_damaged_hash_opens_for_nobody() -> None:
    assert not passwords.verify_secret("$argon2id$damaged", "482913")


def test_the_hash_says_its_cost() -> None:
    assert "m=19456,t=2,p=1" in passwords.hash_secret("482913")


@pytest.mark.parametrize(("seconds", "step"), [(-60, None), (-30, -1), (0, 0), (30, 1), (60, None)])
def test_a_code_holds_for_its_own_step_and_one_either_side(seconds: int, step: int | None) -> None:
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=seconds))
    assert passwords.totp_step(SECRET, code, now=NOW) == (None if step is None else STEP + step)


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "0000000"])
def test_what_is_no_code_matches_no_step(code: str) -> None:
    assert passwords.totp_step(SECRET, code, now=NOW) is None


def test_the_address_names_the_account_and_the_portal() -> None:
    uri = passwords.totp_uri(SECRET, email="li.na@example.org")
    assert uri.startswith("otpauth://totp/Follow-up%20portal:li.na%40example.org?secret=")
