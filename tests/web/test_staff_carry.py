"""The session had ended when a form was sent: what was typed is shown after signing in; one button sends it."""

import io
from collections.abc import Callable, Mapping
from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.test import TestResponse
from wtforms import PasswordField

from portal.domain.access import Role
from portal.domain.alert_rules import Organ
from portal.extensions import db
from portal.models.people import Participant, Staff
from portal.models.tasks import Task
from portal.web.staff import form_recovery
from tests.support.diaries import red, report
from tests.support.people import PASSWORD
from tests.support.web.sign_in import hire
from tests.support.web.visitor import Page, Visitor

TASK = "/staff/tasks/1"
CLOSE = f"{TASK}/close"
WORDS = 'Seen on the ward: "no jaundice" <now>'


@pytest.fixture(autouse=True)
def jaundice(participant: Participant) -> None:
    report(participant, [red("jaundice-red", Organ.LIVER)])


@pytest.fixture
def pause(coordinator: Visitor, clock: time_machine.Traveller) -> Callable[..., Page]:
    """Fill in a form, wait for an hour, send it; the page that one then sees."""

    def send(path: str, action: str, *, referrer: str | None = None, **typed: str) -> Page:
        values = coordinator.visit(path).form(action).filled(**typed)
        clock.shift(timedelta(hours=1))
        headers = {"Referer": f"http://localhost{referrer or path}", "Origin": "http://localhost"}
        answer = coordinator.post(action, data=values, headers=headers)
        assert answer.status_code == 200, answer.status_code
        return Page(answer.text)

    return send


def sign_in_again(
    visitor: Visitor, page: Page, clock: time_machine.Traveller, role: Role = Role.COORDINATOR
) -> TestResponse:
    secret = db.session.scalars(select(Staff.totp_secret).where(Staff.role == role)).one()
    clock.shift(timedelta(seconds=31))
    typed = {"email": f"{role}@example.org", "password": PASSWORD, "code": pyotp.TOTP(secret).now()}
    return visitor.post("/staff/sign-in", data=page.form("/staff/sign-in").filled(**typed))


def reason_of(answer: TestResponse) -> str:
    page = Page(answer.text)
    return dict(page.form(CLOSE).values)["reason"]


def task_is_open() -> bool:
    db.session.rollback()
    return db.session.scalars(select(Task.closed_at)).one() is None


def test_what_was_typed_is_shown_and_sent_again_by_one_button(
    coordinator: Visitor, pause: Callable[..., Page], clock: time_machine.Traveller
) -> None:
    page = pause(TASK, CLOSE, reason=WORDS)
    assert page.says("Nothing you typed is lost")
    assert "jaundice" not in page.words
    answer = sign_in_again(coordinator, page, clock)
    assert answer.status_code == 200
    assert reason_of(answer) == WORDS
    assert Page(answer.text).title.startswith("What you typed")
    assert Page(answer.text).says("it has not been sent")
    assert Page(answer.text).says(WORDS)
    assert task_is_open()
    coordinator.submit(TASK, action=CLOSE, page=Page(answer.text))
    assert not task_is_open()


def test_it_is_sealed_on_its_way(pause: Callable[..., Page]) -> None:
    carried = dict(pause(TASK, CLOSE, reason=WORDS).form("/staff/sign-in").values)["carried"]
    assert "jaundice" not in carried
    assert len(carried) > 200


def shown_again(coordinator: Visitor, action: str, data: Mapping[str, object]) -> Page:
    """What is shown of a form whose token was not good."""
    answer = coordinator.post(action, data={**data, "csrf_token": "aged"}, content_type="multipart/form-data")
    assert answer.status_code == 400
    return Page(answer.text)


def test_each_value_has_its_fields_label_and_a_choice_its_words(coordinator: Visitor) -> None:
    path = "/staff/episodes/1/wait"
    page = shown_again(coordinator, path, {"version": "1", "waiting_for": "participant", "note": "two\nlines & more"})
    assert page.says("What has to come first?")
    assert page.says("the participant")
    assert page.says("Note (optional) two lines & more")
    assert "version" not in page.words
    assert page.form(path).filled()["version"] == "1"


def test_secrets_are_typed_again(coordinator: Visitor) -> None:
    form = shown_again(coordinator, "/staff/account/password", {"old": "secret-1", "new": "secret-2", "code": "123456"})
    again = form.form("/staff/account/password")
    assert {"old", "new", "code"} <= again.names
    assert {value for name, value in again.values if name in {"old", "new", "code"}} <= {""}


def test_a_file_is_chosen_again(staff_of: Callable[[Role], Visitor]) -> None:
    path, chosen = "/staff/allocation", {"list": (io.BytesIO(b"a,b"), "list.csv")}
    assert "list" in shown_again(staff_of(Role.STATISTICIAN), path, chosen).form(path).names


def test_the_page_is_in_the_language_of_whoever_reads_it(coordinator: Visitor) -> None:
    coordinator.post("/language", data={**coordinator.visit(TASK).form("/language").filled(), "language": "zh-CN"})
    page = shown_again(coordinator, CLOSE, {"reason": WORDS})
    assert page.title.startswith("您填写的内容")
    assert page.says("重新提交")
    assert page.says(WORDS)


def test_a_field_that_no_form_declares_is_shown_by_its_name(coordinator: Visitor) -> None:
    page = shown_again(coordinator, CLOSE, {"reason": WORDS, "elsewhere": "typed, too"})
    assert page.says("elsewhere typed, too")


def test_it_survives_a_change_of_language_and_a_wrong_code(
    coordinator: Visitor, pause: Callable[..., Page], clock: time_machine.Traveller
) -> None:
    page = pause(TASK, CLOSE, reason=WORDS)
    there = "/staff/sign-in/language"
    page = Page(coordinator.post(there, data={**page.form(there).filled(), "language": "zh-CN"}).text)
    wrong = page.form("/staff/sign-in").filled(email="coordinator@example.org", password=PASSWORD, code="000000")
    page = Page(coordinator.post("/staff/sign-in", data=wrong).text)
    assert reason_of(sign_in_again(coordinator, page, clock)) == WORDS


def test_somebody_else_at_the_same_desk_does_not_get_it(
    coordinator: Visitor,
    pause: Callable[..., Page],
    clock: time_machine.Traveller,
) -> None:
    page = pause(TASK, CLOSE, reason=WORDS)
    hire(Role.INVESTIGATOR)
    answer = sign_in_again(coordinator, page, clock, Role.INVESTIGATOR)
    assert (answer.status_code, answer.location) == (302, "/staff")


def test_after_half_a_day_it_is_gone(
    coordinator: Visitor, pause: Callable[..., Page], clock: time_machine.Traveller
) -> None:
    page = pause(TASK, CLOSE, reason=WORDS)
    clock.shift(timedelta(hours=12))
    assert sign_in_again(coordinator, page, clock).status_code == 302


def test_a_form_of_another_site_is_not_carried(coordinator: Visitor, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(hours=1))
    answer = coordinator.post(CLOSE, data={"reason": WORDS}, headers={"Origin": "https://evil.example"})
    assert answer.location == "/staff/sign-in"


def test_where_nobody_had_been_signed_in_nothing_is_carried(client: Visitor) -> None:
    assert client.post(CLOSE, data={"reason": WORDS}).location == "/staff/sign-in"


def test_who_signed_in_anew_in_another_tab_gets_the_form_again(coordinator: Visitor) -> None:
    values = coordinator.visit(TASK).form(CLOSE).filled(reason=WORDS)
    stale = {**values, "csrf_token": "of the session before"}
    answer = coordinator.post(CLOSE, data=stale, headers={"Referer": f"http://localhost{TASK}"})
    assert answer.status_code == 400
    assert reason_of(answer) == WORDS
    assert task_is_open()
    coordinator.submit(TASK, action=CLOSE, page=Page(answer.text))
    assert not task_is_open()


def forms_of_the_team() -> list[type[FlaskForm]]:
    def below(kind: type[FlaskForm]) -> list[type[FlaskForm]]:
        return [one for sub in kind.__subclasses__() for one in (sub, *below(sub))]

    return [form for form in below(FlaskForm) if form.__module__.startswith("portal.web.staff")]


def test_no_secret_of_any_form_is_carried(app: Flask) -> None:
    secrets = {
        name
        for form in forms_of_the_team()
        for name in dir(form)
        if getattr(getattr(form, name), "field_class", None) is PasswordField
    }
    assert {"password", "old", "new", "again"} <= secrets
    assert secrets | {"code", "csrf_token"} <= form_recovery.NEVER
