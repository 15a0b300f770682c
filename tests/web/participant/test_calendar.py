"""The participant's calendar, as a browser without scripts shows it. It is Monday 23 November 2026, day +20."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal import protocols
from portal.extensions import db, transaction
from portal.models.infusions import Infusion
from portal.services import infusions
from tests.support.people import NOW, enrol
from tests.support.plans import NURSE, planned_a_week_ago
from tests.support.web.sign_in import reader
from tests.support.web.visitor import Page, Visitor, without_tokens

PROTOCOL = protocols.load_protocol()
WORDS_OF_THE_OTHER_ARM = ("infusion", "imsc", "输注", "输液", "细胞", "stem cell", "moved to this day", "cells/kg")


def infusion(number: int) -> int:
    found = db.session.scalar(select(Infusion.id).where(Infusion.number == number))
    assert found is not None
    return found


def give(number: int) -> None:
    given = infusions.GivenInfusion(Decimal(62), NOW - timedelta(days=7), NOW - timedelta(days=7, hours=-1), "MSC-1")
    with transaction() as session:
        infusions.record_infusion(
            session, actor=NURSE, infusion_id=infusion(number), given=given, protocol=PROTOCOL, now=NOW
        )


@pytest.fixture
def trial_arm(visitors: Callable[[], Visitor]) -> Visitor:
    return reader(visitors, planned_a_week_ago(1))


def test_the_month_says_what_each_day_holds(trial_arm: Visitor) -> None:
    page = trial_arm.visit("/calendar")
    assert page.title == "Calendar - Follow-up portal"
    assert page.says("November 2026")
    assert page.says("Thursday 26 November; Infusion at 09:30: planned")
    assert page.says("Monday 23 November; Infusion at 09:30: planned; Diary to fill in")
    assert page.says("Wednesday 18 November; No diary")


def test_the_next_appointment_tells_place_and_preparation(trial_arm: Visitor) -> None:
    page = trial_arm.visit("/calendar")
    assert page.says("Place: Day ward")
    assert page.says("How to prepare")
    assert page.says("Please come 15 minutes early")


def test_how_to_prepare_is_said_once_for_all_infusions(trial_arm: Visitor) -> None:
    page = trial_arm.visit("/calendar")
    assert page.words.count("Please come 15 minutes early") == 1
    assert page.words.count("Infusion") > 3


def test_given_and_missed_are_told_in_words(trial_arm: Visitor) -> None:
    give(1)
    with transaction() as session:
        infusions.miss_infusion(session, actor=NURSE, infusion_id=infusion(2), reason="Fever", now=NOW)
    page = trial_arm.visit("/calendar")
    assert page.says("Monday 16 November; Infusion at 09:30: given")
    assert page.says("Infusion at 09:30: did not take place")
    assert not page.says("Fever")


def test_a_moved_infusion_says_where_it_was_first(trial_arm: Visitor) -> None:
    with transaction() as session:
        to = infusions.find_next_appointment(session, participant_id=1, now=NOW + timedelta(days=1))
        assert to is not None
        infusions.move_infusion(
            session, actor=NURSE, infusion_id=infusion(4), to=to.at + timedelta(days=1), protocol=PROTOCOL, now=NOW
        )
    page = trial_arm.visit("/calendar")
    assert page.says("Friday 27 November; Infusion at 09:30: moved")
    assert page.says("It was Thursday 26 November, 09:30. It is now Friday 27 November, 09:30.")


def test_an_open_day_leads_to_the_diary(trial_arm: Visitor) -> None:
    assert "/diary" in trial_arm.visit("/calendar").links


def test_one_turns_to_the_next_month_and_back(trial_arm: Visitor) -> None:
    assert "/calendar?month=2026-12" in trial_arm.visit("/calendar").links
    assert "/calendar?month=2026-11" in trial_arm.visit("/calendar?month=2026-12").links


def test_a_month_that_does_not_exist_is_not_found(trial_arm: Visitor) -> None:
    wrong = ("2026-13", "soon", "2026", "0001-01", "9999-12", "2026-11-01")
    assert {trial_arm.get(f"/calendar?month={month}").status_code for month in wrong} == {404}


def test_the_calendar_is_chinese_for_those_who_read_chinese(visitors: Callable[[], Visitor]) -> None:
    page = reader(visitors, planned_a_week_ago(1), language="zh-CN").visit("/calendar")
    assert page.lang == "zh-Hans-CN"
    assert page.says("2026年11月")
    assert page.says("日间病房")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_control_arm_never_sees_a_trace_of_the_other(visitors: Callable[[], Visitor], language: str) -> None:
    visitor = reader(visitors, planned_a_week_ago(1, arm="control"), language=language)
    for path in ("/calendar", "/calendar?month=2026-12", "/today"):
        source = without_tokens(visitor.get(path).text).lower()
        assert [words for words in WORDS_OF_THE_OTHER_ARM if words in source] == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_those_words_would_be_found_in_the_other_arm(visitors: Callable[[], Visitor], language: str) -> None:
    source = reader(visitors, planned_a_week_ago(1), language=language).get("/calendar").text.lower()
    assert any(words in source for words in WORDS_OF_THE_OTHER_ARM)


def test_the_control_arm_sees_its_visits(visitors: Callable[[], Visitor]) -> None:
    page = reader(visitors, planned_a_week_ago(1, arm="control")).visit("/calendar")
    assert page.says("Visit on day 28")


def test_without_appointments_it_says_so(visitors: Callable[[], Visitor]) -> None:
    assert reader(visitors, enrol(1)).visit("/calendar").says("There is no appointment ahead.")


def test_strangers_are_asked_to_sign_in(client: Visitor) -> None:
    assert client.get("/calendar").status_code == 302


def test_a_full_month_takes_no_more_statements_than_an_empty_one(
    visitors: Callable[[], Visitor], statements: list[str]
) -> None:
    empty, full = reader(visitors, enrol(1)), reader(visitors, planned_a_week_ago(2))
    counts = []
    for visitor in (empty, full):
        visitor.get("/calendar")
        statements.clear()
        visitor.get("/calendar")
        counts.append(sum(one.startswith("SELECT") for one in statements))
    assert counts[0] == counts[1]


def test_the_page_reads_as_a_page(trial_arm: Visitor) -> None:
    page = Page(trial_arm.get("/calendar").text)
    assert [words for tag, words in page.headings if tag == "h1"] == ["Calendar"]
