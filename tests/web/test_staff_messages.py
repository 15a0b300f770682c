"""The ledger as staff read it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from portal.domain.access import SYSTEM, Role
from portal.extensions import transaction
from portal.models.messages import Message
from portal.models.people import Participant
from portal.services import audit, messages
from tests.people import NOW, at_site, enrol
from tests.web.visitor import Visitor


def add(person: Participant, *occurrences: str, **changes: object) -> None:
    facts = {
        "participant_id": person.id, "account_id": person.accounts[0].id, "recipient": f"account:{person.id}",
        "kind": "diary-reminder", "template_version": 1, "language": "en", "state": "planned", "not_before_at": NOW,
        "expires_at": NOW + timedelta(hours=5), "created_at": NOW, "attempts": 0,
    }  # fmt: skip
    with transaction() as session:
        audit.act(session, actor=SYSTEM, action="test:add", now=NOW)
        for occurrence in occurrences:
            key = {"occurrence": occurrence, "token": f"{person.id}-{occurrence}"}
            session.add(Message(**{**facts, **key, **changes}))


def test_a_text_is_shown_with_its_state_its_reason_and_a_masked_phone(
    coordinator: Visitor, participant: Participant
) -> None:
    add(participant, "1", state="failed", reason="unreachable", error_code="30003", phone="+8613800130001", body="Hi.")
    words = coordinator.get("/staff/messages").text
    for expected in ("RJ-001", "Diary reminder", "Failed", "the phone could not be reached", "30003", "Hi."):
        assert expected in words
    assert "+86…0001" in words
    assert "13800130001" not in words


def test_other_sites_stay_theirs(coordinator: Visitor) -> None:
    add(enrol(2, site="XX"), "1")
    assert "RJ-002" not in coordinator.get("/staff/messages").text


def test_an_empty_ledger_says_so(coordinator: Visitor) -> None:
    assert "There are no texts yet." in coordinator.get("/staff/messages").text


def test_pages_follow_the_key_and_lose_nothing(app: Flask, participant: Participant) -> None:
    add(participant, *map(str, range(7)))
    with transaction() as session:
        first = messages.recent(session, actor=at_site("RJ"), limit=4)
        second = messages.recent(session, actor=at_site("RJ"), before_id=first.older_than, limit=4)
    assert [row.occurrence for row in first.rows + second.rows] == list("6543210")
    assert second.older_than is None


def test_the_page_leads_to_the_older_ones(coordinator: Visitor, participant: Participant) -> None:
    add(participant, *map(str, range(51)))
    page = coordinator.get("/staff/messages")
    assert "Older texts" in page.text
    assert "?before=" in page.text


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.DATA_MANAGER, 200), (Role.INVESTIGATOR, 200), (Role.MONITOR, 403), (Role.STATISTICIAN, 403)],
)
def test_who_may_read_the_ledger(staff_of: Callable[[Role], Visitor], role: Role, status: int) -> None:
    assert staff_of(role).get("/staff/messages").status_code == status


def test_a_participants_texts_come_newest_first(app: Flask, participant: Participant) -> None:
    add(participant, "1", "2")
    with transaction() as session:
        rows = messages.for_participant(session, actor=at_site("RJ"), study_number=participant.study_number)
    assert [row.occurrence for row in rows] == ["2", "1"]
