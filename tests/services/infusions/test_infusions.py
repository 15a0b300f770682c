"""A participant's infusions and visits, on both databases."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event, select

from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.infusions import BrokenRule, PlanRule
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.diary import Diary
from portal.models.infusions import Infusion, Visit
from portal.models.messages import Message
from portal.models.people import Account, Participant
from portal.services import audit, infusions, messages
from tests.support.people import NOW, TODAY, acting_for, enrol
from tests.support.plans import NURSE, PROTOCOL, STEPS, planned

GIVEN = infusions.GivenInfusion(
    weight_kg=Decimal("62.5"),
    started_at=NOW - timedelta(hours=2),
    ended_at=NOW - timedelta(hours=1),
    lot="MSC-2026-011",
)


def rows() -> list[Infusion]:
    return list(db.session.scalars(select(Infusion).order_by(Infusion.number)))


def days() -> list[date]:
    return [row.planned_at.date() for row in rows()]


def act(verb: str, number: int = 1, **values: object) -> object:
    infusion_id = rows()[number - 1].id
    with transaction() as session:
        return STEPS[verb](session, actor=NURSE, infusion_id=infusion_id, now=NOW, **values)


def move(number: int, by_days: int, **values: object) -> infusions.MoveResult:
    to = rows()[number - 1].planned_at + timedelta(days=by_days)
    result = act("move", number, to=to, protocol=PROTOCOL, **values)
    assert isinstance(result, infusions.MoveResult)
    return result


def test_the_trial_arm_gets_eight_planned_infusions_in_the_morning(core: Flask) -> None:
    planned()
    assert [(row.number, row.state) for row in rows()] == [(number, "planned") for number in range(1, 9)]
    assert rows()[0].planned_at == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def test_the_control_arm_gets_no_infusion_row_at_all(core: Flask) -> None:
    planned(arm="control")
    assert rows() == []


def test_both_arms_get_the_visits(core: Flask) -> None:
    planned(arm="control")
    assert list(db.session.scalars(select(Visit.code).order_by(Visit.planned_at))) == ["d28", "d56", "d100", "d180"]


def test_a_second_plan_is_refused(core: Flask) -> None:
    person = planned()
    with pytest.raises(Conflict), transaction() as session:
        infusions.plan_infusions(session, actor=NURSE, participant_id=person.id, protocol=PROTOCOL, now=NOW)


def test_nobody_can_plan_for_nobody(core: Flask) -> None:
    with pytest.raises(NotFound), transaction() as session:
        infusions.plan_infusions(session, actor=NURSE, participant_id=999, protocol=PROTOCOL, now=NOW)


def test_a_given_infusion_records_the_dose_of_its_weight(core: Flask) -> None:
    planned()
    assert act("give", given=GIVEN, protocol=PROTOCOL) == 62_500_000
    first = rows()[0]
    assert (first.state, first.dose_cells, first.lot) == ("given", 62_500_000, "MSC-2026-011")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weight_kg", Decimal("19.9")),
        ("weight_kg", Decimal("250.1")),
        ("started_at", NOW + timedelta(minutes=1)),
        ("ended_at", NOW - timedelta(hours=3)),
        ("ended_at", NOW + timedelta(minutes=1)),
        ("lot", "  "),
    ],
)
def test_what_was_given_must_make_sense(core: Flask, field: str, value: object) -> None:
    planned()
    values = {name: getattr(GIVEN, name) for name in ("weight_kg", "started_at", "ended_at", "lot")}
    with pytest.raises(Invalid) as caught:
        act("give", given=infusions.GivenInfusion(**{**values, field: value}), protocol=PROTOCOL)  # type: ignore[arg-type]
    assert field in caught.value.problems


@pytest.mark.parametrize(("verb", "state"), [("hold", "held"), ("miss", "missed"), ("cancel", "cancelled")])
def test_a_step_with_a_reason_keeps_it(core: Flask, verb: str, state: str) -> None:
    planned()
    act(verb, reason="Fever in the morning")
    assert (rows()[0].state, rows()[0].reason) == (state, "Fever in the morning")


@pytest.mark.parametrize("verb", ["hold", "miss", "cancel"])
def test_a_step_that_needs_a_reason_asks_for_it(core: Flask, verb: str) -> None:
    planned()
    with pytest.raises(Invalid):
        act(verb, reason=" ")


def test_what_was_given_is_not_given_again(core: Flask) -> None:
    planned()
    act("give", given=GIVEN, protocol=PROTOCOL)
    with pytest.raises(Conflict):
        act("give", given=GIVEN, protocol=PROTOCOL)


def test_moving_the_third_shifts_the_fourth_and_keeps_the_first_plan(core: Flask) -> None:
    planned()
    before = days()
    assert move(3, 1) == infusions.MoveResult(numbers=(3, 4), broken=())
    assert days() == [*before[:2], before[2] + timedelta(days=1), before[3] + timedelta(days=1), *before[4:]]
    assert rows()[2].original_at.date() == before[2]


def test_a_move_that_breaks_a_rule_wants_a_reason(core: Flask) -> None:
    planned()
    with pytest.raises(Invalid) as caught:
        move(3, -1, reason="")
    assert "reason" in caught.value.problems


def test_a_move_that_breaks_a_rule_names_it(core: Flask) -> None:
    planned()
    act("confirm", 3)
    moved = move(3, -2, reason="Bank holiday of the transport")
    assert BrokenRule(3, PlanRule.SPACING) in moved.broken
    assert (rows()[2].state, rows()[2].reason) == ("planned", "Bank holiday of the transport")


def reminders() -> set[tuple[str, str | None]]:
    found = select(Message.state, Message.reason).where(Message.kind.startswith("infusion-"))
    return {(state, reason) for state, reason in db.session.execute(found)}


@pytest.mark.parametrize("verb", ["move", "hold", "miss", "cancel"])
def test_no_text_stays_planned_for_a_date_that_no_longer_holds(core: Flask, verb: str) -> None:
    """The second infusion is tomorrow, and its reminders are planned."""
    person = planned()
    with transaction() as session:
        audit.begin(session, actor=NURSE, action="account:activate", now=NOW, participant_id=person.id)
        session.get_one(Account, person.accounts[0].id).activated_at = NOW
    day_before = rows()[1].planned_at - timedelta(hours=20)
    with transaction() as session:
        messages.plan_reminders(session, now=day_before)
    assert reminders() == {("planned", None)}
    to = {"to": rows()[1].planned_at + timedelta(days=2), "protocol": PROTOCOL} if verb == "move" else {}
    with transaction() as session:
        act = STEPS[verb]
        act(session, actor=NURSE, infusion_id=rows()[1].id, reason="Fever", now=day_before, **to)
    assert reminders() == {("suppressed", "date-changed")}


def test_nothing_moves_into_the_past(core: Flask) -> None:
    planned()
    with pytest.raises(Invalid):
        act("move", 2, to=NOW, protocol=PROTOCOL)


def test_a_missed_infusion_does_not_push_the_others(core: Flask) -> None:
    planned()
    act("miss", 2, reason="Not reachable")
    moved = move(3, -3, reason="The ward has a place on Friday")
    assert moved == infusions.MoveResult(numbers=(3,), broken=(BrokenRule(3, PlanRule.WINDOW),))


def test_a_held_infusion_is_planned_again_by_moving_it(core: Flask) -> None:
    planned()
    act("hold", 2, reason="Fever")
    move(2, 1)
    assert rows()[1].state == "planned"


def test_every_step_is_in_the_trail_with_its_values(core: Flask) -> None:
    planned()
    move(3, 1)
    change = audit.list_row_changes(db.session, entity="infusion", entity_id=rows()[2].id)[-1]
    assert (change.action, change.role) == ("infusion:move", "coordinator")
    assert set(change.fields) == {"planned_at", "sequence", "changed_at"}


def test_planning_is_one_act_a_plan(core: Flask) -> None:
    planned()
    actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.participant_id.is_not(None)))
    assert list(actions) == ["infusions:plan", "visits:plan"]


def test_a_visit_is_recorded_once(core: Flask) -> None:
    person = planned()
    visit = db.session.scalars(select(Visit).where(Visit.participant_id == person.id, Visit.code == "d28")).one()
    later = visit.planned_at + timedelta(hours=3)
    with transaction() as session:
        infusions.attend_visit(session, actor=NURSE, visit_id=visit.id, on=later.date(), now=later)
    with pytest.raises(Conflict), transaction() as session:
        infusions.miss_visit(session, actor=NURSE, visit_id=visit.id, reason="Too ill to travel", now=later)


# --- Reading --------------------------------------------------------------------------------------------------------


def test_the_next_appointment_is_the_soonest_ahead(core: Flask) -> None:
    person = planned()
    act("give", given=GIVEN, protocol=PROTOCOL)
    found = infusions.find_next_appointment(db.session, participant_id=person.id, now=NOW)
    assert found is not None
    assert (found.kind, found.at, found.moved) == ("infusion", rows()[1].planned_at, False)


def test_an_appointment_of_the_last_hour_is_still_the_next(core: Flask) -> None:
    person = planned()
    found = infusions.find_next_appointment(db.session, participant_id=person.id, now=NOW)
    assert found is not None
    assert found.at == rows()[0].planned_at


def test_a_moved_appointment_says_so(core: Flask) -> None:
    person = planned()
    move(2, 1)
    found = infusions.find_next_appointment(db.session, participant_id=person.id, now=NOW + timedelta(days=1))
    assert found is not None
    assert found.moved


def test_the_control_arm_comes_for_visits_only(core: Flask) -> None:
    person = planned(arm="control")
    found = infusions.find_next_appointment(db.session, participant_id=person.id, now=NOW)
    assert found is not None
    assert (found.kind, found.place) == ("visit", None)


def test_after_the_last_visit_there_is_nothing_ahead(core: Flask) -> None:
    person = planned()
    later = NOW + timedelta(days=400)
    assert infusions.find_next_appointment(db.session, participant_id=person.id, now=later) is None


@pytest.mark.parametrize(("seconds", "found"), [(0, 1), (1, 0)])
def test_given_times_count_from_an_instant_on(core: Flask, seconds: int, found: int) -> None:
    person = planned()
    act("give", given=GIVEN, protocol=PROTOCOL)
    since = GIVEN.started_at + timedelta(seconds=seconds)
    assert len(infusions.list_given_times(db.session, participant_id=person.id, since=since)) == found


def the_month(
    person: Participant, *, year: int = 2026, month: int = 11, now: datetime = NOW
) -> infusions.CalendarMonth:
    return infusions.get_calendar_month(db.session, actor=acting_for(person), year=year, month=month, now=now)


def the_day(calendar: infusions.CalendarMonth, on: date) -> infusions.CalendarDay:
    return next(day for week in calendar.weeks for day in week if day and day.on == on)


def write_diary(person: Participant, on: date, timing: str) -> None:
    account = person.accounts[0].id
    with transaction() as session:
        audit.begin(session, actor=NURSE, action="diary:submit", now=NOW, participant_id=person.id)
        session.add(
            Diary(
                participant_id=person.id,
                account_id=account,
                answered_by="participant",
                client_id=f"{on}{timing}",
                diary_on=on,
                study_day=1,
                questionnaire="daily-diary|1",
                protocol_version="1.0",
                language="en",
                entered_at=NOW,
                entered_offset_minutes=480,
                received_at=NOW,
                timing=timing,
                answers={},
                skipped=[],
                free_text=None,
                weight_kg=None,
                severity=None,
                estimate={},
            )
        )


@pytest.mark.parametrize(
    ("timings", "state"),
    [(["on-time"], "sent"), (["late"], "late"), (["late", "on-time"], "sent"), (["beyond"], "missed"), ([], "missed")],
)
def test_a_day_shows_what_became_of_its_diary(core: Flask, timings: list[str], state: str) -> None:
    person = enrol()
    for timing in timings:
        write_diary(person, TODAY - timedelta(days=3), timing)
    assert the_day(the_month(person), TODAY - timedelta(days=3)).diary == state


@pytest.mark.parametrize(("offset", "state"), [(-2, "missed"), (0, "open"), (1, None)])
def test_only_a_day_that_has_begun_has_a_diary(core: Flask, offset: int, state: str | None) -> None:
    person = enrol()
    assert the_day(the_month(person), TODAY + timedelta(days=offset)).diary == state


@pytest.mark.parametrize(("hour", "state"), [(3, "open"), (4, "missed")])
def test_yesterday_is_open_until_noon(core: Flask, hour: int, state: str) -> None:
    person = enrol()
    calendar = the_month(person, now=NOW.replace(hour=hour))
    assert the_day(calendar, TODAY - timedelta(days=1)).diary == state


def test_a_day_leads_to_its_newest_report(core: Flask) -> None:
    person = enrol()
    write_diary(person, TODAY, "on-time")
    write_diary(person, TODAY, "late")
    newest = db.session.scalar(select(Diary.id).order_by(Diary.id.desc()).limit(1))
    assert the_day(the_month(person), TODAY).diary_id == newest


def test_before_enrolment_and_after_day_hundred_no_diary_is_due(core: Flask) -> None:
    person = enrol(day=101)
    assert the_day(the_month(person), TODAY).diary is None
    assert the_day(the_month(person), TODAY - timedelta(days=1)).diary == "open"
    early = enrol(2, day=10, enrolled_on=TODAY)
    assert the_day(the_month(early), TODAY - timedelta(days=1)).diary is None


def test_a_month_shows_moved_appointments_where_they_are_now(core: Flask) -> None:
    person = planned()
    move(2, 1)
    calendar = the_month(person)
    assert the_day(calendar, date(2026, 11, 26)).entries == ()
    (entry,) = the_day(calendar, date(2026, 11, 27)).entries
    assert entry.was_at == datetime(2026, 11, 26, 1, 30, tzinfo=UTC)


def test_appointments_are_listed_ahead_and_behind(core: Flask) -> None:
    person = planned()
    act("give", given=GIVEN, protocol=PROTOCOL)
    calendar = the_month(person)
    assert [entry.state for entry in calendar.past] == ["given"]
    assert len(calendar.upcoming) == 7 + 4


def test_one_can_turn_from_the_first_month_to_the_last_and_no_further(core: Flask) -> None:
    person = planned()
    assert the_month(person).previous is None
    assert the_month(person).next == (2026, 12)
    assert the_month(person, year=2027, month=5).next is None


def test_a_month_takes_four_statements_however_full_it_is(core: Flask) -> None:
    actor = acting_for(planned())
    db.session.rollback()
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    infusions.get_calendar_month(db.session, actor=actor, year=2026, month=12, now=NOW)
    assert len([one for one in statements if one.startswith("SELECT")]) == 4


@pytest.mark.parametrize(("code", "offset", "inside"), [
    ("d28", -4, False), ("d28", -3, True), ("d28", 3, True), ("d28", 4, False),
    ("d100", -8, False), ("d100", -7, True), ("d100", 7, True), ("d100", 8, False),
])  # fmt: skip
def test_a_visit_outside_its_window_wants_a_reason(core: Flask, code: str, offset: int, inside: bool) -> None:
    planned()
    visit = db.session.scalars(select(Visit).where(Visit.code == code)).one()
    on = TODAY - timedelta(days=10) + timedelta(days=int(code[1:]) + offset)
    later = datetime(on.year, on.month, on.day, 8, tzinfo=UTC)
    assert (visit.window_from_on <= on <= visit.window_until_on) is inside
    with transaction() as session:
        given = {"actor": NURSE, "visit_id": visit.id, "on": on, "now": later}
        if inside:
            infusions.attend_visit(session, **given)
        else:
            with pytest.raises(Invalid):
                infusions.attend_visit(session, **given)
