"""What the ward's lists hold, on both databases: in order, page by page, and only of one's own sites."""

import pytest
from flask import Flask
from sqlalchemy import event, select

from portal import protocols
from portal.domain.access import Actor, Role
from portal.domain.errors import Conflict, NotFound
from portal.extensions import db, transaction
from portal.models.infusions import Infusion, Visit
from portal.models.people import Participant
from portal.services import infusions
from tests.support.people import NOW
from tests.support.plans import NURSE, act, move, planned

PROTOCOL = protocols.load_protocol()
ELSEWHERE = Actor(kind="staff", role=Role.COORDINATOR, id=1, sites=frozenset({"XX"}))
Named = tuple[str, str]


def name(row: infusions.InfusionListRow) -> Named:
    return row.study_number, str(row.infusion.number) if row.infusion else str(row.visit and row.visit.code)


def every_page(of: str, monkeypatch: pytest.MonkeyPatch, size: int) -> list[Named]:
    monkeypatch.setattr("portal.services.infusions.lists.PAGE", size)
    found, after = [], None
    while True:
        page = listed(of, after)
        assert len(page.rows) <= size
        found += [name(row) for row in page.rows]
        after = page.next_after
        if after is None:
            return found


def listed(of: str, after: infusions.Key | None = None, actor: Actor = NURSE) -> infusions.InfusionListPage:
    db.session.rollback()
    if of == "due":
        return infusions.list_due(db.session, actor=actor, protocol=PROTOCOL, now=NOW, after=after)
    return infusions.list_deviations(db.session, actor=actor, protocol=PROTOCOL, after=after)


def hold(person: Participant, number: int) -> None:
    with transaction() as session:
        which = select(Infusion.id).where(Infusion.participant_id == person.id, Infusion.number == number)
        infusions.hold_infusion(session, actor=NURSE, infusion_id=session.scalars(which).one(), reason="fever", now=NOW)


@pytest.mark.parametrize("size", [1, 2, 50])
def test_due_is_read_page_by_page_without_a_gap(core: Flask, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Two who come at the same minute, and two infusions put off for the same day."""
    for number in (1, 2):
        hold(planned(number), 3)
    assert every_page("due", monkeypatch, size) == [("RJ-001", "1"), ("RJ-002", "1"), ("RJ-001", "3"), ("RJ-002", "3")]


def test_todays_visit_is_due_beside_the_infusions(core: Flask) -> None:
    planned(1, arm="control", day=28)
    assert [name(row) for row in listed("due").rows] == [("RJ-001", "d28")]


def test_deviations_are_rules_and_reasons_oldest_first(core: Flask) -> None:
    planned()
    act("miss", 1)
    move(3, days=-2)
    rows = listed("deviations").rows
    told = [(name(row)[1], row.infusion and row.infusion.deviations) for row in rows]
    assert told == [("1", (("count", "fever"),)), ("3", (("spacing", "fever"), ("window", "fever")))]


def test_a_visit_outside_its_window_deviates(core: Flask) -> None:
    person = planned(arm="control")
    with transaction() as session:
        visit = session.scalars(select(Visit).where(Visit.participant_id == person.id, Visit.code == "d28")).one()
        infusions.miss_visit(session, actor=NURSE, visit_id=visit.id, reason="in another city", now=NOW)
    (row,) = listed("deviations").rows
    assert row.visit is not None
    assert (row.visit.state, row.visit.reason) == ("missed", "in another city")


@pytest.mark.parametrize("of", ["due", "deviations"])
def test_another_site_sees_nothing(core: Flask, of: str) -> None:
    planned()
    act("miss", 1)
    assert listed(of, actor=ELSEWHERE).rows == ()


def test_a_list_takes_three_statements_however_long_it_is(core: Flask) -> None:
    for number in (1, 2, 3):
        planned(number)
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    assert len(listed("due").rows) == 3
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 3


def test_a_course_tells_everything_of_one_person(core: Flask) -> None:
    planned()
    act("hold", 2)
    seen = infusions.get_infusion_plan(db.session, actor=NURSE, study_number="RJ-001")
    assert [one.state for one in seen.infusions][:3] == ["planned", "held", "planned"]
    assert [one.study_day for one in seen.infusions][:3] == [10, 13, 17]
    assert [(one.code, one.from_on <= one.at.date() <= one.until_on) for one in seen.visits] == [
        ("d28", True), ("d56", True), ("d100", True), ("d180", True),
    ]  # fmt: skip


def test_a_course_of_another_site_is_not_there(core: Flask) -> None:
    planned()
    with pytest.raises(NotFound):
        infusions.get_infusion_plan(db.session, actor=ELSEWHERE, study_number="RJ-001")


def test_a_draft_is_not_made_where_there_is_a_plan(core: Flask) -> None:
    planned()
    with pytest.raises(Conflict):
        infusions.draft_plan(
            db.session, actor=NURSE, study_number="RJ-001", protocol=PROTOCOL, now=NOW, weekdays=(1, 4)
        )
