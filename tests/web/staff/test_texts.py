"""What staff do with texts: read what came back, send again, switch off, and look at the wordings."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.access import Role
from portal.extensions import db, transaction
from portal.models.messages import InboundText, Message
from portal.models.people import Participant
from portal.services import audit, heartbeats
from tests.support.messages import FAILED, add_planned, receive
from tests.support.people import NOW, enrol
from tests.support.web.visitor import Visitor


def only() -> Message:
    db.session.rollback()
    return db.session.scalars(select(Message).order_by(Message.id.desc())).first()  # type: ignore[return-value]


def test_an_unreachable_phone_is_listed_until_a_text_arrives(coordinator: Visitor, participant: Participant) -> None:
    add_planned(participant, "1", **FAILED, final_at=NOW)
    assert "Unreachable phones" in coordinator.get("/staff/messages").text
    add_planned(participant, "2", state="delivered", final_at=NOW, sent_at=NOW)
    assert "Unreachable phones" not in coordinator.get("/staff/messages").text


def test_a_phone_whose_number_was_changed_is_no_longer_listed(coordinator: Visitor, participant: Participant) -> None:
    add_planned(participant, "1", **{**FAILED, "phone": "+8613800139999"}, final_at=NOW)
    assert "Unreachable phones" not in coordinator.get("/staff/messages").text


def test_days_show_the_share_that_arrived_and_how_long_it_took(coordinator: Visitor, participant: Participant) -> None:
    at = NOW + timedelta(seconds=7)
    add_planned(participant, "1", state="delivered", sent_at=at, final_at=at + timedelta(seconds=20))
    add_planned(participant, "2", state="failed", reason="unreachable", sent_at=at, final_at=at)
    page = coordinator.visit("/staff/messages")
    for words in ("By day", "50 %", "7 s", "20 s"):
        assert page.says(words)


def test_a_text_that_may_have_gone_twice_is_named(coordinator: Visitor, participant: Participant) -> None:
    add_planned(participant, "1", state="sent", sent_at=NOW, uncertain_at=NOW)
    assert "May have gone twice" in coordinator.get("/staff/messages").text


def test_a_text_is_sent_again_with_a_reason_as_a_row_of_its_own(coordinator: Visitor, participant: Participant) -> None:
    add_planned(participant, "2026-11-23", **FAILED, final_at=NOW)
    first = only().id
    answer = coordinator.submit(f"/staff/messages/{first}", action=f"/staff/messages/{first}/resend", reason="new SIM")
    again = only()
    assert answer.location == f"/staff/messages/{again.id}"
    assert (again.dedupe_key, again.state, again.again_of) == ("2026-11-23~2", "planned", first)
    (change,) = audit.list_row_changes(db.session, entity="message", entity_id=again.id)
    assert (change.action, change.reason) == ("message:resend", "new SIM")
    assert "Repeats" in coordinator.get(f"/staff/messages/{again.id}").text


def test_without_a_reason_nothing_is_sent_and_the_field_says_so(coordinator: Visitor, participant: Participant) -> None:
    add_planned(participant, "2026-11-23", **FAILED, final_at=NOW)
    path = f"/staff/messages/{only().id}"
    answer = coordinator.submit(path, action=f"{path}/resend", reason=" ")
    assert answer.status_code == 422
    assert "Please give the reason." in answer.text
    assert only().again_of is None


@pytest.mark.parametrize(
    "changes",
    [{"state": "planned"}, {**FAILED, "expires_at": NOW}, {**FAILED, "kind": "sign-in-code"}],
    ids=["still-open", "too-late", "a-code"],
)
def test_what_cannot_be_sent_again_offers_no_button(
    coordinator: Visitor, participant: Participant, changes: dict[str, object]
) -> None:
    add_planned(participant, "1", **changes)
    path = f"/staff/messages/{only().id}"
    assert "Send it again" not in coordinator.get(path).text


def test_words_from_a_participant_wait_until_somebody_has_read_them(
    coordinator: Visitor, participant: Participant
) -> None:
    receive("I feel dizzy", provider_id="SM1")
    page = coordinator.visit("/staff/messages")
    assert page.says("I feel dizzy")
    row = db.session.scalars(select(InboundText)).one()
    coordinator.submit("/staff/messages", action=f"/staff/messages/inbound/{row.id}/read")
    assert "I feel dizzy" not in coordinator.get("/staff/messages").text
    assert db.session.scalars(select(InboundText.read_at)).one() == NOW


def test_other_sites_texts_are_not_there(coordinator: Visitor) -> None:
    add_planned(enrol(2, site="XX"), "1")
    assert coordinator.get(f"/staff/messages/{only().id}").status_code == 404


def test_a_data_manager_reads_and_does_nothing(staff_of: Callable[[Role], Visitor], participant: Participant) -> None:
    add_planned(participant, "2026-11-23", **FAILED, final_at=NOW)
    reader = staff_of(Role.DATA_MANAGER)
    page = reader.get(f"/staff/messages/{only().id}").text
    assert "Send it again" not in page
    assert "Switch reminders off" not in reader.get("/staff/participants/RJ-001/texts").text


def test_the_wordings_stand_with_their_size_and_where_they_may_go(coordinator: Visitor) -> None:
    page = coordinator.visit("/staff/messages/wording")
    for words in ("Diary reminder", "of GSM-7, segments: 1", "fit to send", "no provider yet", "+86", "a registered"):
        assert page.says(words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Please%20fill%20in%20our%20survey", "survey"),
        ("See%20https://x.org", "holds a link, which +86 refuses"),
        ("It%E2%80%99s", "of UCS-2, segments: 1"),
    ],
)
def test_words_may_be_tried(coordinator: Visitor, words: str, said: str) -> None:
    assert coordinator.visit(f"/staff/messages/wording?words={words}&language=en").says(said)


def test_a_late_job_is_named_on_every_page_of_staff(coordinator: Visitor, client: Visitor) -> None:
    with transaction() as session:
        long_ago = NOW - timedelta(hours=2)
        heartbeats.record_run(session, job="send-due", started_at=long_ago, finished_at=long_ago, detail="")
    for path in ("/staff/messages", "/staff/participants"):
        assert coordinator.visit(path).says("Background work is late: sending of texts.")
    assert "Background work" not in client.get("/sign-in").text


def test_a_clock_that_was_never_started_is_told_once_pages_were_long_served(app: Flask, coordinator: Visitor) -> None:
    assert not coordinator.visit("/staff/messages").says("Background work")
    app.extensions["pages_since"] -= 3_600
    assert coordinator.visit("/staff/messages").says("Background work is late: planning of reminders, sending of texts")
