"""About the study: all of the registry entry, for everybody."""

import pytest
from flask import Flask

from portal import protocols
from portal.domain.protocol import LocalizedText
from portal.services import study
from portal.web.staff.study import pages
from tests.support.web.visitor import Visitor

PROTOCOL = protocols.load_protocol()


def every_text(value: object) -> list[LocalizedText]:
    return [one.value for one in study.list_protocol_values(value, "x") if isinstance(one.value, LocalizedText)]


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("part", ["registry", "arms", "interventions", "criteria"])
def test_every_word_of_the_entry_is_on_the_page(client: Visitor, part: str, language: str) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    words = squeezed(client.visit("/study").words)
    missing = [text for text in every_text(getattr(PROTOCOL, part)) if squeezed(text.in_(language)) not in words]
    assert missing == []


@pytest.mark.parametrize(
    "fact",
    ["NCT06949267", "RJ-BMT-GvHD-001", "56", "1 June 2025", "31 March 2028", "29 April 2025", "14 to 70 years",
     "+86 021-64370045", "NCT03631589", "MSC for Severe aGVHD", "NCT04247945"],
)  # fmt: skip
def test_numbers_and_dates_are_there(client: Visitor, fact: str) -> None:
    assert client.visit("/study").says(fact)


def test_a_participant_reads_it_with_the_navigation(signed_in: Visitor) -> None:
    assert "/today" in signed_in.visit("/study").links


def test_staff_see_every_assumption_with_its_reason(coordinator: Visitor) -> None:
    page = coordinator.visit("/staff/study")
    assert [one.key for one in PROTOCOL.assumptions if not page.says(squeezed(one.why.en))] == []


def test_staff_see_every_threshold_in_words(app: Flask, coordinator: Visitor) -> None:
    page = coordinator.visit("/staff/study")
    with app.test_request_context():
        rows = pages.protocol_rows(PROTOCOL, "thresholds")
    assert [row for row in rows if not (page.says(row.label) and page.says(row.value))] == []
    assert len(rows) > 30


def test_a_value_that_awaits_confirmation_is_marked(coordinator: Visitor) -> None:
    assert coordinator.visit("/staff/study").words.count("to be confirmed") > 20


def test_staff_see_how_many_are_enrolled(coordinator: Visitor, participant: object) -> None:
    assert coordinator.visit("/staff/study").says("1 of 28")
