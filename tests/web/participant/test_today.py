"""One thing to do, and what has become of what was sent."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from portal import protocols
from portal.domain.access import Actor, Role
from portal.extensions import db, transaction
from portal.models.people import Participant
from portal.services import diary, infusions, triage
from tests.support.answers import BLOODY, submission, themselves
from tests.support.people import NOW, TODAY, acting_for, enrol, hire
from tests.support.web.sign_in import activate, issue_card, sign_in
from tests.support.web.visitor import Visitor

SITE = protocols.load_protocol().site("RJ")
WARD, URGENT = (f"tel:{number.replace(' ', '')}" for number in (SITE.ward_phone, SITE.urgent_phone))
YESTERDAY = TODAY - timedelta(days=1)


def send(person: Participant, **answers: object) -> int:
    with transaction() as session:
        return diary.submit_diary(
            session,
            actor=themselves(person),
            submission=submission(**answers),
            now=NOW,  # type: ignore[arg-type]
        ).diary_id


def somebody(client: Visitor, number: int = 9, **changes: object) -> Visitor:
    person = enrol(number, **changes)
    activate(issue_card(person.accounts[0].id))
    return sign_in(client, who=f"1380013{number:04}")


def bloody(person: Participant) -> int:
    return send(person, **{key.replace("-", "_"): value for key, value in BLOODY.items()})


def warm(person: Participant) -> int:
    return send(person, temperature_taken=True, temperature=Decimal("37.6"))


def claim(person: Participant) -> None:
    nurse = Actor(kind="staff", role=Role.COORDINATOR, id=hire(), sites=frozenset({"RJ"}))
    with transaction() as session:
        for seen in triage.list_latest_episodes(session, actor=acting_for(person), now=NOW):
            triage.claim_episode(
                session, actor=nurse, episode_id=seen.episode_id, version=1, now=NOW + timedelta(minutes=42)
            )


def test_there_is_one_thing_to_do(signed_in: Visitor) -> None:
    page = signed_in.visit("/today")
    assert page.says("Fill in today's diary about 2 minutes")
    assert "/diary" in page.links


def test_the_study_day_is_named(signed_in: Visitor) -> None:
    assert signed_in.visit("/today").says("Monday 23 November · day +20 after the transplant")


def test_the_wards_number_is_always_a_link(signed_in: Visitor) -> None:
    assert WARD in signed_in.visit("/today").links


def test_feeling_unwell_is_one_tap_away(signed_in: Visitor) -> None:
    assert "/unwell" in signed_in.visit("/today").links


def test_once_sent_it_says_thank_you_and_offers_to_add(signed_in: Visitor, participant: Participant) -> None:
    diary_id = send(participant)
    page = signed_in.visit("/today")
    assert page.says("Diary sent, thank you")
    assert {"/diary?worse=1", f"/record/{diary_id}"} <= set(page.links)


def test_yesterdays_diary_can_be_filled_in_until_noon(
    signed_in: Visitor, visitors: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    page = signed_in.visit("/today")
    assert page.says("You can still do it until 12:00 today.")
    clock.shift(timedelta(hours=2))
    assert not sign_in(visitors()).visit("/today").says("Yesterday's diary")


def test_the_link_to_yesterdays_diary_leads_there(signed_in: Visitor) -> None:
    assert str(signed_in.get("/diary?day=yesterday").location).startswith(f"/diary/{YESTERDAY}/")


def test_yesterdays_diary_once_sent_is_not_asked_for(signed_in: Visitor, participant: Participant) -> None:
    send(participant, diary_on=YESTERDAY)
    assert not signed_in.visit("/today").says("Yesterday's diary")


def test_red_says_call_now_with_the_number_as_a_button(signed_in: Visitor, participant: Participant) -> None:
    bloody(participant)
    page = signed_in.visit("/today")
    assert page.says("Call now")
    assert URGENT in page.links


def test_amber_names_the_deadline(signed_in: Visitor, participant: Participant) -> None:
    warm(participant)
    assert signed_in.visit("/today").says("A study nurse will look at your answers by Tuesday 24 November, 09:00.")


@pytest.mark.usefixtures("both_databases")
def test_an_amber_says_when_the_nurse_has_seen_it(signed_in: Visitor, participant: Participant) -> None:
    warm(participant)
    claim(participant)
    assert signed_in.visit("/today").says("Seen by the study nurse at 10:42")


def test_a_claimed_red_still_says_call_now_and_by_when_a_nurse_calls(
    signed_in: Visitor, participant: Participant, clock: time_machine.Traveller
) -> None:
    bloody(participant)
    claim(participant)
    page = signed_in.visit("/today")
    assert page.says("Call now")
    assert URGENT in page.links
    assert page.says("A nurse has seen it and will call you by")
    assert not page.says("Seen by the study nurse")
    clock.shift(timedelta(hours=3))
    late = sign_in(signed_in).visit("/today")
    assert late.says("Call now")
    assert not late.says("will call you by")


def test_nothing_reported_means_nothing_to_read(signed_in: Visitor) -> None:
    page = signed_in.visit("/today")
    assert not page.says("Call now")
    assert not page.says("study nurse")


def test_the_next_infusion_is_named_with_day_time_and_place(signed_in: Visitor, participant: Participant) -> None:
    with transaction() as session:
        nurse = Actor(kind="staff", role=Role.COORDINATOR, sites=frozenset({"RJ"}))
        infusions.plan_infusions(
            session, actor=nurse, participant_id=participant.id, protocol=protocols.load_protocol(), now=NOW
        )
    page = signed_in.visit("/today")
    assert page.says("Next: Infusion")
    assert page.says("09:30, Day ward")


def test_before_its_first_day_no_diary_is_asked_for(client: Visitor) -> None:
    visitor = somebody(client, day=3)
    page = visitor.visit("/today")
    assert page.says("No diary is due today.")
    assert page.says("I feel unwell")


@pytest.mark.parametrize("day", [20, 99])
@pytest.mark.usefixtures("both_databases")
def test_the_page_asks_the_database_a_fixed_number_of_times(client: Visitor, statements: list[str], day: int) -> None:
    visitor = somebody(client, day=day)
    statements.clear()
    visitor.get("/today")
    few = len(statements)
    person = db.session.query(Participant).one()
    bloody(person)
    warm_again = submission(client_id="c-2", temperature_taken=True, temperature=Decimal("38.5"))
    with transaction() as session:
        diary.submit_diary(session, actor=themselves(person), submission=warm_again, now=NOW)
    statements.clear()
    visitor.get("/today")
    assert len(statements) == few
    assert few <= 13


@pytest.mark.usefixtures("both_databases")
def test_the_record_lists_sent_late_and_missed_days(signed_in: Visitor, participant: Participant) -> None:
    send(participant, diary_on=YESTERDAY)
    bloody_today = {key.replace("-", "_"): value for key, value in BLOODY.items()}
    send(participant, client_id="c-2", **bloody_today)
    page = signed_in.visit("/record")
    rows = [" ".join(words.split()) for words in page.words.split("day +")[1:]]
    assert rows[0].startswith("20 Answers of 10:00, Monday 23 November sent call now")
    assert rows[1].startswith("19 Answers of 10:00, Sunday 22 November sent late")
    assert rows[2].startswith("18 missed")
    assert len(rows) == 11


def test_today_and_yesterday_are_not_missed_while_they_are_open(signed_in: Visitor) -> None:
    assert signed_in.visit("/record").words.count("not sent yet") == 2


def test_a_day_opens_with_its_answers_and_who_gave_them(signed_in: Visitor, participant: Participant) -> None:
    diary_id = bloody(participant)
    page = signed_in.visit(f"/record/{diary_id}")
    assert page.says("Answered by the participant.")
    assert page.says("Obvious blood") or page.says("obvious")


def test_nobody_elses_record_can_be_read(client: Visitor, participant: Participant) -> None:
    theirs = bloody(participant)
    assert somebody(client).get(f"/record/{theirs}").status_code == 404


def test_a_record_that_does_not_exist_is_not_found(signed_in: Visitor) -> None:
    assert signed_in.get("/record/999").status_code == 404


def test_the_record_goes_on_page_by_page_without_a_gap(client: Visitor, clock: time_machine.Traveller) -> None:
    visitor = somebody(client, day=70)
    person = db.session.query(Participant).one()
    for back in range(40):
        on = TODAY - timedelta(days=back)
        send(person, client_id=f"c-{back}", diary_on=on, entered_at=NOW - timedelta(days=back))
    first = visitor.visit("/record")
    (following,) = [link for link in first.links if link.startswith("/record?before=")]
    second = visitor.visit(following)
    days = (first.words + second.words).split("day +")[1:]
    assert [int(words.split()[0]) for words in days] == list(range(70, 9, -1))


@pytest.mark.parametrize("before", ["x", "2026-13-01.1", "2026-11-20", "..", "2026-11-20.x"])
def test_an_odd_address_shows_the_first_page(signed_in: Visitor, before: str) -> None:
    assert signed_in.get(f"/record?before={before}").status_code == 200


def test_a_guardians_answers_say_so(client: Visitor) -> None:
    from datetime import time

    from portal.services.enrolment import NewAccount

    mother = NewAccount(role=Role.GUARDIAN, name="王芳", phone="13900139000", language="en", reminder_at=time(19))
    person = enrol(7, accounts=(mother,), born_on=date(2011, 5, 4))
    activate(issue_card(person.accounts[0].id), year="2011")
    sign_in(client, who="13900139000")
    actor = Actor(kind="account", role=Role.GUARDIAN, id=person.accounts[0].id, participant_id=person.id)
    with transaction() as session:
        receipt = diary.submit_diary(session, actor=actor, submission=submission(), now=NOW)
    assert client.visit(f"/record/{receipt.diary_id}").says("Answered by the guardian.")


def test_what_an_answer_opens_waits_out_of_sight_until_then(signed_in: Visitor) -> None:
    path = signed_in.get("/diary").location or ""
    untouched = signed_in.get(path).text.count("data-closed")
    form = signed_in.visit(path).form("").filled()
    opened = signed_in.post(path, data={**form, "temperature-taken": "yes"}).text.count("data-closed")
    assert (untouched, opened) == (1, 0)
