"""Within 48 hours of an infusion the diary asks how it was borne, and the answers are judged as such."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import select

from portal import protocols
from portal.extensions import db, transaction
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.triage import Flag
from portal.services import infusions
from tests.support.people import NOW
from tests.support.plans import NURSE, act, planned
from tests.support.web.diary import fill_in
from tests.support.web.sign_in import activate, issue_card, sign_in
from tests.support.web.visitor import Visitor

HOUR = timedelta(hours=1)


@pytest.fixture
def treated(visitors: Callable[[], Visitor], clock: time_machine.Traveller) -> Visitor:
    """Somebody whose first infusion began just now."""
    person = planned()
    activate(issue_card(person.accounts[0].id))
    given = infusions.GivenInfusion(Decimal("62.5"), NOW, NOW, "MSC-1")
    with transaction() as session:
        first = session.scalars(select(Infusion).where(Infusion.number == 1)).one()
        who = {"actor": NURSE, "protocol": protocols.load_protocol(), "now": NOW}
        infusions.record_infusion(session, infusion_id=first.id, given=given, **who)
    return visitors()


def rules() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Flag.rule_id)))


@pytest.mark.parametrize(("hours", "asked"), [(1, True), (47, True), (49, False)])
def test_the_page_is_there_for_48_hours_and_second(
    treated: Visitor, clock: time_machine.Traveller, hours: int, asked: bool
) -> None:
    clock.move_to(NOW + hours * HOUR)
    seen = fill_in(sign_in(treated))
    assert ("infusion" in seen[1]) is asked
    assert len(seen) == (7 if asked else 6)


def test_hives_after_an_infusion_are_red_and_said_at_once(treated: Visitor, clock: time_machine.Traveller) -> None:
    clock.shift(HOUR)
    fill_in(sign_in(treated), **{"infusion-signs": "hives-rash"})
    severity, answers = db.session.execute(select(Diary.severity, Diary.answers)).one()
    assert (severity, answers["infusion-signs"]) == ("red", ["hives-rash"])
    assert treated.visit("/today").says("Call now")
    assert any(rule.startswith("infusion") for rule in rules())


def test_another_new_symptom_is_amber_within_the_48_hours_only(treated: Visitor, clock: time_machine.Traveller) -> None:
    clock.shift(HOUR)
    fill_in(sign_in(treated), **{"infusion-signs": "headache"})
    assert db.session.scalar(select(Diary.severity)) == "amber"


def test_an_infusion_that_was_planned_and_is_not_recorded_yet_asks(
    visitors: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    """It stood in the plan for half an hour ago; nobody has recorded it."""
    activate(issue_card(planned().accounts[0].id))
    assert len(fill_in(sign_in(visitors()))) == 7


def test_an_infusion_that_was_held_asks_nothing(visitors: Callable[[], Visitor], clock: time_machine.Traveller) -> None:
    person = planned()
    act("hold", 1)
    activate(issue_card(person.accounts[0].id))
    assert len(fill_in(sign_in(visitors()))) == 6
