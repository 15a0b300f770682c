"""The ledger as staff read it."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.domain.access import Role
from portal.extensions import transaction
from portal.models.people import Participant
from portal.services import messages
from tests.support.messages import add_planned
from tests.support.people import at_site, enrol
from tests.support.web.visitor import Visitor


def test_a_text_is_shown_with_its_state_its_reason_and_a_masked_phone(
    coordinator: Visitor, participant: Participant
) -> None:
    add_planned(
        participant, "1", state="failed", reason="unreachable", error_code="30003", phone="+8613800130001", body="Hi."
    )
    words = coordinator.get("/staff/messages").text
    for expected in ("RJ-001", "Diary reminder", "Failed", "the phone could not be reached", "30003", "Hi."):
        assert expected in words
    assert "+86…0001" in words
    assert "13800130001" not in words


def test_other_sites_stay_theirs(coordinator: Visitor) -> None:
    add_planned(enrol(2, site="XX"), "1")
    assert "RJ-002" not in coordinator.get("/staff/messages").text


def test_an_empty_ledger_says_so(coordinator: Visitor) -> None:
    assert "There are no messages yet." in coordinator.get("/staff/messages").text


def test_pages_follow_the_key_and_lose_nothing(app: Flask, participant: Participant) -> None:
    add_planned(participant, *map(str, range(7)))
    with transaction() as session:
        first = messages.list_recent_messages(session, actor=at_site("RJ"), limit=4)
        second = messages.list_recent_messages(session, actor=at_site("RJ"), before_id=first.older_than, limit=4)
    assert [row.dedupe_key for row in first.rows + second.rows] == list("6543210")
    assert second.older_than is None


def test_the_page_leads_to_the_older_ones(coordinator: Visitor, participant: Participant) -> None:
    add_planned(participant, *map(str, range(51)))
    page = coordinator.get("/staff/messages")
    assert "Older messages" in page.text
    assert "?before=" in page.text


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.DATA_MANAGER, 200), (Role.INVESTIGATOR, 200), (Role.MONITOR, 403), (Role.STATISTICIAN, 403)],
)
def test_who_may_read_the_ledger(staff_of: Callable[[Role], Visitor], role: Role, status: int) -> None:
    assert staff_of(role).get("/staff/messages").status_code == status


def test_a_participants_texts_come_newest_first(app: Flask, participant: Participant) -> None:
    add_planned(participant, "1", "2")
    with transaction() as session:
        rows = messages.list_participant_messages(session, actor=at_site("RJ"), study_number=participant.study_number)
    assert [row.dedupe_key for row in rows] == ["2", "1"]
