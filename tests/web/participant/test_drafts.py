"""Pages of a diary that come late, twice, from two phones or from an old tab: the newest stands, nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from portal import protocols
from portal.extensions import db, transaction
from portal.models.diary import Diary, DiaryDraft
from portal.models.infusions import Infusion
from portal.models.triage import Flag
from portal.services import day_tokens, infusions
from tests.support.people import NOW, PIN, TODAY, enrol
from tests.support.plans import NURSE, planned
from tests.support.web.diary import TYPED
from tests.support.web.sign_in import PHONE, activate, issue_card, sign_in
from tests.support.web.visitor import Page, Visitor

pytestmark = pytest.mark.usefixtures("both_databases")
FIRST = f"/diary/{TODAY}/how-you-are"
BOWEL = f"/diary/{TODAY}/bowel"
REVIEW = f"/diary/{TODAY}/review"
MINUTE = timedelta(minutes=1)
PAIN: dict[str, Any] = {"temperature-taken": "no", "warning-signs": "chest-pain"}
WELL: dict[str, Any] = {"temperature-taken": "no", "warning-signs": "none"}


def post(visitor: Visitor, path: str, page: Page | None = None, **typed: Any) -> Any:
    form = (page or visitor.visit(path)).form("")
    return visitor.post(path, data=form.filled(**typed))


def answer_all(visitor: Visitor, **changes: Any) -> Page:
    """Every page of today's diary, up to its review."""
    path = visitor.get("/diary").location or ""
    while not path.endswith("/review"):
        page = visitor.visit(path)
        typed: dict[str, Any] = {
            name: value for name, value in (TYPED | changes).items() if name in page.form("").names
        }
        path = post(visitor, path, page, **typed).location
    return visitor.visit(path)


def reds() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Flag.rule_id).where(Flag.severity == "red").order_by(Flag.id)))


def drafts() -> list[DiaryDraft]:
    db.session.rollback()
    return list(db.session.scalars(select(DiaryDraft)))


def diaries() -> list[Diary]:
    db.session.rollback()
    return list(db.session.scalars(select(Diary).order_by(Diary.id)))


def test_a_red_page_is_listed_before_the_diary_is_sent(signed_in: Visitor, coordinator: Visitor) -> None:
    post(signed_in, FIRST, **PAIN)
    page = coordinator.visit("/staff/triage")
    assert page.says("red, diary not sent yet")
    assert page.says("Chest pain")
    assert coordinator.visit("/staff/episodes/1").says("red, diary not sent yet")


def test_an_older_page_of_a_second_phone_does_not_take_newer_answers_away(
    signed_in: Visitor, visitors: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    post(signed_in, BOWEL, **{"bowel-trouble": "no"})
    older = signed_in.visit(BOWEL)
    clock.shift(MINUTE)
    second = sign_in(visitors())
    sick: dict[str, Any] = {
        "bowel-trouble": "yes",
        "loose-stool-count": "6",
        "stool-blood": "obvious",
        "abdominal-pain": "3",
    }
    post(second, BOWEL, **sick)
    clock.shift(MINUTE)
    answer = post(signed_in, BOWEL, older, **{"bowel-trouble": "no"})
    assert answer.status_code == 422
    again = Page(answer.text)
    assert again.says("These are the newest answers")
    assert again.form("").filled()["stool-blood"] == "obvious"
    assert drafts()[0].content["raw"]["loose-stool-count"] == "6"
    clock.shift(MINUTE)
    assert post(signed_in, BOWEL, again, **{"bowel-trouble": "no"}).status_code == 302
    assert drafts()[0].content["raw"]["bowel-trouble"] == "no"


def test_what_is_sent_is_what_the_review_showed(
    signed_in: Visitor, visitors: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    review = answer_all(signed_in)
    clock.shift(MINUTE)
    post(sign_in(visitors()), BOWEL, **{"bowel-trouble": "yes", "loose-stool-count": "2", "stool-blood": "none",
                                        "abdominal-pain": "0", "stool-unmeasured-count": "2"})  # fmt: skip
    answer = post(signed_in, REVIEW, review, note="Sent from the first phone")
    assert (answer.status_code, len(diaries())) == (422, 0)
    again = Page(answer.text)
    assert again.says("The answers have changed since you opened this page")
    assert again.form("").filled()["note"] == "Sent from the first phone"
    sent = post(signed_in, REVIEW, again)
    assert sent.status_code == 302, sent.text
    assert diaries()[0].answers["loose-stool-count"] == 2


def test_an_old_tab_with_a_red_answer_begins_a_later_report(signed_in: Visitor) -> None:
    old = signed_in.visit(FIRST)
    post(signed_in, FIRST, old, **WELL)
    old = signed_in.visit(FIRST)
    post(signed_in, REVIEW, answer_all(signed_in))
    answer = post(signed_in, FIRST, old, **PAIN)
    assert answer.location == FIRST
    assert reds() == ["chest-pain-red"]
    assert signed_in.visit(FIRST).form("").filled()["warning-signs"] == "chest-pain"


def test_an_old_tab_that_says_nothing_new_leads_to_the_result(signed_in: Visitor) -> None:
    post(signed_in, FIRST, **WELL)
    old = signed_in.visit(FIRST)
    post(signed_in, REVIEW, answer_all(signed_in))
    assert post(signed_in, FIRST, old, **WELL).location == "/diary/sent/1"
    assert (drafts(), reds()) == ([], [])


@pytest.mark.parametrize(
    "path",
    [
        f"/diary/{TODAY - timedelta(days=8)}/how-you-are",
        f"/diary/{TODAY + timedelta(days=1)}/how-you-are",
        "/diary/12/1/26/how-you-are".replace("12/1/26", "12-1-26"),
        f"/diary/{TODAY}/a-page-of-last-year",
    ],
)
def test_a_page_of_another_day_or_of_none_is_kept_as_a_report(signed_in: Visitor, path: str) -> None:
    data = {**signed_in.visit(FIRST).form("").filled(), **PAIN}
    answer = signed_in.post(path, data=data)
    (kept,) = diaries()
    assert answer.location == f"/diary/sent/{kept.id}"
    assert (kept.diary_on, kept.timing, kept.severity) == (TODAY, "beyond", "red")
    assert signed_in.post(path, data=data).location == answer.location
    assert len(diaries()) == 1


def test_a_page_without_an_answer_of_no_day_is_not_there(signed_in: Visitor) -> None:
    data = signed_in.visit(FIRST).form("").filled()
    assert signed_in.post("/diary/never/how-you-are", data=data).status_code == 404


def test_hives_of_the_48_hours_are_sent_after_they_have_ended(
    visitors: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    person = planned()
    activate(issue_card(person.accounts[0].id))
    given = infusions.GivenInfusion(Decimal("62.5"), NOW, NOW, "MSC-1")
    with transaction() as session:
        first = session.scalars(select(Infusion).where(Infusion.number == 1)).one()
        who: dict[str, Any] = {"actor": NURSE, "protocol": protocols.load_protocol(), "now": NOW}
        infusions.record_infusion(session, infusion_id=first.id, given=given, **who)
    clock.move_to(NOW + timedelta(hours=47, minutes=59))
    visitor = sign_in(visitors())
    on = TODAY + timedelta(days=2)
    post(visitor, f"/diary/{on}/how-you-are", **WELL)
    post(visitor, f"/diary/{on}/infusion", **{"infusion-signs": "hives-rash"})
    clock.shift(2 * MINUTE)
    post(visitor, f"/diary/{on}/review", answer_all(visitor, **{"infusion-signs": "hives-rash"}))
    (sent,) = diaries()
    assert (sent.answers["infusion-signs"], sent.severity, sent.timing) == (["hives-rash"], "red", "on-time")
    assert reds() == ["infusion-hives"]


def carried(visitor: Visitor, clock: time_machine.Traveller, *, known: bool) -> Page:
    """The sign-in page that came when a page was sent without a session; ``known``: it says whose it was."""
    form = visitor.visit(FIRST).form("").filled(**PAIN)
    if known:
        clock.shift(timedelta(minutes=61))
    else:
        with visitor.session_transaction() as session:
            session.clear()
    return Page(visitor.post(FIRST, data=form).text)


@pytest.mark.parametrize("known", [True, False])
def test_answers_of_a_session_that_is_gone_reach_nobody_else(
    signed_in: Visitor, clock: time_machine.Traveller, known: bool
) -> None:
    activate(issue_card(enrol(2).accounts[0].id))
    page = carried(signed_in, clock, known=known)
    answer = signed_in.submit("/sign-in", page=page, who="13800130002", pin=PIN)
    assert answer.location == "/today"
    assert (drafts(), reds()) == ([], [])


@pytest.mark.parametrize("known", [True, False])
def test_answers_of_a_session_that_is_gone_come_back_to_their_own_account(
    signed_in: Visitor, clock: time_machine.Traveller, known: bool
) -> None:
    page = carried(signed_in, clock, known=known)
    assert signed_in.submit("/sign-in", page=page, who=PHONE, pin=PIN).location == FIRST
    assert reds() == ["chest-pain-red"]


def test_a_session_of_a_reminders_link_sees_nothing_of_the_whole_one(
    signed_in: Visitor, visitors: Callable[[], Visitor]
) -> None:
    post(signed_in, FIRST, **PAIN)
    token = day_tokens.make_day_token(account_id=1, diary_on=TODAY)
    visitor = visitors()
    page = visitor.visit(f"/d/{token}")
    form = page.forms[-1]
    visitor.post(form.action or f"/d/{token}", data=form.filled())
    shown = visitor.visit(FIRST)
    assert "warning-signs" not in shown.form("").filled()
    post(visitor, FIRST, shown, **WELL)
    assert sorted(draft.day_link for draft in drafts()) == [False, True]
    assert signed_in.visit(FIRST).form("").filled()["warning-signs"] == "chest-pain"


def test_saving_a_page_is_a_fixed_number_of_statements(signed_in: Visitor, statements: list[str]) -> None:
    counts = []
    for typed in (WELL, {**WELL, "temperature-taken": "yes", "temperature": "36.6"}, WELL):
        data = signed_in.visit(FIRST).form("").filled(**typed)
        statements.clear()
        signed_in.post(FIRST, data=data)
        counts.append(len(statements))
    assert counts[1:] == [counts[1]] * 2
    assert counts[0] <= counts[1] + 1
    assert db.session.scalar(select(func.count(DiaryDraft.account_id))) == 1
