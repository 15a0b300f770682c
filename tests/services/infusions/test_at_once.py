"""Two who change one plan: the second is told, nobody's change is lost, and what a preview showed is what is done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from portal import protocols
from portal.domain.errors import Conflict, PortalError
from portal.extensions import db, transaction
from portal.models.infusions import Infusion
from portal.services import infusions
from tests.support.people import NOW, TODAY, enrol
from tests.support.plans import NURSE, STEPS, act, infusion, planned

PROTOCOL = protocols.load_protocol()


def preview(number: int, to: datetime) -> infusions.MovePreview:
    db.session.rollback()
    return infusions.preview_move(
        db.session, actor=NURSE, infusion_id=infusion(number).id, to=to, protocol=PROTOCOL, now=NOW
    )


def times() -> dict[int, datetime]:
    db.session.rollback()
    found = select(Infusion.number, Infusion.planned_at)
    return {row.number: row.planned_at for row in db.session.execute(found)}


@pytest.mark.parametrize(("number", "days"), [(2, 1), (3, 4), (8, 1), (1, 5)])
def test_a_move_does_what_its_preview_showed_and_nothing_else(core: Flask, number: int, days: int) -> None:
    planned()
    before, to = times(), infusion(number).planned_at + timedelta(days=days)
    shown = preview(number, to)
    assert times() == before
    act("move", number, to=to, protocol=PROTOCOL, version=shown.version)
    assert times() == before | {one.number: one.after for one in shown.shifts}


@pytest.mark.parametrize("verb", ["move", "hold", "confirm", "give"])
def test_a_page_that_shows_an_older_plan_changes_nothing(core: Flask, verb: str) -> None:
    planned()
    old = preview(3, infusion(3).planned_at + timedelta(days=1)).version
    act("hold", 5)
    before = times()
    given = {
        "move": {"to": infusion(3).planned_at + timedelta(days=1), "protocol": PROTOCOL},
        "hold": {"reason": "fever"},
        "confirm": {},
        "give": {"given": None, "protocol": PROTOCOL},
    }[verb]
    id_ = infusion(3).id
    with pytest.raises(Conflict), transaction() as session:
        STEPS[verb](session, actor=NURSE, infusion_id=id_, now=NOW, version=old, **given)
    assert times() == before


def test_of_two_who_move_one_plan_at_once_one_is_told(core: Flask) -> None:
    planned()
    shown = {number: preview(number, infusion(number).planned_at + timedelta(days=1)) for number in (2, 5)}
    ids = {number: infusion(number).id for number in shown}
    gate = Barrier(2)

    def move(number: int) -> str:
        with core.app_context():
            try:
                with transaction() as session:
                    wait(gate)
                    infusions.move_infusion(
                        session,
                        actor=NURSE,
                        infusion_id=ids[number],
                        to=shown[number].shifts[0].after,
                        protocol=PROTOCOL,
                        now=NOW,
                        version=shown[number].version,
                    )
            except PortalError as error:
                return error.code
            return "moved"

    db.session.rollback()
    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(move, shown)) == ["conflict", "moved"]


def test_of_two_who_plan_at_once_one_is_told(core: Flask) -> None:
    person = enrol(day=10, enrolled_on=TODAY)
    gate, id_ = Barrier(2), person.id

    def plan(weekdays: tuple[int, int]) -> str:
        with core.app_context():
            try:
                with transaction() as session:
                    wait(gate)
                    infusions.plan_infusions(
                        session, actor=NURSE, participant_id=id_, protocol=PROTOCOL, now=NOW, weekdays=weekdays
                    )
            except PortalError as error:
                return error.code
            return "planned"

    db.session.rollback()
    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(plan, [(1, 4), (2, 5)])) == ["conflict", "planned"]
    assert len(times()) == 8


def wait(gate: Barrier) -> None:
    """Both stand inside their transaction. On SQLite there is only ever one inside."""
    if db.engine.dialect.name == "postgresql":
        gate.wait(timeout=30)
