"""The one reader: every case of the table that the phone's reader is tested with, too, and days as staff type them."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal import questionnaires
from portal.domain.diary import local_day
from portal.domain.questionnaire import FAULT_MSGIDS, QuestionnairePage, read_answers
from portal.domain.typed_entry import read_day, read_decimal, read_iso_day, read_whole_number
from tests.support.reading import CASES, plain

ITEMS = questionnaires.load_diary(post_infusion=True, weight=True).by_link
CODES = {msgid: code for code, msgid in FAULT_MSGIDS.items()}


def read(raw: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers and the codes of the faults of these questions, each asked."""
    page = QuestionnairePage("page-x", ITEMS["note"].text, tuple(replace(ITEMS[one], enable_when=()) for one in raw))
    answers, problems = read_answers(page, raw)
    return {link: plain(value) for link, value in answers.items()}, {
        link: CODES[problem.msgid] for link, problem in problems.items()
    }


@pytest.mark.parametrize(("link_id", "raw", "meant"), CASES["answers"])
def test_what_is_typed_means_what_the_table_says(link_id: str, raw: Any, meant: Any) -> None:
    answers, faults = read({link_id: raw})
    assert faults.get(link_id, answers.get(link_id)) == meant


@pytest.mark.parametrize(("raw", "wrong"), CASES["pairs"])
def test_no_part_is_more_than_its_whole(raw: dict[str, str], wrong: dict[str, str]) -> None:
    assert read(raw)[1] == wrong


@pytest.mark.parametrize(("text", "good"), CASES["days"])
def test_a_phone_names_a_day_in_one_way(text: str, good: bool) -> None:
    assert (read_iso_day(text) is not None) == good


@pytest.mark.parametrize(("instant", "zone", "day", "clock"), CASES["local_days"])
def test_an_instant_has_the_day_of_its_zone(instant: str, zone: str, day: str, clock: str) -> None:
    at = datetime.fromisoformat(instant)
    assert (str(local_day(at, zone)), f"{at.astimezone(ZoneInfo(zone)):%H:%M}") == (day, clock)


@pytest.mark.parametrize("text", ["2026-11-24", "2026/11/24", "２０２６－１１－２４", "2026年11月24日", " 2026-11-24 "])
def test_staff_may_write_a_day_in_the_usual_ways(text: str) -> None:
    assert read_day(text) == date(2026, 11, 24)


@pytest.mark.parametrize("text", ["", "2026-02-30", "24/11/2026", "11/24/26", "20261124", "2026-11", "２０２６年"])
def test_what_is_no_day_for_certain_is_none(text: str) -> None:
    assert read_day(text) is None


def test_what_a_programming_language_takes_is_no_number() -> None:
    assert [read_decimal(text) for text in ("1_0", "0x26", "3.85e1", "٣٨", "Infinity")] == [None] * 5
    assert (read_whole_number("1_0"), read_whole_number("１０"), read_decimal("３４，５")) == (
        None,
        10,
        Decimal("34.5"),
    )
