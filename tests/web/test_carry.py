"""What somebody typed is not lost when their session has ended."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from portal.extensions import db, transaction
from portal.models.diary import Diary, DiaryDraft
from portal.models.people import Participant
from portal.services import diary
from tests.support.answers import BLOODY, submission, themselves
from tests.support.people import NOW, PIN, enrol
from tests.support.web.sign_in import PHONE, activate, issue_card, sign_in
from tests.support.web.visitor import Page, Visitor

DAY = "2026-11-23"


def first_page(visitor: Visitor) -> tuple[str, Page]:
    path = visitor.get("/diary").location
    assert path
    return path, visitor.visit(path)


def typed(page: Page, path: str) -> dict[str, str]:
    """The first topic, filled in as far as its first choice."""
    form = page.form("")
    return {**form.filled(), "temperature-taken": "true", "temperature": "37.8"}


@pytest.fixture
def expired(signed_in: Visitor, clock: time_machine.Traveller) -> tuple[Visitor, str, dict[str, str]]:
    """A visitor whose session has ended while a page of the diary was open: the visitor, the path, what is typed."""
    path, page = first_page(signed_in)
    values = typed(page, path)
    clock.shift(timedelta(minutes=61))
    return signed_in, path, values


def test_a_diary_page_sent_after_the_session_ended_leads_to_sign_in(
    expired: tuple[Visitor, str, dict[str, str]],
) -> None:
    visitor, path, values = expired
    page = Page(visitor.post(path, data=values).text)
    assert page.title.startswith("Sign in")
    assert page.says("Nothing you typed is lost")


@pytest.mark.usefixtures("both_databases")
def test_after_signing_in_it_is_in_the_draft_and_shown(expired: tuple[Visitor, str, dict[str, str]]) -> None:
    visitor, path, values = expired
    page = Page(visitor.post(path, data=values).text)
    answer = visitor.submit("/sign-in", page=page, who=PHONE, pin=PIN)
    assert answer.location == path
    assert "37.8" in visitor.get(path).text


def test_a_wrong_pin_in_between_loses_nothing(expired: tuple[Visitor, str, dict[str, str]]) -> None:
    visitor, path, values = expired
    page = Page(visitor.post(path, data=values).text)
    again = Page(visitor.submit("/sign-in", page=page, who=PHONE, pin="000000").text)
    visitor.submit("/sign-in", page=again, who=PHONE, pin=PIN)
    assert "37.8" in visitor.get(path).text


def test_what_is_carried_cannot_be_read_on_the_way(expired: tuple[Visitor, str, dict[str, str]]) -> None:
    visitor, path, values = expired
    assert "37.8" not in visitor.post(path, data=values).text


def test_somebody_else_signing_in_drops_it(expired: tuple[Visitor, str, dict[str, str]]) -> None:
    visitor, path, values = expired
    activate(issue_card(enrol(2).accounts[0].id))
    page = Page(visitor.post(path, data=values).text)
    assert visitor.submit("/sign-in", page=page, who="13800130002", pin=PIN).location == "/today"
    assert db.session.query(DiaryDraft).count() == 0


def test_after_a_day_it_is_dropped(expired: tuple[Visitor, str, dict[str, str]], clock: time_machine.Traveller) -> None:
    visitor, path, values = expired
    page = Page(visitor.post(path, data=values).text)
    clock.shift(timedelta(hours=25))
    assert visitor.submit("/sign-in", page=page, who=PHONE, pin=PIN).location == "/today"


@pytest.mark.parametrize("token", ["", "nonsense", "gAAAAA", "日记"])
def test_a_token_that_is_not_ours_is_dropped(client: Visitor, card_code: str, token: str) -> None:
    activate(card_code)
    values = {**client.visit("/sign-in").form("/sign-in").filled(), "carried": token, "who": PHONE, "pin": PIN}
    assert client.post("/sign-in", data=values).location == "/today"


def test_another_site_cannot_put_answers_into_a_diary(client: Visitor) -> None:
    foreign = {"Origin": "https://evil.example"}
    answer = client.post(f"/diary/{DAY}/you", data={"temperature": "41.0"}, headers=foreign)
    assert answer.location == "/sign-in"


@pytest.fixture
def sent(participant: Participant) -> int:
    """A report of today with loose stool in it."""
    with transaction() as session:
        actor = themselves(session.get_one(Participant, participant.id))
        return diary.submit_diary(session, actor=actor, submission=submission(**BLOODY), now=NOW).diary_id


def signed_out_while_sending(
    visitor: Visitor, path: str, clock: time_machine.Traveller, **values: str
) -> tuple[Page, Page]:
    """The sign-in page that came instead, and the page after signing in."""
    form = visitor.visit(path).form(path)
    clock.shift(timedelta(minutes=61))
    came = Page(visitor.post(path, data=form.filled(**values)).text)
    return came, Page(visitor.submit("/sign-in", page=came, who=PHONE, pin=PIN).text)


@pytest.mark.usefixtures("both_databases")
def test_a_half_typed_correction_is_there_after_signing_in_and_goes_on_from_there(
    signed_in: Visitor, sent: int, clock: time_machine.Traveller
) -> None:
    path = f"/record/{sent}/correct/bowel"
    typed = {"loose-stool-count": "1", "reason": "I counted the day before, too"}
    came, after = signed_out_while_sending(signed_in, path, clock, **typed)
    assert came.says("Nothing you typed is lost")
    assert after.says("I counted the day before, too")
    form = after.form(path)
    assert form.filled()["loose-stool-count"] == "1"
    assert db.session.query(Diary).count() == 1
    answer = signed_in.post(path, data={**form.filled(), "reason": typed["reason"]})
    assert (answer.status_code, db.session.query(Diary).count()) == (302, 2)


def test_an_answer_to_the_study_team_is_there_after_signing_in(
    signed_in: Visitor, sent: int, coordinator: Visitor, clock: time_machine.Traveller
) -> None:
    coordinator.submit(
        "/staff/participants/RJ-001/diaries/1",
        action="/staff/participants/RJ-001/diaries/1/queries",
        question="How many times was it?",
    )
    _came, after = signed_out_while_sending(signed_in, "/queries/1", clock, answer="Three times, all before noon")
    assert after.says("Three times, all before noon")
    assert after.form("/queries/1")


def test_changing_the_language_at_the_sign_in_keeps_what_is_carried(
    expired: tuple[Visitor, str, dict[str, str]],
) -> None:
    visitor, path, values = expired
    page = Page(visitor.post(path, data=values).text)
    switch = page.form("/sign-in/language").filled()
    chinese = Page(visitor.post("/sign-in/language", data={**switch, "language": "zh-CN"}).text)
    assert (chinese.lang, chinese.title[:2]) == ("zh-Hans-CN", "登录")
    assert visitor.submit("/sign-in", page=chinese, who=PHONE, pin=PIN).location == path
    assert "37.8" in visitor.get(path).text


def test_changing_the_language_with_nothing_carried_keeps_where_to_go(client: Visitor) -> None:
    page = client.visit("/sign-in?next=/calendar")
    switch = page.form("/sign-in/language").filled()
    answer = client.post("/sign-in/language", data={**switch, "language": "zh-CN"})
    assert answer.location == "/sign-in?next=/calendar"
    assert client.visit(answer.location).lang == "zh-Hans-CN"


def test_a_correction_whose_token_has_aged_is_sent_again_by_one_tap(signed_in: Visitor, sent: int) -> None:
    path = f"/record/{sent}/correct/bowel"
    values = {**signed_in.visit(path).form(path).filled(), "loose-stool-count": "1", "reason": "Miscounted"}
    again = Page(signed_in.post(path, data={**values, "csrf_token": "long ago"}).text)
    assert again.title.startswith("Please send again")
    signed_in.submit(path, page=again)
    assert db.session.query(Diary).count() == 2


def test_only_what_can_be_put_back_is_carried(client: Visitor) -> None:
    assert client.post("/settings", data={"reminders_on": ""}).location == "/sign-in"


def test_a_photograph_is_chosen_again_on_its_page(client: Visitor) -> None:
    answer = client.post(f"/photos/{DAY}", data={"photo": (io.BytesIO(b"a picture"), "rash.jpg")})
    assert answer.location == f"/sign-in?next=/photos/{DAY}"
    assert client.visit(answer.location).says("The photograph has not been sent")


def test_a_huge_form_is_not_carried(client: Visitor) -> None:
    assert client.post(f"/diary/{DAY}/you", data={"note": "x" * 70_000}).location == "/sign-in"


def test_a_diary_page_whose_token_has_aged_is_sent_again_by_one_tap(signed_in: Visitor) -> None:
    path, page = first_page(signed_in)
    answer = signed_in.post(path, data={**typed(page, path), "csrf_token": "long ago"})
    again = Page(answer.text)
    assert (answer.status_code, again.title[:17]) == (400, "Please send again")
    signed_in.submit(path, page=again)
    assert "37.8" in signed_in.get(path).text


def test_an_aged_token_from_another_site_is_not_offered_again(signed_in: Visitor) -> None:
    path, page = first_page(signed_in)
    values = {**typed(page, path), "csrf_token": "forged"}
    answer = signed_in.post(path, data=values, headers={"Origin": "https://evil.example"})
    assert "37.8" not in answer.text


def test_two_phones_do_not_share_what_is_carried(
    expired: tuple[Visitor, str, dict[str, str]], visitors: Callable[[], Visitor]
) -> None:
    visitor, path, values = expired
    visitor.post(path, data=values)
    assert "37.8" not in sign_in(visitors()).get(path).text
