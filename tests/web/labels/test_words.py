"""Dates, days and points as each language writes them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask_babel import force_locale

from portal.web.labels import dates

EVENING = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def page(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_a_table_says_a_day_in_short() -> None:
    with force_locale("en"):
        assert dates.table_day_label(date(2026, 11, 26)) == "Thu 26 Nov"
        assert dates.table_instant_label(EVENING) == "Thu 26 Nov, 09:30"
    with force_locale("zh_Hans_CN"):
        assert dates.table_day_label(date(2026, 11, 26)) == "11月26日 周四"
        assert dates.table_instant_label(EVENING) == "11月26日 周四 09:30"


@pytest.mark.parametrize(("day", "en", "zh"), [(8, "+8", "8"), (0, "+0", "0"), (-3, "-3", "-3")])
def test_only_english_signs_the_days_after_the_transplant(day: int, en: str, zh: str) -> None:
    with force_locale("en"):
        assert dates.study_day_label(day) == en
    with force_locale("zh_Hans_CN"):
        assert dates.study_day_label(day) == zh


def test_chinese_has_points_of_its_own() -> None:
    with force_locale("en"):
        assert (dates.point("stop"), dates.point("gap"), dates.bracketed("a")) == (". ", " ", "(a)")
    with force_locale("zh_Hans_CN"):
        assert (dates.point("stop"), dates.point("gap"), dates.bracketed("a")) == ("。", "", "（a）")


def test_every_point_is_there_in_both_languages() -> None:
    assert dates.POINTS["en"].keys() == dates.POINTS["zh"].keys()
