"""The first account of an install, made at a terminal."""

import re

import pyotp
import pytest
from click.testing import Result
from flask import Flask

from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.models.people import Staff
from portal.services import team
from tests.support.people import NOW

PASSWORD = "correct horse battery staple"
ARGUMENTS = ["--email", "li.na@example.org", "--name", "李娜", "--role", "coordinator", "--site", "RJ"]


def create(app: Flask, *arguments: str, typed: str = f"{PASSWORD}\n") -> Result:
    return app.test_cli_runner().invoke(args=["create-staff", *arguments], input=typed)


def test_the_account_it_makes_can_sign_in(app: Flask) -> None:
    shown = create(app, *ARGUMENTS, "--password-stdin")
    secret = re.search(r"Secret: (\w+)", shown.output)
    assert secret
    with transaction() as session:
        code = pyotp.TOTP(secret[1]).at(NOW)
        assert team.sign_in_staff(
            session, actor=SYSTEM, email="li.na@example.org", password=PASSWORD, code=code, now=NOW
        )


def test_it_shows_a_qr_code_and_its_address(app: Flask) -> None:
    shown = create(app, *ARGUMENTS, "--password-stdin").output
    assert "otpauth://totp/" in shown
    assert len([line for line in shown.splitlines() if "█" in line]) > 10


def test_it_asks_for_what_was_not_given(app: Flask) -> None:
    answers = ["li.na@example.org", "李娜", "monitor", "RJ", PASSWORD, PASSWORD]
    shown = create(app, typed="\n".join(answers) + "\n")
    assert shown.exit_code == 0, shown.output
    assert (db.session.query(Staff).one().role, db.session.query(Staff).one().sites) == ("monitor", ["RJ"])


def test_the_password_is_not_shown(app: Flask) -> None:
    assert PASSWORD not in create(app, *ARGUMENTS, "--password-stdin").output


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        ([*ARGUMENTS, "--password-stdin"], "short\n", "password: Use at least 12 characters."),
        ([*ARGUMENTS[:-1], "XX", "--password-stdin"], f"{PASSWORD}\n", "sites: Choose sites of the protocol."),
        (["--email", "x", *ARGUMENTS[2:], "--password-stdin"], f"{PASSWORD}\n", "email: Enter an e-mail address"),
    ],
)
def test_a_wrong_account_is_refused_by_name(app: Flask, arguments: list[str], typed: str, words: str) -> None:
    shown = create(app, *arguments, typed=typed)
    assert shown.exit_code == 1
    assert words in shown.output
    assert db.session.query(Staff).count() == 0
