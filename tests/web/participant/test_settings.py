"""What participants set for themselves."""

from collections.abc import Callable
from datetime import time

import pytest
from werkzeug.test import TestResponse

from portal.extensions import db
from portal.models.people import Account
from tests.support.people import PIN
from tests.support.web.sign_in import PHONE, sign_in
from tests.support.web.visitor import Page, Visitor


def change_pin(visitor: Visitor, **typed: str) -> TestResponse:
    values = {"old": PIN, "new": "907135", "again": "907135", **typed}
    return visitor.submit("/settings", action="/settings/pin", **values)


def test_language_hour_and_texts_are_saved(signed_in: Visitor) -> None:
    signed_in.submit("/settings", language="zh-CN", reminder_at="08:00", reminders_on=None)
    account = db.session.query(Account).one()
    assert (account.language, account.reminder_at, account.reminders_on) == ("zh-CN", time(8), False)


def test_the_page_shows_what_is_set(signed_in: Visitor) -> None:
    signed_in.submit("/settings", language="en", reminder_at="20:00", reminders_on=None)
    values = signed_in.visit("/settings").form("/settings").filled()
    assert (values["language"], values["reminder_at"], "reminders_on" in values) == ("en", "20:00", False)


def test_the_new_language_is_spoken_at_once(signed_in: Visitor) -> None:
    answer = signed_in.submit("/settings", language="zh-CN")
    assert signed_in.visit(str(answer.location)).lang == "zh-Hans-CN"


def test_an_hour_that_is_not_offered_is_refused(signed_in: Visitor) -> None:
    assert signed_in.submit("/settings", reminder_at="03:00").status_code == 422


def test_a_new_pin_signs_other_phones_out_and_not_this_one(signed_in: Visitor, visitors: Callable[[], Visitor]) -> None:
    other = sign_in(visitors())
    change_pin(signed_in)
    assert signed_in.get("/settings").status_code == 200
    assert other.get("/settings").status_code == 302
    assert visitors().submit("/sign-in", who=PHONE, pin="907135").location == "/today"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"old": "000000"}, "That is not your present PIN."),
        ({"new": "123456", "again": "123456"}, "This PIN is easy to guess."),
        ({"again": "907136"}, "The two PINs are not the same."),
        ({"old": ""}, "Enter your present PIN."),
    ],
)
def test_a_pin_is_not_changed_by_mistake(signed_in: Visitor, typed: dict[str, str], words: str) -> None:
    answer = change_pin(signed_in, **typed)
    assert answer.status_code == 422
    assert Page(answer.text).says(words)


def test_signing_out_everywhere_ends_this_session_too(signed_in: Visitor) -> None:
    answer = signed_in.submit("/settings", action="/settings/sign-out-everywhere")
    assert answer.location == "/sign-in"
    assert signed_in.get("/settings").status_code == 302
