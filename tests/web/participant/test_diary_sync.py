"""Diaries that waited on a phone: sent as JSON, each stored once, with its own time of entry and a verdict."""

import html
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal import protocols
from portal.extensions import db, transaction
from portal.models.diary import Diary, DiaryDraft
from portal.models.infusions import Infusion
from portal.models.people import Participant
from portal.models.triage import Flag
from portal.services import infusions
from tests.support.people import NOW, TODAY, enrol
from tests.support.plans import NURSE
from tests.support.web.sign_in import activate, issue_card, sign_in
from tests.support.web.visitor import Visitor

WELL: dict[str, Any] = {
    "temperature-taken": "no",
    "warning-signs": ["none"],
    "skin-change": "no",
    "stomach-trouble": "no",
    "bowel-trouble": "no",
    "liver-signs": ["none"],
    "immunosuppressant": "all-taken",
    "weight": "",
    "note": "",
}
YESTERDAY = TODAY - timedelta(days=1)


def told(visitor: Visitor) -> dict[str, Any]:
    """What the page tells the phone of the person who is signed in."""
    page = visitor.get("/today").text
    facts: dict[str, Any] = json.loads(html.unescape(page.split('data-facts="')[1].split('"')[0]))
    return facts


def send(visitor: Visitor, facts: dict[str, Any], **changes: Any) -> TestResponse:
    csrf = visitor.get("/diary/device").get_json()["csrf"]
    body = {
        "account": facts["account"], "client_id": "phone-1", "diary_on": str(TODAY), "entered_at": NOW.isoformat(),
        "offset_minutes": 480, "language": "en", "contact": facts["contact"], "raw": WELL, **changes,
    }  # fmt: skip
    return visitor.post("/diary/sync", json=body, headers={"X-CSRFToken": csrf})


def stored() -> Diary:
    db.session.rollback()
    return db.session.execute(select(Diary)).scalar_one()


def test_a_waiting_diary_is_stored_once_with_its_own_time(signed_in: Visitor, clock: time_machine.Traveller) -> None:
    facts = told(signed_in)
    entered = NOW + timedelta(hours=1)
    clock.move_to(NOW + timedelta(hours=30))
    first = send(sign_in(signed_in), facts, entered_at=entered.isoformat()).get_json()
    again = send(signed_in, facts, entered_at=entered.isoformat()).get_json()
    assert (first["result"], again["result"]) == ("accepted", "again")
    assert first["url"] == again["url"]
    diary = stored()
    assert (diary.entered_at, diary.received_at) == (entered, NOW + timedelta(hours=30))
    assert (diary.timing, diary.client_id, diary.entered_offset_minutes) == ("on-time", "phone-1", 480)


@pytest.mark.parametrize(
    ("hours", "verdict"), [(1, "accepted"), (14, "late"), (27, "beyond")], ids=["the same day", "by noon", "after it"]
)
def test_the_window_is_judged_by_the_time_of_entry(
    signed_in: Visitor, clock: time_machine.Traveller, hours: int, verdict: str
) -> None:
    facts = told(signed_in)
    clock.move_to(NOW + timedelta(hours=40))
    answer = send(sign_in(signed_in), facts, entered_at=(NOW + timedelta(hours=hours)).isoformat())
    assert answer.get_json()["result"] == verdict


@pytest.mark.parametrize(("there", "verdict"), [("16:30", "accepted"), ("17:30", "late")], ids=["23:30", "00:30"])
def test_a_phone_that_travels_writes_by_the_days_of_its_participant(
    signed_in: Visitor, clock: time_machine.Traveller, there: str, verdict: str
) -> None:
    """In Berlin it is still afternoon when the day ends in Shanghai; the page says which day it is about."""
    facts = told(signed_in)
    clock.move_to(NOW + timedelta(hours=15))
    entered = f"{TODAY}T{there}:00+01:00"
    answer = send(sign_in(signed_in), facts, entered_at=entered, offset_minutes=60)
    assert (answer.get_json()["result"], stored().entered_offset_minutes) == (verdict, 60)


@pytest.mark.parametrize("token", ["", None, "forged"])
def test_a_phone_that_cannot_prove_its_last_contact_is_judged_by_the_arrival(
    signed_in: Visitor, clock: time_machine.Traveller, token: str | None
) -> None:
    facts = told(signed_in)
    clock.move_to(NOW + timedelta(hours=14))
    assert send(sign_in(signed_in), facts, contact=token).get_json()["result"] == "late"
    assert stored().entered_at == NOW + timedelta(hours=14)


def test_a_day_named_by_a_clock_that_is_behind_is_not_believed_either(signed_in: Visitor) -> None:
    facts = told(signed_in)
    early = NOW - timedelta(hours=12)
    answer = send(signed_in, facts, diary_on=str(YESTERDAY), entered_at=early.isoformat())
    assert answer.get_json()["result"] == "beyond"
    assert (stored().entered_at, stored().diary_on) == (NOW, TODAY)


def test_a_clock_hours_off_on_the_right_day_makes_a_diary_of_that_day(signed_in: Visitor) -> None:
    facts = told(signed_in)
    answer = send(signed_in, facts, entered_at=(NOW + timedelta(hours=5)).isoformat())
    assert answer.get_json()["result"] == "accepted"
    assert (stored().entered_at, stored().diary_on) == (NOW, TODAY)


def test_a_report_of_the_day_that_was_entered_later_stands(signed_in: Visitor, clock: time_machine.Traveller) -> None:
    facts = told(signed_in)
    clock.move_to(NOW + timedelta(minutes=30))
    send(signed_in, facts, client_id="guardian", entered_at=(NOW + timedelta(minutes=20)).isoformat())
    answer = send(signed_in, facts, entered_at=(NOW + timedelta(minutes=1)).isoformat())
    assert answer.get_json()["result"] == "superseded"
    assert db.session.scalar(select(func.count(Diary.id))) == 2


def test_nobody_sends_what_somebody_else_wrote(visitors: Callable[[], Visitor], signed_in: Visitor, app: Any) -> None:
    facts = told(signed_in)
    other = enrol(2)
    activate(issue_card(other.accounts[0].id))
    second = sign_in(visitors(), who="13800130002")
    answer = send(second, facts)
    assert (answer.status_code, answer.get_json()["result"]) == (403, "other-account")
    assert db.session.scalar(select(func.count(Diary.id))) == 0


def test_another_accounts_contact_proves_nothing(visitors: Callable[[], Visitor], signed_in: Visitor,
                                                 clock: time_machine.Traveller) -> None:  # fmt: skip
    facts = told(signed_in)
    activate(issue_card(enrol(2).accounts[0].id))
    second = sign_in(visitors(), who="13800130002")
    clock.move_to(NOW + timedelta(minutes=30))
    send(second, {**told(second), "contact": facts["contact"]})
    assert stored().entered_at == NOW + timedelta(minutes=30)


def test_answers_that_need_another_look_are_kept_as_a_report_and_become_the_days_draft(
    signed_in: Visitor, coordinator: Visitor
) -> None:
    raw = {**WELL, "temperature-taken": "yes", "temperature": "73", "note": "Two words"}
    answer = send(signed_in, told(signed_in), raw=raw)
    assert (answer.status_code, answer.get_json()["result"]) == (200, "unfinished")
    assert answer.get_json()["url"] == f"/diary/{TODAY}/review"
    kept = stored()
    assert (kept.client_id, kept.timing, kept.unread) == ("phone-1", "beyond", {"temperature": "73"})
    assert (kept.answers["immunosuppressant"], kept.free_text) == ("all-taken", {"note": "Two words"})
    assert db.session.execute(select(DiaryDraft)).scalar_one().client_id != "phone-1"
    assert coordinator.visit(f"/staff/participants/RJ-001/diaries/{kept.id}").says("temperature: 73")
    assert signed_in.visit(f"/diary/{TODAY}/review").says("Two words")


RED = {**WELL, "warning-signs": ["chest-pain"]}
AHEAD = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    "odd",
    [
        {"entered_at": "now"}, {"entered_at": "2026-11-23T02:00:00"}, {"entered_at": None}, {"client_id": ""},
        {"client_id": "x" * 37}, {"language": "fr"}, {"language": []}, {"offset_minutes": 9999}, {"diary_on": "today"},
        {"diary_on": "11/23/26"}, {"diary_on": "2026-02-31"}, {"diary_on": None}, {"diary_on": "2026-W48-1"},
        {"diary_on": str(AHEAD.date()), "entered_at": AHEAD.isoformat()},
        {"diary_on": str(TODAY + timedelta(days=1)), "entered_at": (NOW + timedelta(minutes=2)).isoformat()},
        {"diary_on": "2019-01-01", "entered_at": "2019-01-01T08:00:00+08:00"},
        {"diary_on": "2066-01-01", "entered_at": "2066-01-01T08:00:00+08:00"},
        {"entered_at": "0001-01-01T00:00:00+14:00"},
        {"diary_on": str(TODAY - timedelta(days=40))}, {"contact": 7}, {"contact": {}},
        {"raw": {"warning-signs": ["chest-pain"]}},
        {"raw": {"warning-signs": "chest-pain"}},
        {"raw": {"warning-signs": ["chest-pain", "none"]}},
        {"raw": {"warning-signs": ["chest-pain", "a-sign-of-next-year"], "note": "\ud800\x00"}},
        {"raw": {**RED, "temperature-taken": "yes", "temperature": "42.5"}},
        {"raw": {**RED, "temperature-taken": "perhaps"}},
        {"raw": {**RED, "a-question-of-next-year": "yes"}},
        {"raw": {**RED, "bowel-trouble": "yes", "loose-stool-count": "2", "stool-unmeasured-count": "9"}},
        {"raw": {**RED, "skin-areas": ["none"], "weight": {"kg": 3}, "note": 5}},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_arrives_is_kept_and_its_red_reaches_triage(signed_in: Visitor, odd: dict[str, Any]) -> None:
    facts = told(signed_in)
    answer = send(signed_in, facts, **{"raw": RED, **odd})
    found = answer.get_json()
    assert (answer.status_code, found["severity"], set(found)) == (200, "red", {"result", "severity", "reason", "url"})
    kept = stored()
    assert found["url"] == f"/diary/sent/{kept.id}"
    assert (kept.answers["warning-signs"], kept.severity) == (["chest-pain"], "red")
    assert abs(kept.entered_at - NOW) <= timedelta(minutes=2)
    assert kept.diary_on in (TODAY, TODAY - timedelta(days=1))
    assert signed_in.visit(found["url"]).says("Call now")
    rules = db.session.scalars(select(Flag.rule_id)).all()
    assert "chest-pain-red" in rules
    assert send(signed_in, facts, **{"raw": RED, **odd}).get_json()["result"] == "again"


@pytest.mark.parametrize(
    ("typed", "kept", "unread"),
    [("39.55", "39.6", None), ("37.95", "38.0", None), ("0x26", None, {"temperature": "0x26"}),
     ("3.85e1", None, {"temperature": "3.85e1"})],
)  # fmt: skip
def test_a_temperature_that_the_portal_does_not_take_takes_nothing_with_it(
    signed_in: Visitor, typed: str, kept: str | None, unread: dict[str, str] | None
) -> None:
    raw = {**WELL, "temperature-taken": "yes", "temperature": typed, "warning-signs": ["breathlessness"]}
    assert send(signed_in, told(signed_in), raw=raw).get_json()["severity"] == "red"
    assert (stored().answers.get("temperature"), stored().unread) == (kept, unread)


def test_a_phone_a_day_ahead_is_read_as_a_report_of_the_day_of_arrival(signed_in: Visitor) -> None:
    answer = send(signed_in, told(signed_in), diary_on=str(AHEAD.date()), entered_at=AHEAD.isoformat(), raw=RED)
    assert (answer.get_json()["result"], stored().diary_on, stored().timing) == ("beyond", TODAY, "beyond")


@pytest.mark.parametrize("empty", [{"raw": []}, {"raw": {}}, {"raw": {"weight": ""}}, {"raw": None}])
def test_what_holds_no_answer_is_answered_and_not_kept(signed_in: Visitor, empty: dict[str, Any]) -> None:
    answer = send(signed_in, told(signed_in), **empty)
    assert (answer.status_code, answer.get_json()["result"], answer.get_json()["url"]) == (200, "refused", "/today")
    assert db.session.scalar(select(func.count(Diary.id))) == 0


def test_a_draft_of_the_day_is_not_replaced_by_what_needs_another_look(signed_in: Visitor) -> None:
    path = f"/diary/{TODAY}/how-you-are"
    form = signed_in.visit(path).form("")
    signed_in.post(
        path, data=form.filled(**{"temperature-taken": "yes", "temperature": "36.9", "warning-signs": "none"})
    )
    answer = send(signed_in, told(signed_in), raw={"warning-signs": ["chest-pain"], "temperature": "35.2"})
    assert answer.get_json()["severity"] == "red"
    assert db.session.execute(select(DiaryDraft)).scalar_one().content["raw"]["temperature"] == "36.9"


def test_a_red_answer_that_waited_reaches_triage(signed_in: Visitor) -> None:
    raw = {**WELL, "warning-signs": ["chest-pain"]}
    assert send(signed_in, told(signed_in), raw=raw).get_json()["severity"] == "red"


@pytest.mark.parametrize(("hours", "asked"), [(47, True), (49, False)])
def test_a_phone_is_given_the_infusion_page_within_48_hours_and_not_later(
    signed_in: Visitor, participant: Participant, clock: time_machine.Traveller, hours: int, asked: bool
) -> None:
    give_now(participant)
    clock.move_to(NOW + timedelta(hours=hours))
    extra = told(sign_in(signed_in)).get("extraPage")
    assert (extra is not None) is asked
    assert not asked or ('name="infusion-signs"' in extra["html"] and extra["page"]["name"] and extra["rules"])


def give_now(person: Participant) -> None:
    """The first infusion of a plan that is made now."""
    given = infusions.GivenInfusion(Decimal("62.5"), NOW, NOW, "MSC-1", deviation="late")
    protocol = protocols.load_protocol()
    with transaction() as session:
        who = {"actor": NURSE, "protocol": protocol, "now": NOW}
        infusions.plan_infusions(session, participant_id=person.id, **who)
        first = session.scalars(select(Infusion).where(Infusion.number == 1)).one()
        infusions.record_infusion(session, infusion_id=first.id, given=given, **who)


def test_the_infusion_page_may_be_missing_when_the_phone_could_not_know(
    signed_in: Visitor, participant: Participant
) -> None:
    raw = {**WELL, "infusion-signs": ["none"]}
    assert send(signed_in, told(signed_in), raw=raw).get_json()["result"] == "accepted"
    assert stored().answers["infusion-signs"] == ["none"]


def test_it_wants_a_token_and_somebody_signed_in(client: Visitor, signed_in: Visitor) -> None:
    assert signed_in.post("/diary/sync", json={}).status_code == 400
    with signed_in.session_transaction() as session:
        session.clear()
    assert signed_in.get("/diary/device").status_code == 302
